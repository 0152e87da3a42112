import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";

import { meanings } from "../status/meaning.ts";
import { Status, StatusShape } from "./Status.tsx";

it("gives each meaning a shape of its own, so that colour is never alone", () => {
  const shapes = meanings.map((meaning) =>
    renderToStaticMarkup(<StatusShape meaning={meaning} />).replaceAll(/ class="[^"]*"/g, ""),
  );
  expect(new Set(shapes).size).toBe(meanings.length);
});

it("says the word, and hides the shape from those who hear the page", () => {
  const html = renderToStaticMarkup(<Status meaning="failed" word="failed: check failed" />);
  expect(html).toContain(">failed: check failed<");
  expect(html).toContain('aria-hidden="true"');
});
