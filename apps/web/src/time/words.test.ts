import { describe, expect, it } from "vitest";

import { ageText, clockText, durationText, exactText } from "./words.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const at = Date.UTC(2026, 10, 25, 14, 2, 3);

describe("durationText", () => {
  it.each([
    [-5, "0 ms"],
    [42, "42 ms"],
    [480, "0.4 s"],
    [9_960, "9.9 s"],
    [12_900, "12 s"],
    [3 * minute + 12 * second, "3 m 12 s"],
    [3 * minute, "3 m"],
    [2 * hour + 5 * minute + 59 * second, "2 h 05 m"],
    [4 * day + 3 * hour, "4 d 3 h"],
    [4 * day, "4 d"],
  ])("%i ms is %s", (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});

describe("ageText", () => {
  it.each([
    [0, "now"],
    [8 * second, "8 s ago"],
    [59 * second + 999, "59 s ago"],
    [5 * minute, "5 m ago"],
    [3 * hour, "3 h ago"],
    [50 * hour, "2 d ago"],
    [-5 * minute, "in 5 m"],
  ])("%i ms ago is %s", (ms, text) => {
    expect(ageText(at, at + ms)).toBe(text);
  });
});

it("tells the time of day alone where the day is plain, and the date where it isn't", () => {
  expect(clockText(at, at + hour)).toMatch(/^14:02:03$/);
  expect(clockText(at, at + 3 * day)).toMatch(/25.*2026|2026.*25/);
});

it("tells the exact time with its zone", () => {
  expect(exactText(at)).toMatch(/14:02:03.*UTC/);
});
