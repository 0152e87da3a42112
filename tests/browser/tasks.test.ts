/** What a person does on the page from signing in to cancelling, scene by scene, all of them at once on one system. */
import { describe } from "vitest";

import { cancelling } from "./scenes/cancelling.ts";
import { deciding } from "./scenes/deciding.ts";
import { inbox } from "./scenes/inbox.ts";
import { keyboardAlone } from "./scenes/keyboard.ts";
import { lookingBack } from "./scenes/looking-back.ts";
import { sayingMore } from "./scenes/saying-more.ts";
import { settingUp } from "./scenes/settings.ts";
import { sideBySide } from "./scenes/side-by-side.ts";
import { signingIn } from "./scenes/signing-in.ts";
import { watching } from "./scenes/watching.ts";
import { shareBrowser } from "./support/chromium.ts";
import { shareInstallation } from "./support/installation.ts";

const here = { system: shareInstallation(), browser: shareBrowser() };

describe.concurrent("signing in", () => {
  signingIn(here);
});
describe.concurrent("watching a task", () => {
  watching(here);
});
describe.concurrent("deciding what an agent may do", () => {
  deciding(here);
});
describe.concurrent("what awaits its person", () => {
  inbox(here);
});
describe.concurrent("saying more", () => {
  sayingMore(here);
});
describe.concurrent("cancelling", () => {
  cancelling(here);
});
describe.concurrent("several pages at once", () => {
  sideBySide(here);
});
describe.concurrent("the keyboard alone", () => {
  keyboardAlone(here);
});
describe.concurrent("looking back", () => {
  lookingBack(here);
});
describe.concurrent("what is set up", () => {
  settingUp(here);
});
