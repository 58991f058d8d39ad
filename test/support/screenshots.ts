// Makes the README's pictures of pages, from the demo: `npm run screenshots`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { launch } from './browser.ts';
import { unpackBrowser } from './unpack-browser.ts';

const DEMO = fileURLToPath(new URL('../../dist/apps/server/src/demo.js', import.meta.url));
const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const SIZE = { width: 1280, height: 960 };

/** Each picture's name, and the page that it is of. */
const PICTURES: readonly (readonly [name: string, address: string])[] = [
  ['work', '/'],
  ['register', '/recommendations'],
  ['record', '/recommendations/730'],
];

const demo = spawn(process.execPath, [DEMO], {
  env: { ...process.env, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const browser = await unpackBrowser();
try {
  await takePictures(await addressOfDemo());
} finally {
  if (browser.folder !== null) rmSync(browser.folder, { recursive: true, force: true });
  demo.kill('SIGINT');
  await once(demo, 'exit');
}

async function addressOfDemo(): Promise<string> {
  let address = '';
  for await (const line of createInterface(demo.stdout)) {
    address = /^Docket is ready at (\S+)$/.exec(line)?.[1] ?? address;
    if (line.includes('stays up until Ctrl-C')) break;
  }
  demo.stdout.resume();
  if (address === '') throw new Error('The demo has not started');
  return address;
}

async function takePictures(address: string): Promise<void> {
  const chromium = await launch(browser);
  try {
    const page = await chromium.newPage({ viewport: SIZE, colorScheme: 'light' });
    await signIn(page, address);
    for (const [name, path] of PICTURES) {
      await page.goto(address + path);
      await page.screenshot({ path: `${IMAGES}${name}.png` });
      process.stdout.write(`docs/images/${name}.png\n`);
    }
  } finally {
    await chromium.close();
  }
}

async function signIn(page: Page, address: string): Promise<void> {
  await page.goto(`${address}/sign-in`);
  await page.locator('button[value="demo-inspector"]').click();
  await page.waitForURL(`${address}/`);
}
