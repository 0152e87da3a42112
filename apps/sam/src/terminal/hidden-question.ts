/** A question whose answer is not shown while it is typed or pasted. */
const ctrlC = "\u0003";
const ctrlD = "\u0004";
const ctrlU = "\u0015";
const erase = new Set(["\u007f", "\b"]);

/** What has been typed so far, and whether it is whole. */
export interface Typed {
  readonly text: string;
  readonly end: "entered" | "given_up" | null;
}

/** A terminal's input, as far as a question needs it. */
export interface TerminalInput {
  setRawMode(isRaw: boolean): unknown;
  setEncoding(encoding: "utf8"): unknown;
  on(event: "data", listener: (keys: string) => void): unknown;
  once(event: "end", listener: () => void): unknown;
  removeListener(event: "data", listener: (keys: string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** @returns null where the person gave up (Ctrl-C, or Ctrl-D with nothing typed). Needs a terminal. */
export async function askHidden(
  prompt: string,
  input: TerminalInput = process.stdin,
  output: { write(text: string): unknown } = process.stderr,
): Promise<string | null> {
  // Before it is asked: whoever answers at once, as a program does, would be shown by the terminal itself.
  input.setRawMode(true);
  input.setEncoding("utf8");
  try {
    output.write(prompt);
    return await new Promise<string | null>((resolve) => {
      let typed: Typed = { text: "", end: null };
      const onData = (keys: string) => {
        typed = typeKeys(typed, keys);
        if (typed.end === null) return;
        input.removeListener("data", onData);
        resolve(typed.end === "entered" ? typed.text : null);
      };
      input.on("data", onData);
      input.once("end", () => resolve(null));
      input.resume();
    });
  } finally {
    input.setRawMode(false);
    input.pause();
    output.write("\n");
  }
}

/** What keys make of what was typed. A terminal that brackets what is pasted does so around it: the brackets are no part. */
export function typeKeys(before: Typed, keys: string): Typed {
  let { text } = before;
  for (const key of keys.replaceAll(/\u001b\[[0-9;]*[A-Za-z~]/g, "")) {
    if (key === "\r" || key === "\n") return { text, end: "entered" };
    if (key === ctrlC) return { text: "", end: "given_up" };
    if (key === ctrlD) return { text, end: text === "" ? "given_up" : "entered" };
    if (key === ctrlU) text = "";
    else if (erase.has(key)) text = Array.from(text).slice(0, -1).join("");
    else if (key >= " ") text += key;
  }
  return { text, end: null };
}
