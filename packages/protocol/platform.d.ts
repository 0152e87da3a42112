/**
 * The only globals beside the language that the protocol may name: they exist in Workers, in Node and in browsers alike.
 */
declare class URL {
  constructor(url: string, base?: string);
  static canParse(url: string, base?: string): boolean;
  readonly protocol: string;
  readonly host: string;
  readonly pathname: string;
  toString(): string;
}

declare class TextEncoder {
  encode(text: string): Uint8Array;
}
