/**
 * What functions that run in the page ask of its elements. The tests themselves run in Node, where the globals of a page
 * are not known: a file that names one declares it.
 */
export interface PageElement {
  readonly id: string;
  readonly tagName: string;
  readonly innerText: string;
  /** Of a control. */
  readonly value?: string;
  readonly clientWidth: number;
  readonly clientHeight: number;
  readonly scrollWidth: number;
  readonly scrollHeight: number;
  scrollTop: number;
  readonly parentElement: PageElement | null;
  readonly childNodes: Iterable<{ readonly nodeType: number; readonly textContent: string }>;
  readonly shadowRoot: PageElement | null;
  readonly ownerDocument: { readonly activeElement: PageElement | null };
  getRootNode(): { readonly host?: PageElement };
  getAttribute(name: string): string | null;
  click(): void;
  getBoundingClientRect(): PageBox;
  checkVisibility(options: { readonly visibilityProperty: boolean; readonly opacityProperty: boolean }): boolean;
  closest(selector: string): PageElement | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

/** In pixels from the upper left corner of what is in sight. */
export interface PageBox {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
  readonly width: number;
  readonly height: number;
}
