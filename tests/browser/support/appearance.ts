/**
 * How a page looks, measured on the page itself: the contrast of every text that is in sight, what is too wide for the
 * screen, what is too small for a finger, and what moves. Each answer is a list of faults, one in words each.
 */
import type { Page } from "playwright-core";

import type { PageElement } from "./page-element.ts";

/** As WCAG counts it. */
const leastContrast = 4.5;
const fingerPixels = 44;

interface Style {
  readonly color: string;
  readonly backgroundColor: string;
  readonly opacity: string;
  readonly display: string;
  readonly animationDuration: string;
  readonly transitionDuration: string;
}

interface Painter {
  fillStyle: string;
  clearRect(left: number, top: number, width: number, height: number): void;
  fillRect(left: number, top: number, width: number, height: number): void;
  getImageData(left: number, top: number, width: number, height: number): { readonly data: Iterable<number> };
}

declare function getComputedStyle(element: PageElement, pseudo?: string): Style;
declare const OffscreenCanvas: new (
  width: number,
  height: number,
) => {
  getContext(kind: "2d", options: object): Painter;
};
declare const document: PageElement & { readonly scrollingElement: PageElement; readonly body: PageElement };
declare const innerWidth: number;

/** @returns the texts that stand out too little from what is behind them. */
export function lowContrasts(page: Page): Promise<readonly string[]> {
  return page.evaluate((least) => {
    type Colour = readonly [red: number, green: number, blue: number, alpha: number];
    const painter = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const known = new Map<string, Colour>();
    const colourOf = (text: string): Colour => {
      const before = known.get(text);
      if (before !== undefined) return before;
      painter.clearRect(0, 0, 1, 1);
      painter.fillStyle = text;
      painter.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0, alpha = 0] = painter.getImageData(0, 0, 1, 1).data;
      known.set(text, [red, green, blue, alpha / 255]);
      return [red, green, blue, alpha / 255];
    };
    const over = (above: Colour, below: Colour, opacity = 1): Colour => {
      const alpha = above[3] * opacity;
      const mix = (index: 0 | 1 | 2) => above[index] * alpha + below[index] * (1 - alpha);
      return [mix(0), mix(1), mix(2), 1];
    };
    const parentOf = (element: PageElement): PageElement | null =>
      element.parentElement ?? element.getRootNode().host ?? null;
    const groundOf = (element: PageElement | null): Colour => {
      if (element === null) return colourOf("canvas");
      const own = colourOf(getComputedStyle(element).backgroundColor);
      return own[3] === 1 ? own : over(own, groundOf(parentOf(element)));
    };
    const opacityOf = (element: PageElement | null): number =>
      element === null ? 1 : Number(getComputedStyle(element).opacity) * opacityOf(parentOf(element));
    const light = ([red, green, blue]: Colour): number => {
      const channel = (value: number) => (value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
    };
    const faults = new Set<string>();
    const judge = (element: PageElement, text: string, pseudo?: string) => {
      const ground = groundOf(element);
      const ink = over(colourOf(getComputedStyle(element, pseudo).color), ground, opacityOf(element));
      const [high, low] = [light(ink), light(ground)].toSorted((one, other) => other - one);
      const ratio = ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
      if (ratio < least) faults.add(`${ratio.toFixed(2)} “${text.trim().slice(0, 60)}” ${element.tagName}`);
    };
    const look = (root: PageElement) => {
      for (const element of root.querySelectorAll("*")) {
        if (element.shadowRoot !== null) look(element.shadowRoot);
        const { width, height } = element.getBoundingClientRect();
        const isInSight =
          width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
        if (!isInSight || /^(SCRIPT|STYLE|OPTION|svg)$/i.test(element.tagName)) continue;
        const own = [...element.childNodes]
          .filter(({ nodeType }) => nodeType === 3)
          .map(({ textContent }) => textContent);
        if (own.join("").trim() !== "") judge(element, own.join(""));
        const placeholder = element.getAttribute("placeholder");
        if (element.value !== undefined && element.value !== "") judge(element, element.value);
        else if (placeholder !== null) judge(element, placeholder, "::placeholder");
      }
    };
    look(document);
    return [...faults];
  }, leastContrast);
}

/** @returns what can be scrolled sideways of what should not: the page, its main part, and what opens over it. */
export function sideways(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const wide = [
      document.scrollingElement,
      ...document.querySelectorAll('main, aside, [role="feed"], [role="dialog"]'),
    ];
    const faults = wide.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1);
    if (document.scrollingElement.scrollWidth > innerWidth) faults.push(document.scrollingElement);
    return faults.map(
      (one) => `${one.tagName} ${one.getAttribute("role") ?? ""} ${one.scrollWidth} > ${one.clientWidth}`,
    );
  });
}

/** @returns what is pressed and is too small for a finger. A time or a link within a sentence is as high as its line. */
export function smallTargets(page: Page): Promise<readonly string[]> {
  return page.evaluate((least) => {
    const faults: string[] = [];
    const pressed = 'button, a[href], summary, input, select, textarea, [role="tab"], [role="button"]';
    for (const element of document.querySelectorAll(pressed)) {
      const { width, height, bottom } = element.getBoundingClientRect();
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || bottom <= 0) continue;
      const isInSentence = getComputedStyle(element).display === "inline" || element.querySelector("time") !== null;
      // A radio button is pressed by its label.
      const target = element.closest("label")?.getBoundingClientRect() ?? { width, height };
      if (isInSentence || (target.width >= least && target.height >= least)) continue;
      const name = element.getAttribute("aria-label") ?? element.innerText;
      faults.push(`${element.tagName} “${name.slice(0, 60)}” ${Math.round(target.width)}×${Math.round(target.height)}`);
    }
    return faults;
  }, fingerPixels - 0.5);
}

/** @returns what moves, or would. */
export function moving(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    for (const element of document.querySelectorAll("*")) {
      const { animationDuration, transitionDuration } = getComputedStyle(element);
      const longest = [animationDuration, transitionDuration]
        .join(",")
        .split(",")
        .map((text) => {
          const seconds = Number.parseFloat(text);
          return text.trim().endsWith("ms") ? seconds / 1000 : seconds;
        });
      if (Math.max(...longest) > 0.001) faults.push(`${element.tagName} ${animationDuration} ${transitionDuration}`);
    }
    return [...new Set(faults)];
  });
}
