import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { formAt } from '../support/command-forms.ts';
import { axeFindings, tabThrough, visible } from '../support/page-checks.ts';
import { PAGE_STATES, PagesAtHand } from '../support/page-states.ts';
import { startService } from '../support/service.ts';

// Checks of accessibility that a person makes, in addition to those of a program.

let browser: Browser;
let at: PagesAtHand;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  at = new PagesAtHand(await startService());
  browser = await openBrowser();
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, baseURL: at.service.address });
  page = await context.newPage();
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Ines Okafor' }).click();
});

afterAll(async () => {
  await browser.close();
  await at.service.stop();
});

const recordWithDates = () =>
  at.forms.issueRecord({
    text: 'By 30 June 2098 the force should publish a plan.\n\nWithin six months it should have trained its officers.',
  });

describe('with the keyboard alone', () => {
  const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
    'the work page': () => '/',
    'the register': () => '/recommendations?status=awaiting-review&q=plan',
    'a record': async () => `/recommendations/${await recordWithDates()}`,
    'a form': async () => formAt(await at.forms.issueRecord(), 'add-comment'),
    'the form that issues': () => '/recommendations/new',
    'the deadlines': () => '/deadlines',
    'a history': async () => `/recommendations/${await recordWithDates()}/history?version=2`,
    'the account': () => '/account',
    'the inbox': () => '/inbox',
  };
  /** The pages whose layout differs most, and their windows in the short form. The long form tests all in both. */
  const SHORT: Readonly<Record<string, number>> = {
    ...{ 'the register': 1280, 'a record': 1280, 'the form that issues': 320, 'a history': 320 },
  };
  const isLong = process.env['DOCKET_TEST_LONG'] !== undefined;

  test.each(Object.keys(isLong ? PAGES : SHORT))(
    'one gets to everything on %s in its order, and sees where one is',
    async (name) => {
      await recordWithDates();
      const address = PAGES[name]!;
      for (const width of isLong ? [1280, 320] : [SHORT[name]!]) {
        await page.setViewportSize({ width, height: 640 });
        await page.goto(await address());
        const steps = await tabThrough(page);
        expect(steps.length).toBeGreaterThan(5);
        expect(steps[0]?.what).toContain('govuk-skip-link');
        expect(steps.filter(({ isSeen, isMarked, isInOrder }) => !(isSeen && isMarked && isInOrder))).toEqual(
          [],
        );
      }
    },
  );

  test('one leaps over the navigation', async () => {
    await page.goto('/recommendations');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate("document.activeElement.closest('main') !== null")).toBe(true);
  });

  test('a form is sent, and the focus moves to the error summary, then to the field', async () => {
    await page.goto(formAt(await at.forms.issueRecord(), 'request-closure'));
    await page.locator('#statement').focus();
    await page.keyboard.press('Tab');
    await page.locator('main form button').focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/commands/request-closure');
    const focused = page.locator(':focus');
    await page.locator('.govuk-error-summary').waitFor();
    expect(await focused.getAttribute('class')).toContain('govuk-error-summary');
    expect(await page.title()).toMatch(/^Error: Request closure – /);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await focused.getAttribute('id')).toBe('statement');
  });
});

describe('the filters of a list', () => {
  const group = () => page.getByText('Body and owner', { exact: true });
  const fold = () => page.getByText('Filter', { exact: true }).and(page.locator('summary'));

  test('on a phone are folded: the list begins on the first screen', async () => {
    await recordWithDates();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto('/recommendations');
    const first = await page.locator('.docket-title').first().boundingBox();
    expect(first?.y).toBeLessThan(800);
    expect(await group().isVisible()).toBe(false);
    await fold().click();
    expect(await group().isVisible()).toBe(true);
  });

  test('in a wide window are beside it, without a script and without a fold', async () => {
    const plain = await browser.newPage({ javaScriptEnabled: false, viewport: { width: 1280, height: 800 } });
    try {
      await plain.context().addCookies(await context.cookies());
      await plain.goto(`${at.service.address}/recommendations`);
      expect(await plain.getByText('Body and owner', { exact: true }).isVisible()).toBe(true);
      expect(await plain.locator('.docket-filter__summary').isVisible()).toBe(false);
    } finally {
      await plain.close();
    }
  });
});

describe('a name', () => {
  const offered = (some: Page) =>
    some.locator('datalist option').evaluateAll((all) => all.map((each) => each.getAttribute('value')));

  test('is offered to the keyboard in a native list', async () => {
    const id = await at.forms.issueRecord();
    await at.forms.as('inspector').command(id, 'assign-owner', { owner: 'demo-inspector' });
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto('/recommendations');
    await page.getByText('Body and owner', { exact: true }).click();
    const owner = page.getByRole('combobox', { name: 'Owner' });
    await owner.focus();
    await page.locator('datalist option[value="Ines Okafor"]').waitFor({ state: 'attached' });
    expect(await axeFindings(page)).toEqual([]);
    await owner.fill('Ines Okafor');
    await page.getByRole('button', { name: 'Apply filters' }).click();
    await page.getByRole('link', { name: 'Remove Owner: Ines Okafor' }).waitFor();
    expect(await page.locator('.docket-title').count()).toBeGreaterThan(0);
  });

  test('is added to those that are there already', async () => {
    await recordWithDates();
    await page.goto('/recommendations/new');
    const bodies = page.locator('#recipients');
    await bodies.fill('kent');
    const body = page.getByRole('combobox', { name: 'Find a body' });
    await body.focus();
    await page.locator('datalist option[value=wiltshire]').waitFor({ state: 'attached' });
    await body.fill('wiltshire');
    await body.blur();
    expect(await bodies.inputValue()).toBe('kent\nwiltshire');
    expect(await body.inputValue()).toBe('');
  });

  test('follows those before it in a field that accepts several', async () => {
    await recordWithDates();
    const others = await browser.newContext({ baseURL: at.service.address });
    try {
      const operations = await others.newPage();
      await operations.goto('/sign-in');
      await operations.getByRole('button', { name: 'Sam Fisher' }).click();
      await operations.goto('/operations/webhooks');
      const bodies = operations.getByRole('combobox', { name: 'Bodies that can read the events' });
      await bodies.focus();
      await operations.locator('datalist option[value=wiltshire]').waitFor({ state: 'attached' });
      await bodies.fill('kent, wilt');
      expect(await offered(operations)).toContain('kent, wiltshire');
    } finally {
      await others.close();
    }
  });

  test('that is unknown is reported, and similar names are links', async () => {
    await page.goto('/recommendations?owner=Ines+Okafur');
    await page.getByText('There is no person called “Ines Okafur”. Did you mean Ines Okafor?').waitFor();
    await page.getByRole('link', { name: 'Ines Okafor', exact: true }).last().click();
    await page.getByRole('link', { name: 'Remove Owner: Ines Okafor' }).waitFor();
  });
});

describe('an address for a calendar program', () => {
  test('is shown whole, and copied by a button', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto('/deadlines/calendar');
    await page.getByRole('button', { name: 'Create the link' }).click();
    const address = await page.locator('#made').inputValue();
    expect(address).toMatch(/\/deadlines\.ics\?key=./);
    const hidden = await page.locator('#made').evaluate((each: unknown) => {
      const { scrollHeight, clientHeight } = each as Readonly<
        Record<'scrollHeight' | 'clientHeight', number>
      >;
      return scrollHeight - clientHeight;
    });
    expect(hidden).toBe(0);
    await page.getByRole('button', { name: 'Copy the link' }).click();
    await page.getByText('Copied', { exact: true }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(address);
  });
});

describe('colours that the reader’s system chooses', () => {
  test('leave every mark that says something', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    try {
      await page.goto('/recommendations/new');
      await page.locator('#title').focus();
      const outlined = page.locator('#title');
      expect(await styleOf(outlined, 'outlineStyle')).not.toBe('none');
      expect(await styleOf(page.locator('main form button').first(), 'borderTopStyle')).toBe('solid');
      await page.goto(`/recommendations/${await recordWithDates()}`);
      expect(await styleOf(page.locator('.govuk-tag').first(), 'borderTopStyle')).toBe('solid');
      expect(await styleOf(page.locator('main .govuk-button').first(), 'borderTopStyle')).toBe('solid');
      expect(await styleOf(page.locator('mark').first(), 'borderBottomStyle')).toBe('solid');
    } finally {
      await page.emulateMedia({ forcedColors: null });
    }
  });
});

const styleOf = (element: ReturnType<Page['locator']>, property: string): Promise<string> =>
  element.evaluate(
    (each, name) => (getComputedStyle as (of: unknown) => Readonly<Record<string, string>>)(each)[name] ?? '',
    property,
  );
declare const getComputedStyle: unknown;

describe('a record with a long history', () => {
  const topOf = (selector: string) => page.locator(selector).evaluate(TOP_IN_PAGE);
  const order = async () => {
    const tops = await Promise.all(['.docket-card', '#text', '#history', '#chart'].map(topOf));
    return tops.every((top, index) => index === 0 || top > (tops[index - 1] ?? 0));
  };
  beforeAll(async () => {
    const { address } = await PAGE_STATES['record, imported']!(at);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(address);
  });

  test('is read in little more than three windows, and its card stays in view', async () => {
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThanOrEqual(2500);
    await page.locator('#chart').scrollIntoViewIfNeeded();
    const card = await page.locator('.docket-card').boundingBox();
    expect(card!.y).toBeGreaterThanOrEqual(0);
    expect(card!.y + card!.height).toBeLessThanOrEqual(800);
  });

  test.each([
    [1024, true],
    [1023, false],
    [320, false],
  ])('has its card beside the text in a window of %i px: %s', async (width, isBeside) => {
    await page.setViewportSize({ width, height: 800 });
    await page.evaluate('scrollTo(0, 0)');
    const [card, text] = [await topOf('.docket-card'), await topOf('.docket-record__main')];
    expect(card === text).toBe(isBeside);
    expect(await order()).toBe(!isBeside);
  });

  test('is printed in one column, with all that is folded and nothing of the trial', async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ media: 'print' });
    try {
      expect(await order()).toBe(true);
      expect(await page.locator('.docket-read-on p').first().isVisible()).toBe(true);
      expect(await page.locator('.docket-stays').first().isVisible()).toBe(true);
      expect(await visible(page, '.docket-notice, main .govuk-button')).toEqual([]);
    } finally {
      await page.emulateMedia({ media: 'screen' });
    }
  });
});

/** Returns an element's offset from the top of the page. */
const TOP_IN_PAGE = (each: { getBoundingClientRect(): { readonly top: number } }) =>
  Math.round(each.getBoundingClientRect().top + scrollY);
declare const scrollY: number;

describe('without the stylesheet', () => {
  test('a page is in order: its place, its title, the commands, the history', async () => {
    const id = await recordWithDates();
    const plain = await context.newPage();
    try {
      await plain.route('**/*.css', (route) => route.abort());
      await plain.goto(`/recommendations/${id}`);
      const headings = await plain.locator('h1, h2').allTextContents();
      expect(headings.map((heading) => heading.trim())).toEqual([
        expect.stringMatching(/^Recommendation \d+$/),
        'Status',
        'What you can do',
        'What is recommended',
        'Deadlines',
        'History',
        'Print and export',
        'Support links',
      ]);
      expect(await visible(plain, 'img, svg:not([role]):not([aria-hidden])')).toEqual([]);
      const text = (await plain.locator('body').innerText()).replaceAll(/\s+/g, ' ');
      expect(text.indexOf('Skip to main content')).toBeLessThan(text.indexOf('Recommendations'));
      expect(text.indexOf('Recommendations')).toBeLessThan(text.indexOf('What you can do'));
    } finally {
      await plain.close();
    }
  });
});
