import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeLettersApi } from '../second-lifecycle/letters-api.ts';
import { complaints } from '../second-lifecycle/complaints.ts';
import { letters } from '../second-lifecycle/letters.ts';
import { builtWith } from '../support/built-with.ts';
import { runDocket } from '../support/command-line.ts';
import { digestOf } from '../support/digest-of.ts';
import { PageBrowser } from '../support/pages.ts';
import type { OpenedPage } from '../support/pages.ts';
import { refusal, startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';

const FORM = 'main form[method=post]';
let dist: string;
let service: RunningService;
let inspector: PageBrowser;
let approver: PageBrowser;

beforeAll(async () => {
  dist = builtWith(['complaints', 'letters']);
  service = await startService({ dist });
  [inspector, approver] = [new PageBrowser(service.address), new PageBrowser(service.address)];
  await inspector.signIn('demo-inspector');
  await approver.signIn('demo-approver');
});
afterAll(() => service.stop());

test.each([letters, complaints])('is named by the digest of its definition', (each) => {
  expect(each.reference.digest).toBe(digestOf(each));
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

test('given a complaint to a body, then the body responds, and other kinds give nobody a right on it', async () => {
  const as = (role: string, ...organisations: string[]) =>
    service.as(role, { subject: `${role}-1`, organisations });
  const complaint = { id: 'c-1', title: 'Noise', text: 'It was loud.', recipient: 'wiltshire' };
  const made = await as('caseworker').post('/api/complaints', { ...complaint, dueOn: '2099-01-01' });
  expect(made.status).toBe(201);
  const comment = { text: 'A secret.', visibility: 'internal' };
  await as('caseworker').post('/api/complaints/c-1/commands/add-comment', comment);
  const published = await as('liaison', 'wiltshire').post('/api/complaints/c-1/commands/publish-response', {
    ...{ position: 'no-action', text: 'It was not us.' },
  });
  expect(published.status).toBe(200);
  for (const other of [as('inspector'), as('force-lead', 'wiltshire'), as('liaison', 'kent')])
    expect(await other.get('/api/complaints/c-1')).toMatchObject(refusal(404, 'not-found'));
  await service.as('inspector').issue({ id: 'r-1', recipients: ['wiltshire'] });
  for (const other of [as('caseworker'), as('liaison', 'wiltshire')])
    expect(await other.get('/api/recommendations/r-1')).toMatchObject(refusal(404, 'not-found'));
  const liaison = new PageBrowser(service.address);
  await liaison.signIn('demo-liaison');
  const page = await liaison.get('/complaints/c-1');
  const [words] = page.words('main');
  expect(words).toMatch(/Body ?Wiltshire.*The text ?It was loud\./i);
  expect(words).not.toMatch(/secret|\[redacted\]|Not set/);
  // The navigation and the filters offer only the kinds of which the person sees records.
  const lists = (shown: OpenedPage) =>
    shown
      .words('#navigation li')
      .filter((each) => ['Recommendations', 'Complaints', 'Letters'].includes(each));
  expect([lists(page), lists(await inspector.get('/'))]).toEqual([
    ['Complaints'],
    ['Recommendations', 'Letters'],
  ]);
  for (const path of ['/statistics', '/deadlines'])
    expect((await liaison.get(path)).words('option')).not.toContain('Letters');
  await as('liaison', 'wiltshire').get(`/api/work?minPosition=${published.json.position}`);
  const adjudicator = new PageBrowser(service.address);
  await adjudicator.signIn('demo-adjudicator');
  expect((await adjudicator.get('/inbox')).words('main')[0]).toContain('Complaint c-1: Noise');
});

describeLettersApi(() => service, ['inspection-recommendation', 'complaint']);
