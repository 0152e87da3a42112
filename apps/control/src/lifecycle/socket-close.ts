/** The end of a hibernatable WebSocket. */
const noStatusReceived = 1005;
const endedWithoutClose = 1006;

/** The other half of a close that a client began; without it that client would wait for its own deadline. */
export function answerClose(socket: WebSocket, code: number): void {
  try {
    socket.close(code === noStatusReceived || code === endedWithoutClose ? 1000 : code);
  } catch {
    // It is gone already.
  }
}
