import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { runDocket } from '../support/command-line.ts';
import {
  axeFindings,
  cutOff,
  otherTypefaces,
  spaceText,
  unspaceText,
  visible,
  widerBy,
} from '../support/page-checks.ts';
import { FORM_STATES, PAGE_STATES, PagesAtHand } from '../support/page-states.ts';
import type { OpenedPage } from '../support/pages.ts';
import { startService } from '../support/service.ts';

/** The most bytes of a compressed page, for a slow connection. */
const PAGE_BYTES_MAX = 100_000;
const SCRIPT_BYTES_MAX = 15_000;
const ASSETS = 'dist/assets';

const WIDE = { width: 1280, height: 800 };
/** The size of a phone, or of a window of 1280 pixels at 400 %. */
const NARROW = { width: 320, height: 640 };

/** A text without a place to break. */
const LONG = 'w'.repeat(300);

let browser: Browser;
let at: PagesAtHand;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  const service = await startService();
  writeFileSync(join(service.folder, 'bodies.csv'), `slug,name,kind\nwiltshire,${LONG},police-force\n`);
  await runDocket(['--as', 'ann', 'bodies', 'import', 'bodies.csv'], { folder: service.folder });
  at = new PagesAtHand(service, { title: LONG, report: { name: LONG, publishedOn: '2020-01-06' } });
  browser = await openBrowser();
  page = await browser.newPage({ viewport: WIDE });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
});

afterAll(async () => {
  await browser.close();
  await at.service.stop();
});

/** Opens a fetched page in the browser, at its address and with its policy. */
async function open({ html, headers, address }: OpenedPage): Promise<void> {
  // Without this, the feed of the previous page would call the service.
  await page.goto('about:blank');
  await page.unrouteAll();
  const policy = headers.get('content-security-policy') ?? '';
  await page.route(`${at.service.address}/**`, async (route) => {
    if (route.request().isNavigationRequest())
      await route.fulfill({
        contentType: 'text/html; charset=utf-8',
        headers: { 'content-security-policy': policy },
        body: html,
      });
    else if (route.request().resourceType() === 'eventsource')
      await route.fulfill({ contentType: 'text/event-stream', body: '' });
    else await route.continue();
  });
  await page.setViewportSize(WIDE);
  await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
  await page.goto(at.service.address + address);
}

/** Returns all failures of a page, by check. */
async function failings(): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  const look = async (situation: string, failing: Promise<{ readonly length: number }>): Promise<void> => {
    const failed = await failing;
    if (failed.length > 0) found[situation] = failed;
  };
  const width = async () => {
    const { pixels, because } = await widerBy(page);
    return pixels > 0 ? [`${pixels} pixels`, ...because.slice(0, 5)] : [];
  };
  await look('light', axeFindings(page));
  await look('pictures in another typeface', otherTypefaces(page));
  await page.emulateMedia({ colorScheme: 'dark' });
  await look('dark', axeFindings(page, ['color-contrast', 'link-in-text-block']));
  await spaceText(page);
  await look('text spaced', cutOff(page));
  await page.setViewportSize(NARROW);
  await look('narrow, text spaced', cutOff(page));
  await look('narrow, text spaced: wider by', width());
  await unspaceText(page);
  await look('narrow: wider by', width());
  await look('narrow', axeFindings(page));
  await page.emulateMedia({ media: 'print' });
  await look('printed', visible(page, 'nav, form, button, footer, .govuk-skip-link, .docket-notice'));
  return found;
}

const all = { ...PAGE_STATES, ...FORM_STATES };

/**
 * A view of each layout, with most of its content, and forms that together have every kind of field. The long form
 * checks all states.
 */
const VIEWS = [
  ...[
    'sign-in',
    'work of an inspector',
    'register',
    'register, filtered',
    'register, refused',
    'record, as it was',
  ],
  ...['record, much waiting', 'record, for printing', 'history, at an event'],
  ...['form, stale', 'issue, refused', 'import, with anomalies', 'deadlines, filtered', 'statistics'],
  ...['operations', 'webhook, with deliveries', 'audit, signed', 'pack, to choose', 'log', 'inbox'],
  ...['help', 'form of redact-comment', 'form of submit-evidence'],
];

describe.each(process.env['DOCKET_TEST_LONG'] === undefined ? VIEWS : Object.keys(all))('%s', (name) => {
  test('can be read and used by anybody, in any window, in light and dark, and on paper', async () => {
    complaints.length = 0;
    const opened = await all[name]!(at);
    await open(opened);
    expect(await failings()).toEqual({});
    expect(complaints).toEqual([]);
    expect(gzipSync(opened.html).length).toBeLessThan(PAGE_BYTES_MAX);
  });
});

test('scripts are short together: a slow connection does not wait for them', () => {
  const scripts = readdirSync(ASSETS).filter((name) => name.endsWith('.js'));
  const bytes = scripts.map((name) => gzipSync(readFileSync(`${ASSETS}/${name}`)).length);
  expect(scripts).not.toEqual([]);
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(SCRIPT_BYTES_MAX);
});

test('faults of a page are found', async () => {
  const wrong =
    '<p style="color: #777; background: #888">dim</p><img src="/assets/none.png"><pre>' +
    'w'.repeat(300) +
    '</pre></main>';
  const help = await at.signedOut().get('/help');
  await open({ ...help, html: help.html.replace('</main>', wrong) });
  const found = await failings();
  expect(Object.keys(found)).toEqual(expect.arrayContaining(['light', 'narrow: wider by']));
  expect(JSON.stringify(found['light'])).toMatch(/image-alt/);
  expect(complaints.join()).toMatch(/Content Security Policy/);
});
