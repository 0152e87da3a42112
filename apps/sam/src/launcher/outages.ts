/**
 * Outages of the control plane, and the sign of life that they are told from. The sign of life is a time up to which
 * the launcher vouches for the control plane, written every second; what lies between it and the next start is an
 * outage. It lies a little ahead, so that no outage begins before a transition that was still made.
 */
import { closeSync, constants, openSync, writeSync } from "node:fs";

import type { Outage } from "@sam/domain/outage";
import { z } from "zod";

import type { DataDirectory } from "../data-directory/data-directory.ts";
import { readFileIfThere, readJson, replaceFile } from "../data-directory/files.ts";

export const signIntervalMs = 1_000;
/** Twice the interval: one late tick is no gap. */
export const vouchedMs = 2 * signIntervalMs;
const keptOutages = 100;
/** A gap this long between two ticks means that the machine slept. */
const sleptMs = 60_000;

const outagesSchema = z.array(z.object({ from: z.number().int(), to: z.number().int() }));

/** @returns the outages so far, oldest first, with the one that ends now. Stores them. */
export function recordOutage(directory: DataDirectory, nowMs: number): readonly Outage[] {
  const known = readJson(directory.outages, outagesSchema) ?? [];
  const outage = outageUntil(readFileIfThere(directory.alive), nowMs);
  if (outage === null) return known;
  const outages = [...known, outage].slice(-keptOutages);
  replaceFile(directory.outages, `${JSON.stringify(outages)}\n`);
  return outages;
}

/** @returns the outage that a sign of life and the present leave between them; null where there is none. */
export function outageUntil(sign: string | null, nowMs: number): Outage | null {
  if (sign === null || !/^\d{1,16}$/.test(sign.trim())) return null;
  const from = Number(sign.trim());
  return from < nowMs ? { from, to: nowMs } : null;
}

export interface SignOfLife {
  /** Writes the exact end and stops. */
  stop(): void;
}

/**
 * Writes the sign of life every second: one small write, no more.
 * @param onSleep is called after the machine slept, before the next sign is written, so that the gap can be recorded.
 */
export function startSignOfLife(directory: DataDirectory, onSleep: () => void): SignOfLife {
  const file = openSync(directory.alive, constants.O_WRONLY | constants.O_CREAT, 0o600);
  const sign = (untilMs: number) => {
    try {
      writeSync(file, String(untilMs).padStart(16, "0"), 0);
    } catch {
      // A full disk: the next start sees a longer outage, which is the safe side.
    }
  };
  let lastMs = Date.now();
  sign(lastMs + vouchedMs);
  const timer = setInterval(() => {
    const nowMs = Date.now();
    if (nowMs - lastMs > sleptMs) onSleep();
    lastMs = nowMs;
    sign(nowMs + vouchedMs);
  }, signIntervalMs);
  return {
    stop: () => {
      clearInterval(timer);
      sign(Date.now());
      closeSync(file);
    },
  };
}
