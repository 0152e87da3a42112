/** `kill -9` of whoever hosts the machine host is a power cut: nothing stays behind, and the next start goes on from disk. */
import { spawn } from "node:child_process";
import { join } from "node:path";

import { afterAll, describe, expect, it, vi } from "vitest";

import { hostMark } from "./host-mark.ts";
import { isAlive, listProcesses, readProcess } from "./process-table.ts";
import { HostingProcess } from "./testing/hosting-process.ts";
import { bootsOn, commandLineOf, processesOf, TestBed, until, vmAgentsOf } from "./testing/test-host.ts";

// Real processes on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const bed = new TestBed();
afterAll(() => bed.close());

/** The VM agent, and the stubborn processes that it starts. */
const usualProcesses = 6;

describe.each(["auto", "plain"] as const)("a power cut in isolation %s", (isolation) => {
  it("leaves no process behind, whatever session it is in, and the next start boots the same servers", async () => {
    const options = bed.options({ isolation });
    const hosting = await HostingProcess.start(options);
    const ids = [await hosting.create("first"), await hosting.create("second")];
    const disk = (id: string): string => join(options.dataDir, "machine-host/servers", id, "disk");
    for (const id of ids) await isUp(id, disk(id));
    const processes = ids.flatMap(processesOf);

    await hosting.killHard();
    await until("none of them is alive", () => processes.every((entry) => !isAlive(entry)));
    expect(ids.flatMap(processesOf)).toEqual([]);
    await until("no warden is left", () => wardens().length === 0);

    const again = await HostingProcess.start(options);
    for (const id of ids) {
      await until("it has booted again", () => bootsOn(disk(id)).length === 2);
      expect(vmAgentsOf(id)).toHaveLength(1);
    }
    await again.end();
    expect(ids.flatMap(processesOf)).toEqual([]);
    expect(wardens()).toEqual([]);
  });

  it("never lets two VM agents run for one server, when the next start follows at once", async () => {
    const options = bed.options({ isolation });
    const first = await HostingProcess.start(options);
    const id = await first.create("quick");
    const disk = join(options.dataDir, "machine-host/servers", id, "disk");
    await isUp(id, disk);
    const old = new Set(processesOf(id).map((entry) => `${entry.pid}/${entry.startTicks}`));

    const killed = first.killHard();
    const starting = HostingProcess.start(options);
    await killed;
    const boots = (): number => bootsOn(disk).length;
    await until("it has booted again", () => {
      expect(vmAgentsOf(id).length).toBeLessThanOrEqual(1);
      return boots() === 2;
    });
    const second = await starting;
    expect(processesOf(id).filter((entry) => old.has(`${entry.pid}/${entry.startTicks}`))).toEqual([]);
    // The first one's warden has had its last look by now, or will: it must not take the second one's servers for its own.
    const [vmAgent] = vmAgentsOf(id).map(readProcess);
    await until("no warden of the first is left", () => wardens().length <= 1);
    expect(vmAgent !== undefined && vmAgent !== null && isAlive(vmAgent)).toBe(true);
    expect(boots()).toBe(2);
    await second.end();
  });

  it("ends what a former start left behind before it boots anything", async () => {
    const dataDir = bed.dataDir();
    const env = { ...process.env, SAM_MACHINE_HOST: `${hostMark(dataDir)}:former`, SAM_SERVER_ID: "srv_former" };
    const leftover = spawn("setsid", ["sh", "-c", "sleep 1000 & wait"], { env, stdio: "ignore", detached: true });
    leftover.unref();
    await until("it is up", () => processesOf("srv_former").length === 2);
    const lines: string[] = [];
    const host = await bed.host({ isolation, dataDir, log: (line) => lines.push(line) });
    expect(processesOf("srv_former")).toEqual([]);
    expect(lines).toContainEqual(expect.stringMatching(/^ended 2 processes/));
    await host.stop();
  });
});

describe("the warden", () => {
  it("is started again when it is killed, and still does its work", async () => {
    const options = bed.options({ isolation: "plain" });
    const hosting = await HostingProcess.start(options);
    const id = await hosting.create("guarded");
    await isUp(id, join(options.dataDir, "machine-host/servers", id, "disk"));
    const [first] = await until("a warden is up", () => (wardens().length === 1 ? wardens() : null));
    process.kill(first ?? 0, "SIGKILL");
    await until("another warden is up", () => wardens().some((pid) => pid !== first));
    const processes = processesOf(id);
    await hosting.killHard();
    await until("none of them is alive", () => processes.every((entry) => !isAlive(entry)));
    expect(processesOf(id)).toEqual([]);
  });
});

async function isUp(id: string, disk: string): Promise<void> {
  await until("its VM agent has booted", () => bootsOn(disk).length === 1);
  await until("its processes are up", () => processesOf(id).length >= usualProcesses);
}

/** The wardens of this file's machine hosts. */
function wardens(): number[] {
  const pids = listProcesses().map((entry) => entry.pid);
  return pids.filter((pid) => commandLineOf(pid).split(" ").includes(bed.programs.warden));
}
