import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { freePort } from '../support/free-port.ts';
import { AUDIENCE, PAGES_CLIENT, signingKey, startProvider } from '../support/openid-provider.ts';
import type { RunningProvider } from '../support/openid-provider.ts';
import { refusal, startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';

const people = {
  ann: { name: 'Ann Inspector', roles: ['inspector'] },
  everywhere: {
    roles: ['force-lead'],
    organisations: Array.from({ length: 100 }, (_, index) => `a-body-with-quite-a-long-slug-${index}`),
  },
};

let browser: Browser;
let provider: RunningProvider;
let service: RunningService;
let address: string;

beforeAll(async () => {
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  browser = await openBrowser();
  provider = await startProvider({
    keys: [signingKey('ES256')],
    people,
    redirectUris: [`${address}/sign-in/ended`],
  });
  const secretFile = join(temporaryFolder(), 'client-secret');
  writeFileSync(secretFile, `${PAGES_CLIENT.secret}\n`);
  service = await startService({
    env: {
      PORT: String(port),
      DOCKET_OIDC_ISSUER: provider.issuer,
      DOCKET_OIDC_AUDIENCE: AUDIENCE,
      DOCKET_OIDC_CLIENT_ID: PAGES_CLIENT.id,
      DOCKET_OIDC_CLIENT_SECRET_FILE: secretFile,
      DOCKET_OIDC_PARAMETERS: 'scope=openid&resource=urn:docket:api:ES256',
      DOCKET_PUBLIC_URL: address,
    },
  });
});

afterAll(async () => {
  await browser.close();
  await provider.stop();
});

/** Opens a browser with or without scripts. */
async function inBrowser(
  go: (page: Page, context: BrowserContext) => Promise<void>,
  javaScriptEnabled = false,
): Promise<void> {
  const context = await browser.newContext({ javaScriptEnabled });
  try {
    await go(await context.newPage(), context);
  } finally {
    await context.close();
  }
}

/** Signs in at the provider's own pages. */
async function signInAs(page: Page, person: string): Promise<void> {
  await page.locator('input[name="login"]').fill(person);
  await page.locator('input[name="password"]').fill('any');
  await page.locator('button[type="submit"]').click();
  await page.locator('button[type="submit"]').click();
}

describe('signing in at a provider', () => {
  it.each([true, false])(
    'returns to the requested page, and signs out again, with scripts: %s',
    async (scripts) => {
      await inBrowser(async (page, context) => {
        await page.goto(`${address}/?minPosition=0`);
        expect(new URL(page.url()).origin).toBe(provider.issuer);
        await signInAs(page, 'ann');
        expect(page.url()).toBe(`${address}/?minPosition=0`);
        expect(await page.title()).toBe('Work – Docket');
        await page.getByRole('link', { name: 'Ann Inspector' }).waitFor();
        const [cookie] = (await context.cookies()).filter(({ name }) => name.startsWith('docket-'));
        expect(cookie).toMatchObject({ name: 'docket-session', httpOnly: true, sameSite: 'Lax' });
        expect(cookie?.value).not.toContain('ann');
      }, scripts);
    },
  );

  it('reports that the user cancelled at the provider', async () => {
    await inBrowser(async (page) => {
      await page.goto(address);
      const cancel = await page.getByRole('link', { name: 'Cancel' }).getAttribute('href');
      await page.goto(new URL(cancel ?? '', page.url()).href);
      expect(await page.locator('h1').textContent()).toBe('Sign in to continue');
      expect(await page.locator('main').textContent()).toContain('You cancelled the sign-in');
      await page.getByRole('link', { name: 'Sign in', exact: true }).first().click();
      expect(new URL(page.url()).origin).toBe(provider.issuer);
    });
  });

  it('refuses an answer that this browser did not request', async () => {
    await inBrowser(async (page) => {
      const answer = await page.goto(`${address}/sign-in/ended?code=stolen&state=guessed`);
      expect(answer?.status()).toBe(401);
      expect(await page.locator('main').textContent()).toContain('in a different browser');
    });
  });

  it('refuses a user with more bodies than a browser can keep, and says why', async () => {
    await inBrowser(async (page) => {
      await page.goto(address);
      await signInAs(page, 'everywhere');
      expect(await page.locator('main').textContent()).toContain('100 organisations');
    });
  });

  it('answers at the public address only, but for probes', async () => {
    const at = (host: string, path: string) => service.request('GET', path, { headers: { host } });
    const { host, port } = new URL(address);
    expect(await at(host, '/sign-in')).toMatchObject({ status: 303 });
    expect(await at(host, '/api/me')).toMatchObject(refusal(401, 'unauthenticated'));
    for (const foreign of [`localhost:${port}`, '127.0.0.1', 'rebound.example', `rebound.example:${port}`]) {
      expect(await at(foreign, '/api/me')).toMatchObject(refusal(421, 'foreign-host'));
      const page = await at(foreign, '/sign-in');
      expect(page).toMatchObject({ status: 421 });
      expect([...page.text.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, href]) => href)).toEqual([address]);
      for (const probe of ['/health/live', '/health/ready', '/metrics'])
        expect(await at(foreign, probe)).toMatchObject({ status: 200 });
    }
  });

  it('accepts a session at every node that has the key', async () => {
    const other = await startService({
      folder: service.folder,
      env: {
        DOCKET_OIDC_ISSUER: provider.issuer,
        DOCKET_OIDC_AUDIENCE: AUDIENCE,
        DOCKET_OIDC_CLIENT_ID: PAGES_CLIENT.id,
        DOCKET_PUBLIC_URL: address,
      },
    });
    await inBrowser(async (page, context) => {
      await page.goto(address);
      await signInAs(page, 'ann');
      const [session] = (await context.cookies()).filter(({ name }) => name === 'docket-session');
      const headers = { cookie: `docket-session=${session?.value ?? ''}`, accept: 'text/html' };
      const statusOf = async (path: string) => (await other.request('GET', path, { headers })).status;
      expect(await statusOf('/')).toBe(200);
      // A cookie opens only pages.
      expect(await statusOf('/api/me')).toBe(401);
    });
  });
});
