import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  schema: ["./src/lifecycle/lifecycle-tables.ts", "./src/task/task-tables.ts", "./src/record/record-tables.ts"],
  out: "./drizzle/task",
});
