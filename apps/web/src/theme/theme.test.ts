import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { meanings } from "../status/meaning.ts";

const css = readFileSync(new URL("theme.css", import.meta.url), "utf8");
const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
    name ?? "",
    [light ?? "", dark ?? ""],
  ]),
);

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const part = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

const grounds = ["canvas", "raised", "sunken"];
const texts = ["ink", "ink-quiet", "accent", ...meanings];
const pairs = [
  ...texts.flatMap((text) => grounds.map((ground) => [text, ground])),
  ...meanings.map((meaning) => [meaning, `${meaning}-soft`]),
  ...meanings.map((meaning) => ["ink", `${meaning}-soft`]),
  ["accent-ink", "accent"],
  ["accent", "accent-soft"],
  ["ink", "accent-soft"],
];

describe.each([
  ["light", 0],
  ["dark", 1],
])("in the %s theme", (_theme, index) => {
  it.each(pairs)("%s on %s can be read", (text = "", ground = "") => {
    const ratio = contrast(colours.get(text)?.[index] ?? "", colours.get(ground)?.[index] ?? "");
    expect(ratio).toBeGreaterThanOrEqual(4.5);
  });

  it.each(["canvas", "raised"])("the edge of a control can be seen on %s", (ground) => {
    expect(
      contrast(colours.get("line-strong")?.[index] ?? "", colours.get(ground)?.[index] ?? ""),
    ).toBeGreaterThanOrEqual(3);
  });
});
