import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { PageBrowser } from '../support/pages.ts';
import { startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';

let service: RunningService;
let browser: PageBrowser;

beforeAll(async () => {
  service = await startService();
  browser = new PageBrowser(service.address);
});
afterAll(() => service.stop());

test('the verifiers, their source and their digests are served without a sign-in', async () => {
  const page = await browser.get('/verify');
  expect(page.status).toBe(200);
  expect(page.words('.govuk-warning-text')[0]).toContain('proves nothing against the operator');
  const shown = page.words('.docket-digest');
  const sums = (await service.request('GET', '/verify/SHA256SUMS')).text;
  for (const name of ['verify.html', 'verify.py']) {
    const file = await service.request('GET', `/verify/${name}`);
    expect(file.status).toBe(200);
    expect(file.headers['content-disposition']).toBe(`attachment; filename="${name}"`);
    const digest = createHash('sha256').update(file.text).digest('hex');
    expect(shown).toContain(digest);
    expect(sums).toContain(`${digest}  ${name}\n`);
  }
  const links = page.all('a').map((link) => link.getAttribute('href') ?? '');
  const files = links.filter((href) => href.startsWith('/verify/'));
  expect(files).toHaveLength(4);
  for (const href of files) expect((await service.request('GET', href)).status).toBe(200);
  const source = (await service.request('GET', '/verify/verify-source.txt')).text;
  expect(source).toMatch(/^=+ apps\/verifier\/src\/page\.ts$/m);
  expect(source).toMatch(/^=+ libs\/audit\/src\/pack\/\S+\.ts$/m);
});

test('another file of the build is not served there', async () => {
  for (const path of ['/verify/package.json', '/verify/..%2f..%2fpackage.json'])
    expect((await service.request('GET', path)).status).toBe(404);
});

test('the page of the sign-in links to it', async () => {
  const links = (await browser.get('/sign-in')).all('a').map((link) => link.getAttribute('href'));
  expect(links).toContain('/verify');
});
