import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeLettersApi } from '../second-lifecycle/letters-api.ts';
import { letters } from '../second-lifecycle/letters.ts';
import { builtWith } from '../support/built-with.ts';
import { runDocket } from '../support/command-line.ts';
import { digestOf } from '../support/digest-of.ts';
import { PageBrowser } from '../support/pages.ts';
import { startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';

const FORM = 'main form[method=post]';
let dist: string;
let service: RunningService;
let inspector: PageBrowser;
let approver: PageBrowser;

beforeAll(async () => {
  dist = builtWith(['letters']);
  service = await startService({ dist });
  [inspector, approver] = [new PageBrowser(service.address), new PageBrowser(service.address)];
  await inspector.signIn('demo-inspector');
  await approver.signIn('demo-approver');
});
afterAll(() => service.stop());

test('is named by the digest of its definition', () => {
  expect(letters.reference.digest).toBe(digestOf(letters));
});

test('given its pages, then a letter is written, sent, found in its queue and answered in its own words', async () => {
  const page = await inspector.get('/letters/new');
  expect(page.words('nav li')).toEqual(expect.arrayContaining(['Letters', 'Issue a letter']));
  await inspector.submit(page, FORM, { id: 'one', text: 'Dear Kent' });
  await service
    .as('inspector', { subject: 'demo-inspector' })
    .post('/api/letters/one/commands/send-letter', {});
  const { json } = await service.as('approver').get('/api/letters/one');
  await service.as('approver').get(`/api/work?minPosition=${json.position}`);
  expect((await approver.get('/')).words('.docket-queue__name')).toContain('Answer');
  const form = await approver.get('/letters/one/commands/answer-letter');
  const done = await approver.submit(form, FORM, { answer: 'Dear inspector' });
  expect(done.words('.govuk-notification-banner__heading')).toEqual(['Done: Letter answered']);
  for (const path of ['', '/history', '/print', '/record']) {
    const [words] = (await approver.get(`/letters/one${path}`)).words('main');
    expect([path, words]).toEqual([path, expect.stringContaining('etter')]);
    expect(words).not.toMatch(/recommend|LetterSent|undefined|\[redacted\]/i);
  }
});

test('given a letter and a recommendation of one id, then the log verifies, and so does the pack of the letter', async () => {
  await service.as('inspector').issue({ id: 'one' });
  const docket = (...words: string[]) => runDocket(words, { folder: service.folder, dist });
  expect(await docket('verify')).toMatchObject({ code: 0 });
  const { token } = service.as('auditor');
  const answer = await fetch(`${service.address}/api/letters/one/pack`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const pack = join(service.folder, 'one.pack.zip');
  writeFileSync(pack, Buffer.from(await answer.arrayBuffer()));
  const [key = ''] = (await docket('checkpoint', '--key')).stdout.trim().split('\n');
  const judged = await docket('verify', '--pack', pack, '--key', key);
  expect(judged).toMatchObject({ code: 0, stdout: expect.stringContaining('letter-one') });
});

describeLettersApi(() => service, ['inspection-recommendation']);
