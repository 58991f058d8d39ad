import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readZip } from '#audit/pack/read-zip';
import { openBrowser } from '../support/browser.ts';
import { builtWith } from '../support/built-with.ts';
import { runDocket } from '../support/command-line.ts';
import { digestOf } from '../support/digest-of.ts';
import { PageBrowser } from '../support/pages.ts';
import { refusal, startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';
import { describeLettersApi } from '../second-lifecycle/letters-api.ts';
import { lockers } from '../second-lifecycle/lockers.ts';

// The lifecycles of the tests in a service with recommendations: the list has more entries.

const LOCKER = '/api/lockers/one';
const FORM = 'main form[method=post]';
let dist: string;
let service: RunningService;
/** Ann registers the locker and reports its seal, on pages and through the API. Ben is another user. */
let ann: Client;
let ben: Client;
let officer: PageBrowser;
let sergeant: PageBrowser;

beforeAll(async () => {
  dist = builtWith(['lockers', 'letters']);
  service = await startService({ dist });
  ann = service.as('detention-officer', { subject: 'demo-detention-officer' });
  ben = service.as('custody-sergeant', { subject: 'demo-custody-sergeant' });
  [officer, sergeant] = [new PageBrowser(service.address), new PageBrowser(service.address)];
  await officer.signIn('demo-detention-officer');
  await sergeant.signIn('demo-custody-sergeant');
});
afterAll(() => service.stop());

const send = (who: Client, command: string, body: object = {}): Promise<Answer> =>
  who.post(`${LOCKER}/commands/${command}`, body);
const recorded = async () => (await ann.get(`${LOCKER}/events`)).json.items.map(({ type }) => type);

test('is named by the digest of its definition', () => {
  expect(lockers.reference.digest).toBe(digestOf(lockers));
});

test('given its page, then a locker is registered in its own words, commented on, and its seal reported', async () => {
  const page = await officer.get('/lockers/new');
  expect(page.words('h1')).toEqual(['Register a locker']);
  expect(page.words(`${FORM} button`)).toContain('Register a locker');
  expect(page.words('nav li')).toEqual(expect.arrayContaining(['Lockers', 'Register a locker']));
  const typed = { id: 'one', place: 'Cell 4', contents: 'A wallet.' };
  const day = { 'nextCheck-day': '30', 'nextCheck-month': '6', 'nextCheck-year': '2099' };
  const done = await officer.submit(page, FORM, { ...typed, ...day });
  expect(done.words('h1')).toEqual(['Cell 4']);
  expect(done.words('h2')).toEqual(expect.arrayContaining(['What you can do', 'Deadlines', 'History']));
  expect(done.words('dt')).not.toContain('Body');

  await send(ann, 'add-comment', { text: 'She has the key.', visibility: 'public' });
  const { json } = await send(ann, 'report-seal', { seen: 'Torn at the edge.' });
  expect(json.state).toMatchObject({ use: 'in-use', seal: 'broken', deadline: 'on-track' });
  expect(await recorded()).toEqual([
    ...['LockerRegistered', 'DeadlineSet', 'CommentAdded', 'SealReportedBroken'],
  ]);
  await ann.get(`/api/work?minPosition=${json.position}`);
});

test.each([
  ['of who reported the seal', 'replace-seal', { number: '2' }, 403, 'separation-of-duties'],
  ['under a broken seal', 'empty-locker', {}, 409, 'command-not-allowed'],
  ['on a seal that is broken', 'report-seal', { seen: 'It.' }, 409, 'command-not-allowed'],
  ['without its payload', 'report-seal', {}, 400, 'invalid-payload'],
  ['of another kind of record', 'start-progress', {}, 404, 'unknown-command'],
])(
  'given a command %s, then it is refused, and nothing is recorded',
  async (_, command, body, status, code) => {
    const before = await recorded();
    expect(await send(ann, command, body)).toMatchObject(refusal(status, code));
    expect(await recorded()).toEqual(before);
  },
);

test('given a command that no locker has, then those are named that lockers have', async () => {
  const { json } = await send(ann, 'start-progress');
  expect(json.detail).toMatch(/^There is no command "start-progress"\. Commands: (?!.*start).*replace-seal/);
});

test('given a broken seal, then the page links users who can replace it to that', async () => {
  const waits = async (browser: PageBrowser) =>
    (await browser.get('/lockers/one')).words('.govuk-inset-text li');
  expect(await waits(sergeant)).toEqual(['Seal is waiting for a decision. Make a decision']);
  expect(await waits(officer)).toEqual([
    'Seal is waiting for a decision. Another detention officer or custody sergeant must decide this.',
  ]);
});

test('given a broken seal, then another person finds the locker in work, lists and by words', async () => {
  expect((await sergeant.get('/')).words('.docket-queue__name')).toContain('Seal');
  const found = async (query: string) =>
    (await ben.get(`/api/lockers?${query}`)).json.items.map(({ id }) => id);
  for (const query of ['queue=seal', 'q=wallet', 'q=torn+edge', 'seal=broken', 'deadline=on-track'])
    expect([query, await found(query)]).toEqual([query, ['one']]);
  expect(await found('seal=whole')).toEqual([]);
  const list = await sergeant.get('/lockers?seal=broken');
  expect(list.words('main td a.docket-title, main th a.docket-title')).toEqual(['Cell 4']);
  const labels = list.words('.docket-list__filters label');
  expect(labels).toEqual(expect.arrayContaining(['In use', 'Emptied', 'Broken']));
  for (const other of ['Awaiting review', 'Body']) expect(labels).not.toContain(other);
});

test('given a locker, then figures, deadlines, the calendar and the chart have it', async () => {
  const { json: figures } = await ben.get('/api/statistics?kind=locker');
  expect(figures).toMatchObject({ total: 1, byStatus: { 'in-use': 1 }, byDeadline: { 'on-track': 1 } });
  const { json: due } = await ben.get('/api/deadlines?recordKind=locker');
  expect(due.items).toMatchObject([{ id: 'one', dueOn: '2099-06-30', title: 'Cell 4' }]);
  const calendar = (await ben.get('/api/deadlines.ics')).text.replaceAll('\r\n ', '').split('\r\n');
  expect(calendar).toContain('SUMMARY:Locker one: Cell 4');
  const url = calendar.find((line) => line.startsWith('URL'))?.replace(/^URL;VALUE=URI:http:\/\/[^/]+/, '');
  expect((await sergeant.get(url ?? '')).words('h1')).toEqual(['Cell 4']);
  expect((await ben.get(`${LOCKER}/statechart`)).json).toMatchObject({
    regions: [
      { region: 'use', current: 'in-use' },
      { region: 'seal', current: 'broken' },
    ],
  });
});

test.each(['', '/history', '/print', '/record'])(
  'given a locker, then its page %s shows it in the words of its lifecycle',
  async (path) => {
    const page = await sergeant.get(`/lockers/one${path}`);
    expect(page.status).toBe(200);
    expect(page.words('main')[0]).toContain('eal');
    expect(page.words('main')[0]).not.toMatch(/recommend|SealReported|undefined|\[redacted\]/i);
  },
);

test('given another person, then they replace the seal by a form, never by the same one, and the locker is emptied', async () => {
  const form = await sergeant.get('/lockers/one/commands/replace-seal');
  const done = await sergeant.submit(form, FORM, { number: '2' });
  expect(done.words('.govuk-notification-banner__heading')).toEqual(['Done: Seal replaced']);
  await send(ann, 'report-seal', { seen: 'Torn again.' });
  expect(await send(ben, 'replace-seal', { number: '2' })).toMatchObject(refusal(422, 'seal-not-new'));
  const kinds = async (who: Client) => {
    const { json } = await who.get(`/api/inbox?minPosition=${position}`);
    const items = json.items as unknown as readonly { readonly kind: string; readonly settled: boolean }[];
    return items.map(({ kind, settled }) => [kind, settled] as const);
  };
  let position = (await send(ben, 'add-comment', { text: 'On my way.' })).json.position;
  // The second report is pending, and the form settled the first.
  expect(await kinds(ben)).toEqual(expect.arrayContaining([['seal-broken', true]]));
  expect((await kinds(ben))[0]).toEqual(['seal-broken', false]);
  expect((await kinds(ann)).map(([kind]) => kind)).toContain('seal-replaced');
  position = (await send(ben, 'replace-seal', { number: '3' })).json.position;
  const notices = (await kinds(ben)).filter(([kind]) => kind === 'seal-broken');
  expect(notices).toEqual([
    ['seal-broken', true],
    ['seal-broken', true],
  ]);
  const { json } = await send(ann, 'empty-locker');
  expect(json).toMatchObject({ status: 'emptied', state: { seal: 'whole', deadline: 'settled' } });
});

test('given a locker and a recommendation of one id, then the log verifies, and so does the pack of the locker in all verifiers', async () => {
  await service.as('inspector').issue({ id: 'one' });
  const docket = (...words: string[]) => runDocket(words, { folder: service.folder, dist });
  expect(await docket('verify')).toMatchObject({ code: 0 });

  const { token } = service.as('auditor');
  const answer = await fetch(`${service.address}${LOCKER}/pack`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer.headers.get('content-type')).toBe('application/zip');
  const zip = Buffer.from(await answer.arrayBuffer());
  const pack = join(service.folder, 'one.pack.zip');
  writeFileSync(pack, zip);
  const [key = ''] = (await docket('checkpoint', '--key')).stdout.trim().split('\n');
  const judged = await docket('verify', '--pack', pack, '--key', key);
  expect(judged).toMatchObject({ code: 0, stdout: expect.stringContaining('locker-one') });

  const at = (name: string): string => {
    writeFileSync(join(service.folder, name), readZip(zip).get(name) ?? '');
    return join(service.folder, name);
  };
  const python = execFileSync('python3', ['-B', at('verify.py'), pack, '--key', key], { encoding: 'utf8' });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(at('verify.html')).href);
    await page.fill('#keys', key);
    await page.setInputFiles('#pack', { name: 'pack.zip', mimeType: '', buffer: zip });
    const [verdict = ''] = python.split('\n');
    expect(verdict).toContain('locker-one');
    await page.getByRole('status').filter({ hasText: verdict }).waitFor();
  } finally {
    await browser.close();
  }
});

describeLettersApi(() => service, ['inspection-recommendation', 'locker']);
