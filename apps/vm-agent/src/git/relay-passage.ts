/**
 * A passage takes one git command to the git relay: git is given an open pipe as its remote (git-remote-fd(1)), and this
 * process passes what goes through it on to the relay. A stand-in for ssh would be a program of its own for each command,
 * and a port on loopback would be everybody's.
 */
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

import { messageOf } from "../clipped-text.ts";
import { OutputTail } from "../process/output-tail.ts";
import { askRelay, FrameReader, frameTypes, type RelayRequest } from "./relay-client.ts";

/** How git names the pipe, which is its file descriptor 3. */
export const passageAddress = "fd::3/git-relay";
export const passageTransport = "fd";

const complaintBytes = 4 * 1024;

export class Passage {
  readonly #relaySocket: string;
  readonly #request: RelayRequest;
  readonly #complaints = new OutputTail(complaintBytes);

  constructor(relaySocket: string, request: RelayRequest) {
    this.#relaySocket = relaySocket;
    this.#request = request;
  }

  /** What the relay, or git on its side, complained about. */
  get complaints(): string {
    return this.#complaints.text().trim();
  }

  /** Takes this end of the pipe; the other one is git's. Where the relay refuses, git finds its remote hung up. */
  open(pipe: Duplex): void {
    // git ends its half when it has asked for everything; the answer is still to come.
    pipe.allowHalfOpen = true;
    pipe.on("error", () => pipe.destroy());
    this.#connect(pipe).catch((error: unknown) => {
      this.#complaints.push(Buffer.from(`git relay: ${messageOf(error)}`));
      pipe.destroy();
    });
  }

  async #connect(pipe: Duplex): Promise<void> {
    const { answer, socket, rest } = await askRelay(this.#relaySocket, this.#request);
    if (answer.status !== "ok") throw new Error(`${answer.status}: ${answer.message}`);
    if (pipe.destroyed) socket.destroy();
    else this.#join(pipe, socket, rest);
  }

  /** Passes bytes on in both directions, each no faster than the other end takes them. */
  #join(pipe: Duplex, relay: Socket, begun: Buffer): void {
    const frames = new FrameReader();
    const take = (chunk: Buffer) => {
      for (const { type, payload } of frames.push(chunk)) {
        if (type === frameTypes.complaint) this.#complaints.push(payload);
        else if (type === frameTypes.exit) pipe.end();
        else if (!pipe.write(payload)) relay.pause();
      }
    };
    pipe.on("drain", () => relay.resume());
    pipe.on("close", () => relay.destroy());
    relay.on("close", () => pipe.end());
    relay.on("data", take);
    take(begun);
    relay.resume();
    pipe.pipe(relay);
  }
}
