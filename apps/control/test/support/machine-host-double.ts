/**
 * A provider for the tests of the Worker: it speaks the machine host's API and does what a test tells it to, such as
 * leaving a server in creation for ever, which no real machine can be asked for. It runs in Node, behind the service
 * binding; a test steers it and looks into it through `/double`.
 */
import { z } from "zod";

export const doubleBehaviourSchema = z.object({
  /** What a server's status is when it is asked for: `initializing` for ever, or `running` at once. */
  status: z.enum(["initializing", "starting", "running"]),
  /** Answers every create with this error. */
  refuseCreate: z.object({ status: z.number(), code: z.string() }).nullable(),
  /** Creates the server and then loses the reply, this often. */
  loseCreateReplies: z.number(),
  /** Answers nothing but `/double`. */
  unavailable: z.boolean(),
  /** A server that is to be destroyed stays in the list, for ever `deleting`. */
  neverGone: z.boolean(),
});
export type DoubleBehaviour = z.infer<typeof doubleBehaviourSchema>;

const wellBehaved: DoubleBehaviour = {
  status: "running",
  refuseCreate: null,
  loseCreateReplies: 0,
  unavailable: false,
  neverGone: false,
};

const createSchema = z.object({
  name: z.string(),
  machineType: z.string(),
  location: z.string(),
  labels: z.record(z.string(), z.string()),
  userData: z.string(),
});

export const doubleStateSchema = z.object({
  servers: z.array(createSchema.extend({ id: z.string() })),
  creates: z.number(),
  destroys: z.number(),
  polls: z.number(),
  /** What was attached to which server. */
  attached: z.array(z.object({ serverId: z.string(), path: z.string() })),
});
export type DoubleState = z.infer<typeof doubleStateSchema>;
type Server = DoubleState["servers"][number];

const json = (body: unknown, status = 200) => Response.json(body, { status });
const refuse = (status: number, code: string) =>
  json({ error: { code, message: `the double was told to say ${code}` } }, status);

export class MachineHostDouble {
  #behaviour = wellBehaved;
  #servers = new Map<string, Server>();
  #counts = { creates: 0, destroys: 0, polls: 0 };
  #attached: DoubleState["attached"] = [];

  async handle(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === "/double") return this.#steer(request);
    if (this.#behaviour.unavailable) return refuse(503, "unavailable");
    const route = `${request.method} ${url.pathname.split("/").slice(0, 3).join("/")}`;
    const id = url.pathname.split("/")[3];
    if (route === "GET /v1/machine-types") return this.#catalog();
    if (route === "GET /v1/isolation") return json({ processes: "unknown", limits: "unknown", reasons: ["a double"] });
    if (route === "POST /v1/servers" && id === undefined) return this.#create(request);
    if (route === "GET /v1/servers" && id === undefined) return this.#list(url);
    const server = id === undefined ? undefined : this.#servers.get(id);
    if (server === undefined) return refuse(404, "not_found");
    if (request.method === "DELETE") return this.#destroy(server);
    if (url.pathname.endsWith("/repositories")) return this.#attach(server, request);
    this.#counts.polls += 1;
    return json({ server: this.#shown(server) });
  }

  async #steer(request: Request): Promise<Response> {
    if (request.method === "POST") {
      this.#behaviour = { ...wellBehaved, ...(await changeOf(request)) };
      this.#servers = new Map();
      this.#counts = { creates: 0, destroys: 0, polls: 0 };
      this.#attached = [];
    } else if (request.method === "PATCH") {
      this.#behaviour = { ...this.#behaviour, ...(await changeOf(request)) };
    }
    const servers = [...this.#servers.values()];
    return json({ servers, ...this.#counts, attached: this.#attached } satisfies DoubleState);
  }

  async #create(request: Request): Promise<Response> {
    const body = createSchema.parse(await request.json());
    const { refuseCreate } = this.#behaviour;
    if (refuseCreate !== null) return refuse(refuseCreate.status, refuseCreate.code);
    if ([...this.#servers.values()].some((server) => server.name === body.name)) return refuse(409, "uniqueness_error");
    this.#counts.creates += 1;
    const server = { ...body, id: `srv-${this.#counts.creates}` };
    this.#servers.set(server.id, server);
    if (this.#behaviour.loseCreateReplies > 0) {
      this.#behaviour = { ...this.#behaviour, loseCreateReplies: this.#behaviour.loseCreateReplies - 1 };
      return refuse(503, "unavailable");
    }
    return json({ server: this.#shown(server) }, 201);
  }

  async #attach(server: Server, request: Request): Promise<Response> {
    const repository = z.object({ path: z.string() }).parse(await request.json());
    this.#attached.push({ serverId: server.id, ...repository });
    return json({ repository }, 201);
  }

  #list(url: URL): Response {
    const wanted = (url.searchParams.get("labelSelector") ?? "").split(",").filter((it) => it !== "");
    const servers = [...this.#servers.values()].filter((server) =>
      wanted.every((selector) => {
        const [key = "", value] = selector.split("=");
        return server.labels[key] === value;
      }),
    );
    return json({ servers: servers.map((server) => this.#shown(server)), meta: { pagination: { nextPage: null } } });
  }

  #destroy(server: Server): Response {
    this.#counts.destroys += 1;
    if (!this.#behaviour.neverGone) this.#servers.delete(server.id);
    return json({ server: { ...this.#shown(server), status: "deleting" } }, 202);
  }

  #shown({ userData: _userData, ...server }: Server) {
    return { ...server, status: this.#behaviour.status, createdAt: "2026-01-01T00:00:00.000Z" };
  }

  #catalog(): Response {
    const readAt = "2026-01-01T00:00:00.000Z";
    const size = { vcpu: 2, memoryBytes: 4_000_000_000, diskBytes: null, locations: ["this-machine"] };
    const price = { monthlyPrice: { amount: 0, currency: "EUR" } };
    return json({
      source: "double",
      readAt,
      machineTypes: [{ name: "local", description: "a double", ...size, ...price }],
    });
  }
}

async function changeOf(request: Request): Promise<Partial<DoubleBehaviour>> {
  const change = doubleBehaviourSchema.partial().parse(await request.json());
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
