import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "sqlite",
  schema: [
    "./src/database/schema.ts",
    "./src/agent/agent-tables.ts",
    "./src/audit/audit-tables.ts",
    "./src/saved/saved-tables.ts",
    "./src/push/push-tables.ts",
    "./src/secret/secret-tables.ts",
    "./src/session/session-tables.ts",
  ],
  out: "./migrations",
});
