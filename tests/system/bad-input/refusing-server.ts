/** An HTTP server on loopback that refuses whoever asks for a repository, with the status in the path. */
import { once } from "node:events";
import { createServer } from "node:http";

import type { Finisher } from "../support/sam-command.ts";

/** @returns the URL of a repository that is refused with this status. */
export async function refusingServer(test: Finisher, status: 401 | 403 | 404): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(status, { "www-authenticate": 'Basic realm="private"', "content-type": "text/plain" });
    response.end("refused\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen");
  return `http://127.0.0.1:${address.port}/project.git`;
}
