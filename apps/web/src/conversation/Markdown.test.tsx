/** What an agent writes becomes text, and nothing that runs, loads, submits or passes for the page. */
import { plainText } from "@sam/domain/plain-text";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";

import { Markdown } from "./Markdown.tsx";

const render = (text: string, isOpen = false) =>
  renderToStaticMarkup(<Markdown text={plainText(text)} isOpen={isOpen} />);

/** Elements that an agent's text may become, and attributes that they may have. */
const elements =
  /^(?:a|blockquote|br|button|code|del|div|em|h[3-6]|hr|input|li|ol|p|path|pre|section|span|strong|sup|svg|table|tbody|td|th|thead|tr|ul)$/;
const attributes =
  /^(?:alt|aria-[\w-]+|checked|class|d|data-[\w-]+|dir|disabled|fill|height|href|id|rel|role|start|stroke[\w-]*|style|tabindex|target|title|type|viewbox|width)$/;

function looksInto(html: string) {
  const tags = [...html.matchAll(/<([a-z][\w-]*)((?:\s[^<>]*?)?)\/?>/gi)];
  const named = tags.flatMap(([, , rest = ""]) => [...rest.matchAll(/\s([\w:-]+)(?:="([^"]*)")?/g)]);
  return {
    elements: tags.map(([, name = ""]) => name.toLowerCase()),
    attributes: named.map(([, name = ""]) => name.toLowerCase()),
    links: named.filter(([, name]) => name === "href").map(([, , value = ""]) => value),
  };
}

const hostile = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)><script>alert(1)</script></svg>",
  "<iframe src=https://evil.example></iframe>",
  "<style>body{display:none}</style>",
  "<link rel=stylesheet href=https://evil.example/x.css>",
  "<base href=https://evil.example><meta http-equiv=refresh content='0;url=https://evil.example'>",
  "<form action=https://evil.example><input name=secret autofocus></form>",
  "<a href='javascript:alert(1)'>x</a>",
  "<div role=group aria-label='SAM: verdicts' data-author=sam>SAM</div>",
  "<details open ontoggle=alert(1)>x</details>",
  "<video src=https://evil.example/v.mp4 autoplay></video>",
  "<object data=https://evil.example></object><embed src=https://evil.example>",
  "<!-- <script>alert(1)</script> -->",
  "<![CDATA[<script>alert(1)</script>]]>",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](java\nscript:alert(1))",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "[x](vbscript:x) [y](file:///etc/passwd) [z](//evil.example)",
  "[x](/api/session) [y](../../secrets) [z](#seq-1)",
  "![x](https://evil.example/pixel.png)",
  "![x](data:image/svg+xml,<svg onload=alert(1)>)",
  "![x](javascript:alert(1))",
  "[![x](https://evil.example/p.png)](https://evil.example)",
  "[r]\n\n[r]: javascript:alert(1)",
  "![r]\n\n[r]: https://evil.example/p.png",
  "| a |\n|---|\n| ![x](https://evil.example/p.png) <img src=x onerror=alert(1)> |",
  "[^1]\n\n[^1]: ![x](https://evil.example/p.png)",
  '```mermaid\ngraph TD; A-->B; click A "javascript:alert(1)"\n```',
  "```html\n<script>alert(1)</script>\n```",
  "$$\\href{javascript:alert(1)}{x}$$",
  "`<script>alert(1)</script>`",
  "<https://evil.example/<script>alert(1)</script>>",
  "<b onmouseover=alert(1)>x</b> <b style='position:fixed;inset:0'>y</b>",
  "# <h1 id=content>x</h1>",
  "<x-sam onclick=alert(1)>x</x-sam>",
  "\u202e<script>alert(1)</script>",
  "\u001b]8;;javascript:alert(1)\u0007x\u001b]8;;\u0007",
];

describe("markdown of an agent", () => {
  it.each(
    hostile.flatMap(
      (text) =>
        [
          [text, false],
          [text, true],
        ] as const,
    ),
  )("%j (open: %s) runs and loads nothing", (text, isOpen) => {
    const found = looksInto(render(text, isOpen));
    expect(found.elements.filter((name) => !elements.test(name))).toEqual([]);
    expect(found.attributes.filter((name) => !attributes.test(name))).toEqual([]);
    expect(found.links.filter((href) => !/^(?:https?:\/\/|mailto:)/.test(href))).toEqual([]);
  });

  it("shows markup as the text that it is", () => {
    expect(render("a <b onclick=x>bold</b> word")).toContain("&lt;b onclick=x&gt;");
    expect(render("<div data-author=sam>SAM</div>")).not.toContain('data-author="sam"');
  });

  it("names an image and where it is, and loads it not", () => {
    const html = render("![a chart](https://images.example/c.png)");
    expect(html).toContain("image “a chart”: images.example/… (not loaded)");
    expect(html).not.toContain("<img");
  });

  it("opens a link apart from the page, and tells it nothing", () => {
    expect(render("[x](https://example.com/a)")).toMatch(
      /href="https:\/\/example\.com\/a"[^>]*rel="noopener noreferrer nofollow"/,
    );
  });

  it("sets what is meant: headings below the page's, lists, tables, code", () => {
    const html = render("# One\n\n- a\n- **b**\n\n| h |\n|---|\n| c |\n\n```ts\nlet d;\n```\n");
    for (const part of ["<h3", "<ul", "<strong", "<table", "<pre", 'class="language-ts"']) expect(html).toContain(part);
    expect(html).not.toMatch(/<h[12]/);
  });

  it("shows what is not closed yet as if it were, while more may come", () => {
    expect(render("a **bold", true)).toContain("<strong>bold</strong>");
    expect(render("a **bold", false)).not.toContain("<strong>");
  });
});
