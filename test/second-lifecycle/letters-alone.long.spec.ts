import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { builtWith } from '../support/built-with.ts';
import { PageBrowser } from '../support/pages.ts';
import { startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';
import { describeLettersApi } from './letters-api.ts';

// The list of lifecycles has no recommendations: every page uses the terms of letters, and omits features that they do
// not have.

let service: RunningService;
let inspector: PageBrowser;
let auditor: PageBrowser;

const DOING = '/api/letters/one/commands';

beforeAll(async () => {
  service = await startService({ dist: builtWith(['letters'], { alone: true }) });
  const ann = service.as('inspector');
  await ann.post('/api/letters', { id: 'one', text: 'On custody suites' });
  await service.as('auditor').post('/api/letters', { text: 'No' });
  const { position } = (await ann.post(`${DOING}/send-letter`, {})).json;
  for (const name of ['work', 'refusals']) {
    const reader = service.as(name === 'work' ? 'inspector' : 'auditor');
    await reader.get(`/api/${name}?minPosition=${position}`);
  }
  [inspector, auditor] = [new PageBrowser(service.address), new PageBrowser(service.address)];
  await inspector.signIn('demo-inspector');
  await auditor.signIn('demo-auditor');
});
afterAll(() => service.stop());

test.each([
  '/',
  '/letters',
  '/letters?queue=answer',
  '/letters?q=custody',
  '/letters?status=sent&effectiveOn=2020-01-01',
  '/deadlines',
  '/deadlines/calendar',
  '/statistics',
  '/account',
  '/help',
  '/verify',
])('given letters alone, then the page %s is in words of letters', async (path) => {
  const page = await inspector.get(path);
  expect([page.status, page.words('h1')]).toEqual([200, [expect.any(String)]]);
  expect(page.words('body')[0]).not.toMatch(/recommendation|undefined|LetterSent/i);
});

test.each(['/audit', '/audit/log', '/audit/refusals', '/audit/accesses'])(
  'given letters alone, then the page %s for auditors is in words of letters',
  async (path) => {
    const page = await auditor.get(path);
    expect(page.status).toBe(200);
    // The log can be filtered by an event type of another kind.
    expect(page.words('main')[0]).not.toMatch(/recommendation(?!s issued)|undefined/i);
  },
);

test('given a waiting letter, then work and the list of its queue have it', async () => {
  const work = await inspector.get('/');
  expect(work.words('.docket-queue__name')).toEqual(['Answer']);
  expect(work.words('h2')).toContain('For you to decide');
  const [queue] = (await service.as('inspector').get('/api/work')).json.queues;
  expect(queue).toMatchObject({
    kind: 'letter',
    name: 'answer',
    count: 1,
    list: '/api/letters?queue=answer',
  });
  const { items } = (await service.as('inspector').get('/api/letters?queue=answer')).json;
  expect(items.map(({ id }) => id)).toEqual(['one']);
});

test.each(['closure=requested', 'deadline=overdue', 'owner=ann', 'recipient=kent', 'queue=overdue'])(
  'given letters, which have nothing of the kind, then their list is not narrowed by %s',
  async (query) => {
    const answer = await service.as('inspector').get(`/api/letters?${query}`);
    expect([answer.status, answer.json.type]).toEqual([400, 'urn:docket:problem:invalid-parameter']);
  },
);

test.each([
  '/api/statistics?status=sent&kind=letter',
  '/api/statistics/series?kind=letter',
  '/api/statistics/closure-times',
  '/api/statistics/deadlines',
  '/api/deadlines?recordKind=letter',
  '/api/deadlines?kind=letter',
])('given letters alone, then %s answers', async (path) => {
  expect((await service.as('inspector').get(path)).status).toBe(200);
});

test('given letters alone, then tables and the lists of auditors are of letters', async () => {
  const csv = await service.as('inspector').get('/api/letters', { accept: 'text/csv' });
  const [heading = ''] = csv.text.split('\r\n');
  expect(heading.split(',')).toEqual(expect.arrayContaining(['id', 'status', 'waiting', 'text']));
  expect(heading).not.toMatch(/closure|evidence|response/);
  const { items } = (await service.as('auditor').get('/api/refusals')).json;
  expect(items).toMatchObject([{ command: 'issue', code: 'role-not-permitted' }]);
  const found = await auditor.get('/audit/packs?record=letter-one');
  expect(found.words('h1')[0]).toMatch(/pack/i);
});

test('given a search of letters, then it is kept, and links to their list', async () => {
  const list = await inspector.get('/letters?status=sent');
  const kept = await inspector.submit(list, '#keep-search', { name: 'Sent ones' });
  expect(kept.words('.docket-searches [aria-current=page]')).toEqual(['Sent ones']);
  expect((await inspector.get('/account')).words('main a')).toContain('Sent ones');
});

describeLettersApi(() => service, []);
