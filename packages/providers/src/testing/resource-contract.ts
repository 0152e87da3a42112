/**
 * The contract of what a provider lists beside servers (`Provider.resources`): what stays behind is found by its label and
 * can be destroyed, what a server uses cannot, and unsaved work goes only where its owner said so.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ProviderError } from "../provider-error.ts";
import { installationLabel, nodeLabel, type Provider, type ProviderResource, type ResourceKind } from "../provider.ts";

export type Labels = Readonly<Record<string, string>>;

/** What an adapter brings to the suite: a provider to use up, and the hands to break something of it. */
export interface ResourceWorld {
  readonly provider: Provider;
  /** The adapter over a transport that fails. */
  readonly broken: Provider;
  readonly kinds: readonly ResourceKind[];
  /** A server that runs, with a resource of its own. @returns the server's id. */
  serve(labels: Labels): Promise<string>;
  /** Leaves a resource of this kind behind, as it stays when its server was lost. @returns its id. */
  leave(kind: ResourceKind, labels: Labels, holdsUnsavedWork: boolean): Promise<string>;
  stop(): Promise<void>;
}

/** Registers the contract's tests for one adapter that offers resources. */
export function describeResourceContract(adapter: string, open: () => Promise<ResourceWorld>): void {
  describe(`resource contract: ${adapter}`, () => {
    let world: ResourceWorld;
    let counter = 0;

    beforeAll(async () => {
      world = await open();
    }, 60_000);
    afterAll(async () => {
      await world.stop();
    }, 60_000);

    const labels = (): Labels => {
      counter += 1;
      return { [installationLabel]: "resource-contract", [nodeLabel]: `node-${counter}` };
    };
    const resources = () => {
      if (world.provider.resources === undefined) throw new Error(`${adapter} offers no resources`);
      return world.provider.resources;
    };
    const find = async (id: string): Promise<ProviderResource | undefined> => {
      return (await resources().list({ labels: {} })).find((resource) => resource.id === id);
    };
    const eachKind = async (check: (kind: ResourceKind) => Promise<void>): Promise<void> => {
      for (const kind of world.kinds) await check(kind);
    };

    it("offers the kinds that it is tested for, and no others", () => {
      expect(resources().kinds).toEqual(world.kinds);
      expect(world.kinds).not.toEqual([]);
    });

    it("lists what a server uses with the server and its labels, and does not let it be destroyed", async () => {
      const own = labels();
      const serverId = await world.serve(own);
      const used = await resources().list({ labels: own });
      expect(used.map(({ kind }) => kind)).toEqual(world.kinds);
      for (const { kind, id, labels: carried, attachedTo } of used) {
        expect({ carried, attachedTo }).toEqual({ carried: own, attachedTo: serverId });
        expect(await codeOf(resources().destroy({ kind, id, evenUnsaved: true }))).toBe("in_use");
      }
      expect(await world.provider.getServer(serverId)).toMatchObject({ status: "running" });
    });

    it("lists by labels: all that carry every one of them, and nothing of another installation", async () => {
      await eachKind(async (kind) => {
        const own = labels();
        const id = await world.leave(kind, own, false);
        const ids = async (wanted: Labels) => (await resources().list({ labels: wanted })).map((each) => each.id);
        expect(await ids(own)).toEqual([id]);
        expect(await ids({ ...own, [installationLabel]: "another" })).toEqual([]);
        expect(await ids({})).toContain(id);
      });
    });

    it("destroys what stayed behind, and says gone of what is not there", async () => {
      await eachKind(async (kind) => {
        const id = await world.leave(kind, labels(), false);
        expect(await find(id)).toMatchObject({ kind, attachedTo: null });
        expect((await find(id))?.holdsUnsavedWork).not.toBe(true);
        expect(await resources().destroy({ kind, id, evenUnsaved: false })).toBe("gone");
        expect(await find(id)).toBeUndefined();
        expect(await resources().destroy({ kind, id, evenUnsaved: false })).toBe("gone");
      });
    });

    it("keeps unsaved work, where it can tell, until it is told to destroy even that", async () => {
      await eachKind(async (kind) => {
        const id = await world.leave(kind, labels(), true);
        const found = await find(id);
        const canTell = found?.holdsUnsavedWork !== null;
        expect(found?.holdsUnsavedWork).not.toBe(false);
        expect(await resources().destroy({ kind, id, evenUnsaved: false })).toBe(canTell ? "kept" : "gone");
        expect((await find(id)) !== undefined).toBe(canTell);
        expect(await resources().destroy({ kind, id, evenUnsaved: true })).toBe("gone");
        expect(await find(id)).toBeUndefined();
      });
    });

    it("throws nothing but a ProviderError where the transport fails: no listing is empty by error", async () => {
      const broken = world.broken.resources;
      if (broken === undefined) throw new Error(`${adapter} offers no resources`);
      expect(await codeOf(broken.list({ labels: {} }))).toBe("unavailable");
      await eachKind(async (kind) => {
        expect(await codeOf(broken.destroy({ kind, id: "some", evenUnsaved: false }))).toBe("unavailable");
      });
    });
  });
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  const outcome = await call.then(
    () => "it succeeded",
    (error: unknown) => error,
  );
  return outcome instanceof ProviderError ? outcome.code : String(outcome);
}
