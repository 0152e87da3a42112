import { describe, expect, it } from "vitest";

import { SecretMask } from "./secret-mask.ts";

const value = 'k"ey/+of some\\model=42';
const mask = new SecretMask([
  { name: "MODEL_KEY", value },
  { name: "SHORT", value: "12345" },
  { name: "PEM", value: "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nAQEFAASCBKcwggSjAgEAAoIB\n-----END KEY-----" },
]);

describe("a mask", () => {
  it("hides a secret in every form that common encodings make of it", () => {
    const forms = [
      value,
      JSON.stringify(value),
      JSON.stringify(JSON.stringify(value)),
      encodeURIComponent(value),
      encodeURIComponent(value).toLowerCase().replace("k%22ey%2fof", "k%22ey%2fof"),
      new URLSearchParams({ key: value }).toString(),
      ...["", "a", "ab", "user:"].map((before) => Buffer.from(`${before}${value}${before}`).toString("base64")),
      Buffer.from(`x${value}`).toString("base64url"),
    ];
    expect(forms.filter((form) => !mask.mask(`<${form}>`).includes("[secret MODEL_KEY]"))).toEqual([]);
    expect(mask.mask(`${value} and ${value}`)).toBe("[secret MODEL_KEY] and [secret MODEL_KEY]");
  });

  it("hides a key of many lines where it is shown line by line", () => {
    expect(mask.mask("+MIIEvQIBADANBgkqhkiG9w0\n+AQEFAASCBKcwggSjAgEAAoIB")).toBe("+[secret PEM]\n+[secret PEM]");
    expect(mask.mask("-----BEGIN KEY-----")).toBe("-----BEGIN KEY-----");
  });

  it("leaves what is too short to be told from innocent text, and everything else", () => {
    expect(mask.mask("12345 and some model")).toBe("12345 and some model");
    expect(new SecretMask([]).split("anything")).toEqual({ shown: "anything", held: "" });
  });

  it.each([
    ["a colour that begins within it", `k"ey\u001b[01;31m/+of some\\mod\u001b[m\u001b[Kel=42`],
    ["a link", `\u001b]8;;http://x\u0007${value}\u001b]8;;\u0007`],
    ["letters that take no room", Array.from(value).join("\u200b")],
  ])("hides a secret behind %s", (_, text) => {
    expect(mask.mask(`<${text}>`).replaceAll(/\u001b\][^\u0007]*\u0007/g, "")).toBe("<[secret MODEL_KEY]>");
    expect(mask.mask("\u001b[31mred\u001b[0m a\u200bb")).toBe("\u001b[31mred\u001b[0m a\u200bb");
  });

  it("hides all of two secrets that overlap, and the longer of two that begin alike", () => {
    const both = new SecretMask([
      { name: "ONE", value: "abcdef" },
      { name: "TWO", value: "defghi" },
      { name: "LONG", value: "abcdef-and-more" },
    ]);
    expect(both.mask("<abcdefghi>")).toBe("<[secret ONE]>");
    expect(both.mask("<abcdef-and-more>")).toBe("<[secret LONG]>");
  });

  it("hides the end of a secret at the beginning of an output that was cut, and the beginning at the end of one that grows", () => {
    expect(mask.maskTail(`${value.slice(5)} was used`)).toBe("[secret MODEL_KEY] was used");
    expect(mask.maskTail("model was used")).toBe("model was used");
    expect(mask.maskGrowing(`using ${value.slice(0, 9)}`)).toBe("using …");
    expect(mask.maskGrowing("a task of k")).toBe("a task of k");
  });
});

describe("a text that comes in pieces", () => {
  it("shows nothing of a secret, wherever it is cut", () => {
    const text = `begin ${value} and ${value}${value} end`;
    const whole = mask.mask(text);
    for (let first = 0; first <= text.length; first += 1) {
      for (const second of [first, first + 1, first + 7, text.length]) {
        const pieces = [text.slice(0, first), text.slice(first, second), text.slice(Math.max(first, second))];
        let held = "";
        let shown = "";
        for (const piece of pieces) {
          const split = mask.split(held + piece);
          shown += split.shown;
          held = split.held;
          expect(shown).not.toContain(value.slice(0, 6));
        }
        expect(shown + mask.mask(held)).toBe(whole);
      }
    }
  });

  it("holds back no more than what could begin one", () => {
    expect(mask.split("a plain sentence.")).toEqual({ shown: "a plain sentence.", held: "" });
    expect(mask.split('ask"k"e')).toEqual({ shown: 'ask"', held: 'k"e' });
  });

  it("does not show the first part of one whose own beginning stands in it again", () => {
    const tricky = new SecretMask([{ name: "T", value: "abcabcX" }]);
    const first = tricky.split("--abcabcabc");
    const second = tricky.split(`${first.held}X--`);
    expect(first.shown + second.shown).toBe("--abc[secret T]--");
  });
});
