/** An undecorated text is a text as it is shown in the end: without what only colours it or takes no room. */

const decorated = /[\u001b\u009b]|\p{Default_Ignorable_Code_Point}/u;
/** What is not shown: colours and other escape sequences of a terminal, and what takes no room. */
const decoration = new RegExp(
  "(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]|\\u001b\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)|\\p{Default_Ignorable_Code_Point}",
  "gu",
);

export function isDecorated(text: string): boolean {
  return decorated.test(text);
}

/** @returns the text as it is shown, and where each of its letters stands; null where there is nothing to take out. */
export function undecorated(text: string): { readonly text: string; readonly places: readonly number[] } | null {
  if (!isDecorated(text)) return null;
  const places: number[] = [];
  let bare = "";
  let at = 0;
  const keep = (to: number) => {
    bare += text.slice(at, to);
    for (let place = at; place < to; place += 1) places.push(place);
  };
  for (const { index, 0: taken } of text.matchAll(decoration)) {
    keep(index);
    at = index + taken.length;
  }
  keep(text.length);
  return { text: bare, places };
}
