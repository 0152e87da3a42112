/**
 * Stands in for a package registry, on loopback: it serves packages that a test makes up, and fails as the test says.
 * Each package has a document that names its tarball, and the tarball; npm asks for both.
 */
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** What happens when a tarball is asked for. */
export type Delivery =
  | "whole"
  /** Half of it, then the connection is gone. */
  | "cut"
  /** Half of it, then nothing more, until the registry stops or is told to go on. */
  | "held"
  /** Another package than the one that the lockfile knows. */
  | "forged"
  | "missing"
  | "refused";

export interface StandInPackage {
  readonly name: string;
  readonly version: string;
  readonly tarball: Buffer;
  readonly integrity: string;
}

export class RegistryStandIn {
  /** Paths, in the order in which they were asked for. */
  readonly requests: string[] = [];
  readonly #packages = new Map<string, StandInPackage>();
  readonly #deliveries = new Map<string, Delivery>();
  readonly #held = new Set<() => void>();
  readonly #server: Server;
  #port = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.requests.push(request.url ?? "");
      this.#answer(decodeURIComponent(request.url ?? "").slice(1), response);
    });
  }

  static async start(): Promise<RegistryStandIn> {
    const registry = new RegistryStandIn();
    const { promise, resolve } = Promise.withResolvers<void>();
    registry.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    registry.#port = (registry.#server.address() as AddressInfo).port;
    return registry;
  }

  /** For `npm_config_registry`; nobody answers there once it is stopped. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  /** Adds a package of one version, or replaces it. `padBytes` of noise make it as large as a test wants it. */
  add(name: string, files: Readonly<Record<string, string>>, padBytes = 0, manifest: object = {}): StandInPackage {
    const tarball = pack({
      ...files,
      "package.json": JSON.stringify({ name, version: "1.0.0", ...manifest }),
      ...(padBytes === 0 ? {} : { "noise.txt": randomBytes(padBytes / 2).toString("hex") }),
    });
    const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
    const added = { name, version: "1.0.0", tarball, integrity };
    this.#packages.set(name, added);
    return added;
  }

  deliver(name: string, delivery: Delivery): void {
    this.#deliveries.set(name, delivery);
  }

  /** What is held goes on to its end. */
  release(): void {
    for (const goOn of this.#held) goOn();
    this.#held.clear();
  }

  get heldCount(): number {
    return this.#held.size;
  }

  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  #answer(path: string, response: ServerResponse): void {
    const [name = "", tarball] = path.split("/-/");
    const found = this.#packages.get(name);
    const delivery = this.#deliveries.get(name) ?? "whole";
    if (found === undefined || delivery === "missing") {
      response.writeHead(404, { "content-type": "application/json" }).end('{"error":"not found"}');
    } else if (delivery === "refused") {
      response.writeHead(403, { "content-type": "application/json" }).end('{"error":"forbidden"}');
    } else if (tarball === undefined) {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(this.#document(found)));
    } else {
      this.#send(found, delivery, response);
    }
  }

  #document({ name, version, integrity }: StandInPackage): unknown {
    const tarball = `${this.url}${name}/-/${name.split("/").at(-1)}-${version}.tgz`;
    const manifest = { name, version, dist: { tarball, integrity } };
    return { name, "dist-tags": { latest: version }, versions: { [version]: manifest } };
  }

  #send({ tarball }: StandInPackage, delivery: Delivery, response: ServerResponse): void {
    const half = Math.floor(tarball.length / 2);
    if (delivery === "forged") {
      response.writeHead(200).end(pack({ "package.json": "{}", "evil.js": "" }));
      return;
    }
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": tarball.length });
    switch (delivery) {
      case "cut":
        response.write(tarball.subarray(0, half), () => response.destroy());
        return;
      case "held":
        response.write(tarball.subarray(0, half));
        this.#held.add(() => response.end(tarball.subarray(half)));
        return;
      default:
        response.end(tarball);
    }
  }
}

function pack(files: Readonly<Record<string, string>>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "sam-package-"));
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, "package", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o755 });
  }
  const tarball = execFileSync("tar", ["-C", folder, "-czf", "-", "package"], {
    maxBuffer: 512 * 1024 * 1024,
    timeout: 30_000,
  });
  rmSync(folder, { recursive: true });
  return tarball;
}
