/**
 * A provider for the tests of the Worker: it speaks the machine host's API and does what a test tells it to, such as
 * leaving a server in creation for ever, or lying in its listing, which no real machine can be asked for. It runs in
 * Node, behind the service binding; a test steers it and looks into it through `/double`.
 */
import { z } from "zod";

const createSchema = z.object({
  name: z.string(),
  machineType: z.string(),
  location: z.string(),
  labels: z.record(z.string(), z.string()),
  userData: z.string(),
});

const serverSchema = createSchema.extend({ id: z.string() });

const diskSchema = z.object({
  id: z.string(),
  labels: z.record(z.string(), z.string()),
  serverId: z.string().nullable(),
  createdAt: z.string().nullable(),
  holdsUnsavedWork: z.boolean(),
});
export type DoubleDisk = z.infer<typeof diskSchema>;

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
  /** Servers that were there before, of whomever. */
  strangers: z.array(serverSchema),
  disks: z.array(diskSchema),
  /** What a listing of all servers says, whatever there is: the truth, nothing, or an error. */
  listing: z.enum(["true", "empty", "fails"]),
  /** Answers the destruction of these with an error. */
  refuseDestroy: z.array(z.string()),
});
export type DoubleBehaviour = z.infer<typeof doubleBehaviourSchema>;

const wellBehaved: DoubleBehaviour = {
  status: "running",
  refuseCreate: null,
  loseCreateReplies: 0,
  unavailable: false,
  neverGone: false,
  strangers: [],
  disks: [],
  listing: "true",
  refuseDestroy: [],
};

export const doubleStateSchema = z.object({
  servers: z.array(serverSchema),
  disks: z.array(diskSchema),
  creates: z.number(),
  destroys: z.number(),
  /** The ids of the servers and disks whose destruction was asked for, in their order. */
  destroyed: z.array(z.string()),
  /** Listings of all that there is. */
  listings: z.number(),
  polls: z.number(),
  /** What was attached to which server. */
  attached: z.array(z.object({ serverId: z.string(), path: z.string() })),
});
export type DoubleState = z.infer<typeof doubleStateSchema>;
type Server = DoubleState["servers"][number];

const lastPage = { meta: { pagination: { nextPage: null } } };
const json = (body: unknown, status = 200) => Response.json(body, { status });
const refuse = (status: number, code: string) =>
  json({ error: { code, message: `the double was told to say ${code}` } }, status);

export class MachineHostDouble {
  #behaviour = wellBehaved;
  #servers = new Map<string, Server>();
  #disks = new Map<string, DoubleDisk>();
  #counts = { creates: 0, destroys: 0, polls: 0, listings: 0 };
  #destroyed: string[] = [];
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
    if (route === "GET /v1/disks") return json({ disks: [...this.#disks.values()], ...lastPage });
    if (route === "DELETE /v1/disks") return this.#destroyDisk(id ?? "", url);
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
      this.#counts = { creates: 0, destroys: 0, polls: 0, listings: 0 };
      this.#destroyed = [];
      this.#attached = [];
      this.#place(this.#behaviour);
    } else if (request.method === "PATCH") {
      const change = await changeOf(request);
      this.#behaviour = { ...this.#behaviour, ...change };
      this.#place(change);
    }
    return json({
      servers: [...this.#servers.values()],
      disks: [...this.#disks.values()],
      ...this.#counts,
      destroyed: this.#destroyed,
      attached: this.#attached,
    } satisfies DoubleState);
  }

  #place({ strangers, disks }: Partial<DoubleBehaviour>): void {
    for (const server of strangers ?? []) this.#servers.set(server.id, server);
    if (disks !== undefined) this.#disks = new Map(disks.map((disk) => [disk.id, disk]));
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
    const { listing } = this.#behaviour;
    const wanted = (url.searchParams.get("labelSelector") ?? "").split(",").filter((it) => it !== "");
    const isWhole = wanted.length === 0;
    if (isWhole) this.#counts.listings += 1;
    if (isWhole && listing === "fails") return refuse(503, "unavailable");
    if (isWhole && listing === "empty") return json({ servers: [], ...lastPage });
    const servers = [...this.#servers.values()].filter((server) =>
      wanted.every((selector) => {
        const [key = "", value] = selector.split("=");
        return server.labels[key] === value;
      }),
    );
    return json({ servers: servers.map((server) => this.#shown(server)), ...lastPage });
  }

  #destroy(server: Server): Response {
    this.#counts.destroys += 1;
    this.#destroyed.push(server.id);
    if (this.#behaviour.refuseDestroy.includes(server.id)) return refuse(503, "unavailable");
    if (!this.#behaviour.neverGone) this.#servers.delete(server.id);
    return json({ server: { ...this.#shown(server), status: "deleting" } }, 202);
  }

  #destroyDisk(id: string, url: URL): Response {
    const disk = this.#disks.get(id);
    if (disk === undefined) return refuse(404, "not_found");
    this.#destroyed.push(id);
    if (disk.holdsUnsavedWork && url.searchParams.get("evenUnsaved") !== "true") {
      return json({ disk: { id }, outcome: "kept" });
    }
    this.#disks.delete(id);
    return json({ disk: { id }, outcome: "gone" });
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
