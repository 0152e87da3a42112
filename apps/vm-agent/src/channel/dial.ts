/** A dial: one attempt at a WebSocket to the control plane, as the node channel uses it. */

export interface ChannelSocket {
  /** As the WebSocket API counts: 1 is open. */
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code: number): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { code: number; reason: string }) => void): void;
}

export type Dial = (url: URL, token: string) => ChannelSocket;
