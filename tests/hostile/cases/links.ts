/** Links and pictures of markdown, which is where an agent may name an address at all. */
import { type EmittedCase, saysCase, update } from "../support/hostile-case.ts";
import { far, farHost, run } from "../support/payload.ts";

const isJudged = "only http, https and mailto are links; one says where it leads, and asks before it is followed";

export const linkCases: readonly EmittedCase[] = [
  {
    id: "script-links",
    what: "links of javascript:, data:, vbscript:, file: and blob:, in capitals, with tabs and as entities",
    mustNot: "be a link",
    heldBy: isJudged,
    acts: saysCase(
      "script-links",
      [
        `[a](javascript:${run("script-links")})`,
        `[b](JaVaScRiPt:${run("script-links")})`,
        `[c](java\tscript:${run("script-links")})`,
        `[d](&#x6A;avascript&colon;${run("script-links")})`,
        `[e](data:text/html,<script>${run("script-links")}</script>)`,
        `[f](vbscript:msgbox)`,
        `[g](file:///etc/passwd)`,
        `[h](blob:null/1)`,
        `<javascript:${run("script-links")}>`,
        `[i][ref]\n\n[ref]: javascript:${run("script-links")}`,
        `[j](\u0001javascript:${run("script-links")})`,
        `[k](view-source:${far("script-links")})`,
      ].join("\n\n"),
    ),
  },
  {
    id: "links-inside",
    what: "links to places of this page and of its API, absolute without a scheme, or by a fragment alone",
    mustNot: "be a link",
    heldBy: isJudged,
    acts: saysCase(
      "links-inside",
      `[a](/api/session) [b](//${farHost}/x) [c](#content) [d](?show=diff) [e](../secrets) [f](\\\\${farHost}\\x)`,
    ),
  },
  {
    id: "lying-links",
    what: "links whose text, user name or letters name another host than they lead to",
    mustNot: "be followed without the real host being shown",
    heldBy: isJudged,
    acts: saysCase(
      "lying-links",
      `[https://github.com/login](${far("lying-links")}) [b](https://github.com@${farHost}/lying-links) [c](https://g\u0456thub.com/lying-links) [d](${far("lying-links")} "https://github.com")`,
    ),
  },
  {
    id: "remote-images",
    what: "pictures of markdown: inline, by reference, inside of a link, as data, with a size",
    mustNot: "be loaded",
    heldBy: "a picture is named, and never loaded",
    acts: saysCase(
      "remote-images",
      `![a](${far("remote-images")}/1.png) ![b][r] [![c](${far("remote-images")}/3.png)](${far("remote-images")}) ![d](data:image/svg+xml,<svg onload=${run("remote-images")}>) ![e](//${farHost}/5.png) ![f](javascript:${run("remote-images")})\n\n[r]: ${far("remote-images")}/2.png`,
    ),
  },
  {
    id: "content-blocks",
    what: "pictures, sounds and resources as content of the protocol, in messages and in tools",
    mustNot: "be loaded, decoded or linked",
    heldBy: "what is not text is named, and nothing of it is decoded",
    acts: [
      ...saysCase("content-blocks", "Look:"),
      ...[
        {
          type: "image",
          mimeType: "image/svg+xml",
          data: "PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+",
          uri: far("content-blocks"),
        },
        { type: "audio", mimeType: `x" onerror="${run("content-blocks")}`, data: "AAAA" },
        { type: "resource_link", uri: `javascript:${run("content-blocks")}`, name: "click" },
        {
          type: "resource",
          resource: {
            uri: far("content-blocks"),
            mimeType: "text/html",
            text: `<img src=x onerror=${run("content-blocks")}>`,
          },
        },
        { type: "resource", resource: { uri: far("content-blocks"), blob: "AAAA" } },
        { type: "unheard-of", html: `<script>${run("content-blocks")}</script>` },
      ].map((content) => update({ sessionUpdate: "agent_message_chunk", messageId: "content-blocks", content })),
    ],
  },
];
