/**
 * What functions that run in the page ask of its elements. The tests themselves run in Node, where the globals of a page
 * are not known: a file that names one declares it.
 */
export interface PageElement {
  readonly id: string;
  readonly tagName: string;
  readonly innerText: string;
  readonly clientHeight: number;
  readonly scrollHeight: number;
  scrollTop: number;
  readonly ownerDocument: { readonly activeElement: PageElement | null };
  getAttribute(name: string): string | null;
  getBoundingClientRect(): PageBox;
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
