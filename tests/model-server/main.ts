/**
 * The model server as a program, for trying an agent by hand: it prints its URL as one line of JSON.
 *
 *   node tests/model-server/main.ts --port 0 [--status 500] [--delay-ms 100] [--chunk-size 8] [--api-key K]
 *     [--model M ...] [--request-folder DIR]
 */
import { parseArgs } from "node:util";

import { z } from "zod";

import { ModelServer } from "./model-server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    status: { type: "string" },
    "delay-ms": { type: "string" },
    "chunk-size": { type: "string" },
    "api-key": { type: "string" },
    model: { type: "string", multiple: true },
    "request-folder": { type: "string" },
  },
});

const number = z.coerce.number().int().nonnegative();

const server = await ModelServer.start({
  port: number.parse(values.port),
  ...(values.status === undefined ? {} : { status: number.parse(values.status) }),
  ...(values["delay-ms"] === undefined ? {} : { delayMs: number.parse(values["delay-ms"]) }),
  ...(values["chunk-size"] === undefined ? {} : { chunkSize: number.parse(values["chunk-size"]) }),
  ...(values["api-key"] === undefined ? {} : { apiKey: values["api-key"] }),
  ...(values.model === undefined ? {} : { models: values.model }),
  ...(values["request-folder"] === undefined ? {} : { requestFolder: values["request-folder"] }),
});
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
