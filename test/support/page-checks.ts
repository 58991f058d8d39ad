import axe from 'axe-core';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

// Checks of a page in a browser. The functions passed to `evaluate` run there.

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

/** The members of an element that the checks read. */
interface Element {
  readonly tagName: string;
  readonly id: string;
  readonly className: unknown;
  readonly textContent: string;
  readonly outerHTML: string;
  readonly scrollWidth: number;
  readonly scrollHeight: number;
  readonly clientWidth: number;
  readonly clientHeight: number;
  closest(selector: string): Element | null;
  contains(other: Element | null): boolean;
  readonly parentElement: Element | null;
  readonly children: ArrayLike<Element>;
  matches(selector: string): boolean;
  getBoundingClientRect(): Box;
  compareDocumentPosition(other: Element): number;
  checkVisibility(): boolean;
}
type Style = Readonly<Record<string, string>>;
interface StyleSheet {
  replaceSync(css: string): void;
}
declare const document: {
  readonly documentElement: Element;
  readonly body: Element;
  readonly activeElement: Element | null;
  adoptedStyleSheets: StyleSheet[];
  querySelectorAll(selector: string): Iterable<Element>;
  elementFromPoint(x: number, y: number): Element | null;
};
declare const CSSStyleSheet: new () => StyleSheet;
declare const getComputedStyle: (element: Element, part?: string) => Style;
declare const innerWidth: number;
declare const innerHeight: number;

/** Options that omit details of passed rules, and do not reload stylesheets. */
const SPARING: RunOptions = { resultTypes: ['violations'], preload: false };
const EVERY_RULE: RunOptions = { ...SPARING, rules: { 'target-size': { enabled: true } } };

/** Returns axe's findings in the page, each with its elements; by all of its rules, or by these. */
export async function axeFindings(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate<boolean>("typeof axe === 'object'"))) await page.evaluate(axe.source);
  const options =
    rules === undefined ? EVERY_RULE : { ...SPARING, runOnly: { type: 'rule', values: [...rules] } };
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html}\n${failureSummary}`),
  );
}

/** Returns the number of pixels by which the page is wider than its window, and the elements that cause it. */
export const widerBy = (page: Page): Promise<{ readonly pixels: number; readonly because: string[] }> =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const pixels = scrollWidth - clientWidth;
    const isInFrame = (element: Element): boolean =>
      element.closest('.docket-chart-frame, .govuk-visually-hidden') !== null;
    const because =
      pixels <= 0
        ? []
        : [...document.querySelectorAll('body *')]
            .filter((each) => each.getBoundingClientRect().right > clientWidth + 1 && !isInFrame(each))
            .map((each) => each.outerHTML.slice(0, 120));
    return { pixels, because };
  });

/** Returns the texts that are truncated because their box is too small. */
export const cutOff = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((element) => {
        const { overflowX = '', overflowY = '', display, clip = 'auto' } = getComputedStyle(element);
        if (element.closest('.govuk-visually-hidden, svg, select, input, textarea') !== null) return false;
        if (display === 'inline' || clip !== 'auto' || element.textContent.trim() === '') return false;
        const hides = (overflow: string): boolean => overflow === 'hidden' || overflow === 'clip';
        return (
          (hides(overflowX) && element.scrollWidth > element.clientWidth + 1) ||
          (hides(overflowY) && element.scrollHeight > element.clientHeight + 1)
        );
      })
      .map((element) => element.outerHTML.slice(0, 200)),
  );

/** Returns the texts in pictures that have another typeface than the page. */
export const otherTypefaces = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const [heading] = document.querySelectorAll('h1');
    const ofPage = heading === undefined ? '' : getComputedStyle(heading)['fontFamily'];
    return [...document.querySelectorAll('svg text')]
      .filter((text) => getComputedStyle(text)['fontFamily'] !== ofPage)
      .map((text) => text.outerHTML.slice(0, 200));
  });

/**
 * Sets the text spacing that pages must support (WCAG 2.2, 1.4.12). Like a setting of the reader, it bypasses the
 * page's content security policy.
 */
export const spaceText = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }',
    );
    document.adoptedStyleSheets = [sheet];
  });

/** Removes that spacing. */
export const unspaceText = (page: Page): Promise<void> =>
  page.evaluate(() => {
    document.adoptedStyleSheets = [];
  });

export const visible = (page: Page, selector: string): Promise<string[]> =>
  page.evaluate(
    (wanted) =>
      [...document.querySelectorAll(wanted)]
        .filter((element) => {
          const { width, height } = element.getBoundingClientRect();
          return element.checkVisibility() && width > 1 && height > 1;
        })
        .map((element) => element.outerHTML.slice(0, 120)),
    selector,
  );

/** The focused element, as a keyboard user perceives it. */
interface Focused {
  readonly what: string;
  /** True if any part of it is visible in the window. */
  readonly isSeen: boolean;
  /** True if it looks different with focus. */
  readonly isMarked: boolean;
  /** True if it follows the previously focused element in the document. */
  readonly isInOrder: boolean;
}

/** Presses Tab until every element had the focus, and returns the focused elements. */
export async function tabThrough(page: Page): Promise<Focused[]> {
  const steps: Focused[] = [];
  for (let step = 0; step < 400; step += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(focusedNow);
    if (focused === null) return steps;
    steps.push(focused);
  }
  throw new Error('The focus goes on and on');
}

declare const window: { before?: Element | undefined };

/** Runs in the page. Returns null if no element has the focus. */
function focusedNow(): Focused | null {
  const element = document.activeElement;
  if (element === null || element === document.body) return null;
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const inWindow = left < innerWidth && right > 0 && top < innerHeight && bottom > 0;
  const between = (from: number, to: number, max: number): number =>
    (Math.max(from, 0) + Math.min(to, max)) / 2;
  const onTop = document.elementFromPoint(
    between(left, right, innerWidth),
    between(top, bottom, innerHeight),
  );
  const label = element.matches('input[type="radio"], input[type="checkbox"]');
  const parts = [getComputedStyle(element), getComputedStyle(element, '::before')];
  if (label && element.parentElement?.matches('.govuk-radios__item, .govuk-checkboxes__item') === true) {
    const drawn = element.parentElement.children[1];
    if (drawn !== undefined) parts.push(getComputedStyle(drawn, '::before'));
  }
  const isDrawn = ({ outlineStyle, outlineWidth = '0', boxShadow }: Style): boolean =>
    (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2) ||
    (boxShadow !== undefined && boxShadow !== 'none');
  const { before } = window;
  window.before = element;
  return {
    what: element.outerHTML.slice(0, 120),
    isSeen: inWindow && onTop !== null && (element.contains(onTop) || onTop.contains(element)),
    isMarked: parts.some(isDrawn),
    isInOrder: before === undefined || (before.compareDocumentPosition(element) & 4) !== 0,
  };
}
