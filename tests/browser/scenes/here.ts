/** Where a scene is played: scenes of one file share a system and a browser, so none may be in the way of another. */
import type { Browser } from "playwright-core";

import type { System } from "../../system/support/system.ts";

export interface Here {
  readonly system: () => System;
  readonly browser: () => Browser;
}
