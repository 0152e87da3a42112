import { defineConfig } from "drizzle-kit";

export default defineConfig({ dialect: "sqlite", schema: "./src/node/node-tables.ts", out: "./drizzle/node" });
