/** What of a home directory a server sees: toolchains, and nothing that only lies beside them. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { findToolchains, isWithin, type Toolchains } from "./toolchains.ts";

const home = realpathSync(mkdtempSync(join(tmpdir(), "sam-home-")));
afterAll(() => rmSync(home, { recursive: true }));

function file(path: string): string {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), "", { mode: 0o755 });
  return join(home, path);
}

function find(...path: string[]): Toolchains {
  return findToolchains({ home, lang: "C", path: path.join(":") });
}

describe("the toolchains that a server sees", () => {
  it("are none of a home directory without programs on the PATH", () => {
    file(".ssh/id_ed25519");
    expect(find("/usr/bin", "", ".", "relative/bin", join(home, "no-such"))).toMatchObject({
      readOnly: [],
      environment: {},
    });
  });

  it("are never the home directory itself, nor what is around it", () => {
    mkdirSync(join(home, "bin"), { recursive: true });
    mkdirSync(join(home, "lib"), { recursive: true });
    const { path, readOnly } = find(home, join(home, "bin"), dirname(home));
    expect(path).toContain(join(home, "bin"));
    expect(readOnly).toEqual([join(home, "bin")]);
  });

  it("leave out what npm puts in front while it runs a script, and Windows' programs", () => {
    const { path } = find(dirname(file("project/node_modules/.bin/wrangler")), "/mnt/c/Windows", "/usr/bin");
    expect(
      path.filter((entry) => !isWithin(entry, "/usr") && !isWithin(entry, "/sbin") && !isWithin(entry, "/bin")),
    ).toEqual([]);
  });

  it("are a version manager's whole home, which it is told of", () => {
    file(".nvm/versions/node/v22/bin/node");
    const { path, readOnly, environment } = find(join(home, ".nvm/versions/node/v22/bin"));
    expect(path[0]).toBe(join(home, ".nvm/versions/node/v22/bin"));
    expect(readOnly).toEqual([join(home, ".nvm")]);
    expect(environment).toEqual({ NVM_DIR: join(home, ".nvm") });
  });

  it("are cargo's programs and rustup's toolchains, and not cargo's credentials", () => {
    file(".cargo/bin/cargo");
    file(".cargo/credentials.toml");
    file(".rustup/settings.toml");
    const { readOnly, environment } = find(join(home, ".cargo/bin"));
    expect(readOnly.toSorted()).toEqual([join(home, ".cargo/bin"), join(home, ".rustup")]);
    expect(environment).toEqual({ RUSTUP_HOME: join(home, ".rustup") });
  });

  it("are where the links of ~/.local/bin lead, and not the keyrings beside", () => {
    file(".local/share/keyrings/login.keyring");
    file(".local/share/pipx/venvs/black/lib/x");
    file(".local/share/agent/versions/1.2/agent");
    file("npm/lib/node_modules/@scope/tool/dist/cli.js");
    mkdirSync(join(home, ".local/bin"), { recursive: true });
    symlinkSync(file(".local/share/pipx/venvs/black/bin/black"), join(home, ".local/bin/black"));
    symlinkSync(join(home, ".local/share/agent/versions/1.2/agent"), join(home, ".local/bin/agent"));
    symlinkSync(join(home, "npm/lib/node_modules/@scope/tool/dist/cli.js"), join(home, ".local/bin/tool"));
    symlinkSync("/nowhere", join(home, ".local/bin/broken"));
    expect(find(join(home, ".local/bin")).readOnly.toSorted()).toEqual([
      join(home, ".local/bin"),
      join(home, ".local/share/agent/versions/1.2/agent"),
      join(home, ".local/share/pipx/venvs/black"),
      join(home, "npm/lib/node_modules/@scope/tool"),
    ]);
  });

  it("are a prefix with its libraries, and of a checkout only its own bin", () => {
    file("tools/jdk/lib/modules");
    file("work/bin/deploy");
    file("work/lib/secret");
    mkdirSync(join(home, "work/.git"));
    const { readOnly } = find(dirname(file("tools/jdk/bin/java")), join(home, "work/bin"));
    expect(readOnly).toEqual([join(home, "tools/jdk"), join(home, "work/bin")]);
  });

  it("are found behind links, such as a shell's own directory of links", () => {
    file(".local/share/fnm/node-versions/v22/installation/bin/node");
    symlinkSync(join(home, ".local/share/fnm/node-versions/v22/installation"), join(home, "multishell"));
    const { path, readOnly } = find(join(home, "multishell/bin"));
    expect(path[0]).toBe(join(home, ".local/share/fnm/node-versions/v22/installation/bin"));
    expect(readOnly).toEqual([join(home, ".local/share/fnm")]);
  });
});
