/** What runs in the page itself, as texts: it is looked at from inside, element by element. */
import { z } from "zod";

export const shownRowSchema = z.object({
  id: z.string(),
  /** Of its first message. */
  seq: z.number(),
  /** Whose frame it is in; null: no frame. */
  author: z.enum(["agent", "user", "sam"]).nullable(),
  /** As it is read aloud. */
  label: z.string(),
  text: z.string(),
  /** Of elements and attributes that no text of an agent may become. */
  foreign: z.array(z.string()),
});
export type ShownRow = z.infer<typeof shownRowSchema>;

/** Before anything of the page: keeps what scripts leave behind and what the policy refuses. */
export const watchScripts = `
  window.hostileTrace = [];
  window.hostileViolations = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    window.hostileViolations.push(event.violatedDirective + " " + event.blockedURI + " " + event.sample);
  });
  window.hostileFindings = () => ({
    ran: window.hostileTrace,
    violations: window.hostileViolations,
    polluted: "polluted" in {} || "polluted" in [] || "polluted" in (() => undefined),
  });
`;

/** Own elements of the page inside of a row. */
const allowedTags = [
  ..."a article blockquote br button circle code del details div em figcaption figure g h3 h4 h5 h6 hr i input li line ol p".split(
    " ",
  ),
  ..."path polyline pre rect section span strong sub summary sup svg table tbody td th thead time tr ul kbd label use".split(
    " ",
  ),
  ..."diffs-container slot style template".split(" "),
];

export const lookAtRows = `(() => {
  const allowed = new Set(${JSON.stringify(allowedTags)});
  const feed = document.querySelector('[role="feed"]');
  const foreignIn = (root, isShadow) => [...root.querySelectorAll("*")].flatMap((element) => {
    const tag = element.localName;
    const found = [];
    const isStyle = tag === "style" || tag === "template" || tag === "slot" || tag === "use";
    if (!allowed.has(tag) || (isStyle && !isShadow)) found.push("<" + tag + ">");
    if (tag === "input" && element.type !== "checkbox") found.push("<input type=" + element.type + ">");
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name) || ["srcdoc", "action", "formaction", "src", "srcset", "poster", "background", "is", "ping"].includes(name)) found.push(tag + " " + name);
      if (["id", "name"].includes(name) && tag !== "article" && !/^user-content-|^footnote-label$|^_r_|^base-ui-/.test(value) && !isShadow) found.push(tag + " " + name + "=" + value);
      if (/href$/.test(name) && !/^(https?:\\/\\/|mailto:|\\/|#)/.test(value)) found.push(tag + " " + name + "=" + value);
      if (/href$/.test(name) && element.closest("[data-author=agent]") !== null && !/^(https?:\\/\\/|mailto:|#seq-)/.test(value)) found.push("an agent's link to " + value);
    }
    if (element.shadowRoot !== null) found.push(...foreignIn(element.shadowRoot, true));
    return found;
  });
  const shadowText = (element) => [...element.querySelectorAll("*")].map(({ shadowRoot }) => shadowRoot === null ? "" : [...shadowRoot.children].filter(({ localName }) => localName !== "style" && localName !== "svg").map(({ innerText }) => innerText).join("\\n")).join("");
  const rows = [...feed.querySelectorAll("article")].map((article) => {
    const frame = article.querySelector("[data-author]");
    return {
      id: article.parentElement.dataset.index,
      seq: Number(article.id.replace(/^seq-/, "").split("-")[0]),
      author: frame === null ? null : frame.dataset.author,
      label: frame === null ? "" : frame.getAttribute("aria-label") ?? "",
      text: article.innerText + shadowText(article),
      foreign: foreignIn(article, false),
    };
  });
  return { rows, isAtEnd: feed.scrollTop + feed.clientHeight >= feed.scrollHeight - 1 };
})()`;

/** Each changed file of the diff in front of the page, with the text of its patch, and elements that it must not have. */
export const lookAtDiff = `(() => {
  const rows = [...document.querySelectorAll('[role="dialog"] ul[aria-label="Changed files"] > li')];
  const withShadow = (root) => [...root.querySelectorAll("*")].flatMap((element) => element.shadowRoot === null ? [element] : [element, ...withShadow(element.shadowRoot)]);
  const textOf = (row) => row.innerText + "\\n" + [...row.querySelectorAll("*")].map(({ shadowRoot }) => shadowRoot === null ? "" : [...shadowRoot.children].filter(({ localName }) => localName !== "style" && localName !== "svg").map(({ innerText }) => innerText).join("\\n")).join("");
  const isForeign = (element) => ["img", "script", "iframe", "object", "embed", "form", "a", "link", "base", "meta", "video", "audio"].includes(element.localName) || [...element.attributes].some(({ name }) => /^on|^srcdoc$|^src$/.test(name));
  return {
    files: rows.map((row) => ({ name: row.querySelector("button").innerText, text: textOf(row) })),
    foreign: rows.flatMap(withShadow).filter(isForeign).map(({ outerHTML }) => outerHTML.slice(0, 200)),
  };
})()`;

/** Opens every tool call and thought in sight, so that all of it is there. */
export const openFolded = `(async () => {
  const folded = () => [...document.querySelectorAll('[role="feed"] [data-author="agent"] button[aria-expanded="false"]')];
  for (const button of folded()) button.click();
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  await painted();
  return folded().length;
})()`;

/** Scrolls the conversation by so many screens, to its beginning by none, and waits until that is painted. */
export const scrollFeed = (screens: number) => `(async () => {
  const feed = document.querySelector('[role="feed"]');
  feed.scrollTop = ${screens} === 0 ? 0 : feed.scrollTop + feed.clientHeight * ${screens};
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  await painted();
  await painted();
})()`;
