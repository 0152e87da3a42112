/** A secret mask puts `[secret NAME]` in the place of every form of the secrets that it knows. It shows none of them. */
import { formsOf } from "./secret-forms.ts";
import { isDecorated, undecorated } from "./undecorated.ts";

export interface Secret {
  readonly name: string;
  readonly value: string;
}

interface Form {
  readonly text: string;
  readonly name: string;
}

interface Found {
  readonly name: string;
  readonly from: number;
  to: number;
}

/** A text of which the end is still held back. */
export interface Split {
  readonly shown: string;
  /** What could be the beginning of a secret; never more than the longest form. */
  readonly held: string;
}

/** A beginning or an end of a secret that is shorter than this gives nothing away. */
const minPartLength = 4;

export class SecretMask {
  readonly #forms: readonly Form[];
  readonly #longest: number;

  constructor(secrets: readonly Secret[]) {
    const forms = secrets.flatMap(({ name, value }) => formsOf(value).map((text) => ({ text, name })));
    this.#forms = forms.toSorted((left, right) => right.text.length - left.text.length);
    this.#longest = this.#forms[0]?.text.length ?? 0;
  }

  get isEmpty(): boolean {
    return this.#forms.length === 0;
  }

  /** The length of the longest form. */
  get longestForm(): number {
    return this.#longest;
  }

  mask(text: string): string {
    return this.#isClean(text) ? text : replaced(text, this.#find(text));
  }

  /** The same for the end of an output, which may begin in the middle of a secret. */
  maskTail(text: string): string {
    const cut = this.#forms.find((form) => endLeading(text, form.text) >= minPartLength);
    if (cut === undefined) return this.mask(text);
    return `[secret ${cut.name}]${this.mask(text.slice(endLeading(text, cut.text)))}`;
  }

  /** Masks a text that goes on: an end that could begin a secret is kept back until more of it is known. */
  split(text: string): Split {
    if (this.isEmpty) return { shown: text, held: "" };
    const found = this.#find(text);
    let hold = this.#holdFrom(text, 0);
    const across = found.find(({ from, to }) => from < hold && hold < to);
    if (across !== undefined) hold = this.#holdFrom(text, across.to);
    const whole = found.filter(({ to }) => to <= hold);
    return { shown: replaced(text.slice(0, hold), whole), held: text.slice(hold) };
  }

  /** Masks a text that will be shown again, longer: an end that begins a secret is left out of it. */
  maskGrowing(text: string): string {
    const { shown, held } = this.split(text);
    return held.length < minPartLength ? this.mask(text) : `${shown}…`;
  }

  /** @returns the names of the secrets that stand in the text, each once. */
  namesIn(text: string): readonly string[] {
    return [...new Set(this.#find(text).map(({ name }) => name))];
  }

  #isClean(text: string): boolean {
    return !isDecorated(text) && !this.#forms.some((form) => text.includes(form.text));
  }

  /** Where secrets stand, in order; where two overlap, they are one. */
  #find(text: string): Found[] {
    const all = [...this.#placesIn(text), ...this.#placesBehindDecoration(text)];
    const merged: Found[] = [];
    for (const found of all.toSorted((left, right) => left.from - right.from || right.to - left.to)) {
      const last = merged.at(-1);
      if (last !== undefined && found.from < last.to) last.to = Math.max(last.to, found.to);
      else merged.push({ ...found });
    }
    return merged;
  }

  #placesIn(text: string): Found[] {
    return this.#forms.flatMap(({ text: form, name }) => placesOf(text, form, name));
  }

  /** A tool that colours what it found cuts a secret in two; whoever shows the text puts it together again. */
  #placesBehindDecoration(text: string): Found[] {
    const bare = undecorated(text);
    if (bare === null) return [];
    return this.#placesIn(bare.text).map(({ name, from, to }) => ({
      name,
      from: bare.places[from] ?? 0,
      to: (bare.places[to - 1] ?? 0) + 1,
    }));
  }

  /** @returns where the longest end begins that is a beginning of some form; the text's length where there is none. */
  #holdFrom(text: string, earliest: number): number {
    const start = Math.max(earliest, text.length - this.#longest + 1);
    return this.#forms.reduce((hold, form) => Math.min(hold, beginsAt(text, form.text, start)), text.length);
  }
}

function beginsAt(text: string, form: string, start: number): number {
  const first = form.charAt(0);
  const from = Math.max(start, text.length - form.length + 1);
  for (let at = text.indexOf(first, from); at !== -1; at = text.indexOf(first, at + 1)) {
    if (form.startsWith(text.slice(at))) return at;
  }
  return text.length;
}

/** @returns how much of the text's beginning is the end of the form. */
function endLeading(text: string, form: string): number {
  for (let length = Math.min(form.length - 1, text.length); length >= minPartLength; length -= 1) {
    if (text.startsWith(form.slice(form.length - length))) return length;
  }
  return 0;
}

function placesOf(text: string, form: string, name: string): Found[] {
  const places: Found[] = [];
  for (let from = text.indexOf(form); from !== -1; from = text.indexOf(form, from + 1)) {
    places.push({ name, from, to: from + form.length });
  }
  return places;
}

function replaced(text: string, found: readonly Found[]): string {
  let shown = "";
  let at = 0;
  for (const { name, from, to } of found) {
    shown += `${text.slice(at, from)}[secret ${name}]`;
    at = to;
  }
  return shown + text.slice(at);
}
