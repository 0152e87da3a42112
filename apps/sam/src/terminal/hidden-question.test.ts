import { PassThrough } from "node:stream";

import { describe, expect, it } from "vitest";

import { askHidden, type Typed, typeKeys } from "./hidden-question.ts";

const typed = (...chunks: readonly string[]) =>
  chunks.reduce<Typed>((before, keys) => typeKeys(before, keys), { text: "", end: null });

describe("what is typed unseen", () => {
  it("is asked for once the terminal shows none of it, so that who answers at once is not shown either", async () => {
    const order: string[] = [];
    const setRawMode = (isRaw: boolean) => order.push(isRaw ? "unseen" : "seen");
    const input = Object.assign(new PassThrough(), { setRawMode });
    const answer = askHidden("Value: ", input, { write: (text) => order.push(text) });
    input.write("sk-123\r");
    expect(await answer).toBe("sk-123");
    expect(order).toEqual(["unseen", "Value: ", "seen", "\n"]);
  });

  it("is put together until Enter, and no further", () => {
    expect(typed("sk-", "12", "3")).toEqual({ text: "sk-123", end: null });
    expect(typed("sk-123\rls\r")).toEqual({ text: "sk-123", end: "entered" });
    expect(typed("\n")).toEqual({ text: "", end: "entered" });
  });

  it("can be corrected", () => {
    expect(typed("abc\u007f\bd").text).toBe("ad");
    expect(typed("wrong\u0015right").text).toBe("right");
    expect(typed("a😀\u007f\u007f\u007fb").text).toBe("b");
  });

  it("holds nothing of the brackets around a paste, of arrow keys or of controls", () => {
    expect(typed("\u001b[200~sk-123\u001b[201~").text).toBe("sk-123");
    expect(typed("a\u001b[Db\u0007c").text).toBe("abc");
  });

  it("is given up by Ctrl-C, and by Ctrl-D where there is nothing", () => {
    expect(typed("abc\u0003")).toEqual({ text: "", end: "given_up" });
    expect(typed("\u0004").end).toBe("given_up");
    expect(typed("abc\u0004")).toEqual({ text: "abc", end: "entered" });
  });
});
