import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import type { UnpackedBrowser } from './unpack-browser.ts';

/** Starts the browser of this test run, which ends with `close`. */
export async function openBrowser(): Promise<Browser> {
  const answer = await fetch(`${process.env['DOCKET_TEST_RUN'] ?? ''}/browser`);
  if (!answer.ok) throw new Error(await answer.text());
  return launch((await answer.json()) as UnpackedBrowser);
}

/** Starts an unpacked browser without its sandbox, so that any user can run it. It opens only local pages. */
export const launch = ({ executable, env }: UnpackedBrowser): Promise<Browser> =>
  chromium.launch({
    executablePath: executable,
    args: ['--no-sandbox'],
    env: { ...process.env, ...env },
  });
