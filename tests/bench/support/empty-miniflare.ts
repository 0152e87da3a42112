/**
 * The baseline of what SAM adds to its platform: a Miniflare with an empty Worker, which also echoes WebSocket messages.
 * Started as a process of its own; says when it is ready, as SAM does.
 */
import { Miniflare } from "miniflare";

const script = `export default { fetch(request) {
  if (request.headers.get("upgrade") !== "websocket") return new Response("ok");
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.addEventListener("message", (event) => server.send(event.data));
  return new Response(null, { status: 101, webSocket: client });
} }`;

const miniflare = new Miniflare({
  host: "127.0.0.1",
  cf: false,
  telemetry: { enabled: false },
  workers: [
    {
      config: {
        name: "empty",
        compatibilityDate: "2026-10-01",
        manifest: {
          mainModule: "main.js",
          modulesRoot: "/",
          modules: { "main.js": { type: "esm", contents: script } },
        },
      },
    },
  ],
});
const url = await miniflare.ready;
const answer = await miniflare.dispatchFetch(url);
if (!answer.ok) throw new Error(`it answered ${answer.status}`);
console.log(`is ready on ${url.href}`);
process.on("SIGINT", () => {
  void miniflare.dispose().then(() => process.exit(0));
});
