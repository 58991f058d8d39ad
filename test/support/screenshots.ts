// Makes the README's screenshots from the demo: `npm run screenshots`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { launch } from './browser.ts';
import { unpackBrowser } from './unpack-browser.ts';

const DEMO = fileURLToPath(new URL('../../dist/apps/server/src/demo.js', import.meta.url));
const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const SIZE = { width: 1280, height: 960 };

interface Picture {
  readonly name: string;
  readonly address: string;
  /** The development person who views it. */
  readonly by: string;
  /** The button to press first. */
  readonly press?: string;
  /** The element at the top, if it is not that of the page. */
  readonly from?: string;
}

const PICTURES: readonly Picture[] = [
  { name: 'work', address: '/', by: 'demo-inspector' },
  { name: 'register', address: '/recommendations', by: 'demo-inspector' },
  { name: 'record', address: '/recommendations/730', by: 'demo-inspector' },
  {
    name: 'history',
    address: '/recommendations/730/history?version=3',
    by: 'demo-inspector',
    from: '#position',
  },
  { name: 'statistics', address: '/statistics', by: 'demo-approver', from: '#ages' },
  { name: 'audit', address: '/audit', by: 'demo-auditor', press: 'Sign the history' },
  { name: 'operations', address: '/operations', by: 'demo-administrator' },
];

const demo = spawn(process.execPath, [DEMO], {
  env: { ...process.env, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const browser = await unpackBrowser();
try {
  await savePictures(await addressOfDemo());
} finally {
  demo.kill('SIGINT');
  await once(demo, 'exit');
}

async function addressOfDemo(): Promise<string> {
  let address = '';
  for await (const line of createInterface(demo.stdout)) {
    address = /^Docket is ready at (\S+)$/.exec(line)?.[1] ?? address;
    if (line.includes('Press Ctrl-C to stop')) break;
  }
  demo.stdout.resume();
  if (address === '') throw new Error('The demo has not started');
  return address;
}

async function savePictures(address: string): Promise<void> {
  const chromium = await launch(browser);
  try {
    for (const [by, pictures] of Map.groupBy(PICTURES, (picture) => picture.by)) {
      const context = await chromium.newContext({ viewport: SIZE, colorScheme: 'light' });
      const page = await context.newPage();
      await signIn(page, address, by);
      for (const picture of pictures) await savePicture(page, address, picture);
      await context.close();
    }
  } finally {
    await chromium.close();
  }
}

async function savePicture(
  page: Page,
  origin: string,
  { name, address, press, from }: Picture,
): Promise<void> {
  await page.goto(origin + address);
  if (press !== undefined) {
    await page.getByRole('button', { name: press }).click();
    await page.waitForLoadState();
  }
  if (from !== undefined)
    await page.locator(from).evaluate((each: { scrollIntoView(): void }) => {
      each.scrollIntoView();
    });
  await page.screenshot({ path: `${IMAGES}${name}.png` });
  process.stdout.write(`docs/images/${name}.png\n`);
}

async function signIn(page: Page, address: string, person: string): Promise<void> {
  await page.goto(`${address}/sign-in`);
  await page.locator(`button[value="${person}"]`).click();
  await page.waitForURL(`${address}/`);
}
