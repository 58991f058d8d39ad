import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { pause } from './service-child.ts';

// Pages as seen in a browser. Each one checks that it is the expected page.

/**
 * The longest wait in milliseconds; shorter than the timeout of a test, so that a failure names the missing element.
 */
const WAIT_MS_MAX = 15_000;
/** The most reloads of a page for changes by another person. */
const LOOKS_MAX = 50;

/** Waits for a page by its heading, and fails on another page. */
async function arrive(page: Page, heading: string | RegExp, title: RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  const found = await page.title();
  if (!title.test(found)) throw new Error(`${page.url()} is "${found}", and not ${title}`);
}

/** Returns the words of elements as a reader sees them. */
const wordsOf = async (locator: Locator): Promise<string[]> =>
  (await locator.allTextContents()).map((text) => text.replaceAll(/\s+/g, ' ').trim());

/** A signed-in person, in a browser of their own. */
export class SignedIn {
  readonly page: Page;
  readonly #context: BrowserContext;

  private constructor(page: Page, context: BrowserContext) {
    this.page = page;
    this.#context = context;
  }

  /** @param name that of a development person. */
  static async as(
    name: string,
    { browser, address, scripts }: { browser: Browser; address: string; scripts: boolean },
  ): Promise<SignedIn> {
    const context = await browser.newContext({ javaScriptEnabled: scripts, baseURL: address });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS_MAX);
    await page.goto('/');
    await arrive(page, 'Choose who to sign in as', /^Sign in – Docket$/);
    await page.getByRole('button', { name }).click();
    await arrive(page, 'Work', /^Work – Docket$/);
    return new SignedIn(page, context);
  }

  /** Opens a part of the service through the navigation. */
  async go(to: string, heading = to): Promise<void> {
    await this.page
      .getByRole('navigation', { name: 'Menu' })
      .getByRole('link', { name: to, exact: true })
      .click();
    await arrive(this.page, heading, new RegExp(`^${heading} – Docket$`));
  }

  /** Opens a record from a work queue. */
  async openWaiting(queue: string, title: string): Promise<RecordPage> {
    const waiting = this.page.getByRole('link', { name: new RegExp(`^${queue}\\W+[1-9]`) });
    // A change by another person is counted a moment later.
    for (let looked = 0; looked < LOOKS_MAX; looked += 1) {
      await this.go('Work');
      if ((await waiting.count()) > 0) break;
      await pause(200);
    }
    await waiting.click();
    await arrive(this.page, 'Recommendations', new RegExp(`^${queue} – Recommendations – Docket$`));
    return this.openListed(title);
  }

  /** Opens a record of the shown list. */
  async openListed(title: string): Promise<RecordPage> {
    await this.page.getByRole('link', { name: title, exact: true }).click();
    return RecordPage.at(this.page, title);
  }

  async find(title: string): Promise<RecordPage> {
    await this.go('Recommendations');
    await this.page.getByLabel('Search titles, text and comments').fill(`"${title}"`);
    await this.page.getByRole('button', { name: 'Search' }).click();
    return this.openListed(title);
  }

  /** Opens the auditors' page. */
  async auditing(): Promise<AuditPage> {
    await this.go('Audit');
    return new AuditPage(this.page);
  }

  /** Opens the form to issue a recommendation. */
  async issuing(): Promise<FormPage> {
    await this.go('Issue', 'Issue a recommendation');
    return new FormPage(this.page);
  }

  leave(): Promise<void> {
    return this.#context.close();
  }
}

export class RecordPage {
  readonly #page: Page;
  readonly #title: string;

  private constructor(page: Page, title: string) {
    this.#page = page;
    this.#title = title;
  }

  static async at(page: Page, title: string): Promise<RecordPage> {
    await arrive(page, title, /^Recommendation – .* – Docket$/);
    return new RecordPage(page, title);
  }

  get #offers(): Locator {
    return this.#page.getByRole('region', { name: 'What you can do' });
  }

  get address(): string {
    return this.#page.url();
  }

  /** Returns the offered commands. */
  offered = (): Promise<string[]> => wordsOf(this.#offers.locator('a'));

  status = async (): Promise<string> => (await wordsOf(this.#page.locator('dl .govuk-tag').first()))[0] ?? '';

  deadlines = (): Promise<string[]> => wordsOf(this.#page.locator('[id^="deadline-"] td:first-child'));

  /** Returns the history's titles, newest first. */
  history = (): Promise<string[]> => wordsOf(this.#page.locator('.docket-timeline__title'));

  words = async (): Promise<string> => (await wordsOf(this.#page.getByRole('main')))[0] ?? '';

  /** Sends a command through its form. */
  async command(name: string, fill: (form: FormPage) => Promise<void> = async () => {}): Promise<string> {
    const offer = this.#offers.locator('a', { hasText: new RegExp(`^\\s*${name}\\s*$`) });
    // Rare commands are hidden in a fold.
    if (!(await offer.isVisible())) await this.#offers.getByText('More actions (').click();
    await offer.click();
    await arrive(this.#page, name, new RegExp(`^${name} – .* – Docket$`));
    const form = new FormPage(this.#page);
    await fill(form);
    await form.press(name);
    await RecordPage.at(this.#page, this.#title);
    const done = this.#page.locator(
      '.govuk-notification-banner--success .govuk-notification-banner__heading',
    );
    return (await wordsOf(done))[0] ?? 'Nothing was done';
  }
}

/** The history of a record, at one of its points. */
export class HistoryPage {
  readonly #page: Page;
  readonly #title: string;

  private constructor(page: Page, title: string) {
    this.#page = page;
    this.#title = title;
  }

  static async at(page: Page, title: string): Promise<HistoryPage> {
    await arrive(page, `History of: ${title}`, /^History – .* – Docket$/);
    return new HistoryPage(page, title);
  }

  /** Returns the number of the event that is shown. */
  after = async (): Promise<number> => Number(await this.#page.getByLabel(/^Event number/).inputValue());

  state = async (): Promise<string> => (await wordsOf(this.#page.locator('#state')))[0] ?? '';

  async toEvent(version: number): Promise<void> {
    const field = this.#page.getByLabel(/^Event number/);
    await field.fill(String(version));
    const form = this.#page.locator('form').filter({ has: field });
    await form.getByRole('button', { name: 'Show the record', exact: true }).click();
    await this.#page.waitForURL(`**/history?version=${version}*`);
    await HistoryPage.at(this.#page, this.#title);
  }

  async follow(link: string): Promise<void> {
    const found = this.#page.getByRole('link', { name: new RegExp(`^${link}`) });
    const to = new URL((await found.getAttribute('href')) ?? '', this.#page.url());
    await found.click();
    await this.#page.waitForURL(to.href);
  }

  /** Returns an event's details. */
  event = async (version: number): Promise<string> => {
    const rows = this.#page.locator(`#event-${version} .docket-event .govuk-summary-list__row`);
    return (await rows.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ').trim()).join('; ');
  };
}

/** The auditors' page. */
class AuditPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async press(button: string): Promise<void> {
    await this.#page.getByRole('main').getByRole('button', { name: button, exact: true }).click();
    await arrive(this.#page, 'Audit', /^Audit – Docket$/);
  }

  part = async (name: string): Promise<string> =>
    (await wordsOf(this.#page.getByRole('region', { name, exact: true })))[0] ?? '';

  /** Returns the result of the running verification. With scripts it appears by itself, otherwise through its link. */
  async verified(scripts: boolean): Promise<string> {
    const ended = this.#page.getByRole('button', { name: 'Verify the history' });
    for (let looked = 0; !scripts && looked < LOOKS_MAX && (await ended.count()) === 0; looked += 1) {
      await pause(200);
      await this.#page.reload();
    }
    await ended.waitFor();
    return this.part('Verify the history');
  }

  key = (): Promise<string> => this.#page.getByLabel('Key to check signatures').inputValue();

  async list(name: string): Promise<void> {
    await this.#page.getByRole('main').getByRole('link', { name, exact: true }).click();
    await arrive(this.#page, name, new RegExp(`^${name} – Docket$`));
  }
}

/** Returns the file that an action downloads. */
export async function downloadFrom(page: Page, act: () => Promise<void>): Promise<Uint8Array> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  return readFile(await download.path());
}

/** The operators' page. */
export class OperationsPage {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async open(person: SignedIn): Promise<OperationsPage> {
    await person.go('Operations');
    return new OperationsPage(person.page);
  }

  words = async (): Promise<string> => (await wordsOf(this.#page.getByRole('main')))[0] ?? '';

  async press(button: string | RegExp): Promise<void> {
    const found = this.#page.getByRole('main').getByRole('button', { name: button }).first();
    // The link leads back to the same page.
    await Promise.all([this.#page.waitForResponse(/\/operations$/), found.click()]);
    await arrive(this.#page, 'Operations', /^Operations – Docket$/);
  }

  async count(key: string): Promise<number> {
    return Number((await this.#value(key)).replaceAll(',', ''));
  }

  /** Reloads the page until a line matches. */
  async until(key: string, expected: RegExp): Promise<void> {
    await this.#again(() => this.#value(key), `“${key}”`, expected);
  }

  #value = async (key: string): Promise<string> => {
    const row = this.#page.locator('.govuk-summary-list__row', {
      has: this.#page.getByText(key, { exact: true }),
    });
    return (await wordsOf(row.locator('dd').first()))[0] ?? '';
  };

  async #again(look: () => Promise<string>, what: string, expected: RegExp): Promise<void> {
    let found = await look();
    for (let looked = 0; looked < LOOKS_MAX && !expected.test(found); looked += 1) {
      await pause(200);
      await this.#page.goto('/operations');
      found = await look();
    }
    if (!expected.test(found)) throw new Error(`${what} is “${found}”, and never ${expected}`);
  }
}

/** A form whose fields are found by their labels. */
export class FormPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async type(label: string, text: string): Promise<void> {
    await this.page.getByLabel(label, { exact: true }).fill(text);
  }

  async choose(label: string): Promise<void> {
    await this.page.getByLabel(label, { exact: true }).check();
  }

  /** @param date the day, month and year. */
  async date(label: string, date: readonly [string, string, string]): Promise<void> {
    const group = this.page.getByRole('group', { name: label, exact: true });
    for (const [index, part] of ['Day', 'Month', 'Year'].entries())
      await group.getByLabel(part).fill(date[index] ?? '');
  }

  async press(button: string): Promise<void> {
    await this.page.getByRole('main').getByRole('button', { name: button, exact: true }).click();
  }
}
