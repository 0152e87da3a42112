import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  schema: [
    "./src/lifecycle/lifecycle-tables.ts",
    "./src/node/node-tables.ts",
    "./src/record/record-tables.ts",
    "./src/record/provider-call-tables.ts",
  ],
  out: "./drizzle/node",
});
