import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { builtWith } from '../support/built-with.ts';
import { PageBrowser } from '../support/pages.ts';
import { startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';

let service: RunningService;
let browser: PageBrowser;

beforeAll(async () => {
  service = await startService({ dist: builtWith(['letters']) });
  browser = new PageBrowser(service.address);
  await browser.signIn('demo-inspector');
});
afterAll(() => service.stop());

const FORM = 'main form[method=post]';
const LETTER = '/letters/one';

const recorded = async () => {
  const { items } = (await service.as('auditor').get('/api/letters/one/events')).json;
  return items.map(({ type }) => type);
};

test('given letters on the list of lifecycles, then there are pages on which one is written and listed', async () => {
  const page = await browser.get('/letters/new');
  expect(page.words('h1')).toEqual(['Issue a letter']);
  expect(page.words('nav li')).toEqual(expect.arrayContaining(['Letters', 'Issue a letter']));
  expect(page.words(`${FORM} label`)).toEqual(['Text', 'Id (optional)']);

  const done = await browser.submit(page, FORM, { id: 'one', text: 'Dear Kent' });
  expect(done.words('h1')).toEqual(['Letter one']);
  expect(done.words('h2')).toEqual(expect.arrayContaining(['The text', 'What you can do', 'History']));
  for (const words of ['Deadlines', 'Evidence']) expect(done.words('h2')).not.toContain(words);
  expect(done.words('dt')).toEqual(expect.not.arrayContaining(['Body', 'Owner']));

  const list = await browser.get('/letters');
  expect(list.words('h1')).toEqual(['Letters']);
  expect(list.words('.docket-list__filters legend')).toEqual(expect.arrayContaining(['Status']));
  expect(list.words('.docket-list__filters label')).toEqual(expect.arrayContaining(['Draft', 'Answered']));
  for (const words of ['Awaiting review', 'No deadline', 'Owner'])
    expect(list.words('.docket-list__filters label')).not.toContain(words);
});

test('given a letter, then a command of it is refused in words, and another one is given by its form', async () => {
  const early = await browser.get(`${LETTER}/commands/answer-letter`);
  expect(early.status).toBe(409);
  expect(early.words('main p')).toContain(
    'The record must be “Sent”; it is “Draft”; “Send letter” comes first.',
  );
  expect(await recorded()).toEqual(['LetterWritten']);

  const form = await browser.get(`${LETTER}/commands/send-letter`);
  expect(form.words('main p')).toContain('Sends the letter.');
  const sent = await browser.submit(form, FORM);
  expect(sent.words('.govuk-notification-banner__heading')).toEqual(['Done: Letter sent']);

  const answer = await browser.get(`${LETTER}/commands/answer-letter`);
  expect(answer.words(`${FORM} label`)).toContain('Answer');
  const refused = await browser.submit(answer, FORM, { answer: ' ' });
  expect(refused.words('.govuk-error-summary li')).toEqual(['Enter an answer']);
  expect(await recorded()).toEqual(['LetterWritten', 'LetterSent']);
  const answered = await browser.submit(refused, FORM, { answer: 'Dear Ann' });
  expect(answered.words('#state')).toEqual([expect.stringMatching(/^Answered since /)]);
});

test('given a letter that was filed and answered, then its page shows what its beginning and its state say, and the rest as history', async () => {
  const form = await browser.get(`${LETTER}/commands/file-letter`);
  const page = await browser.submit(form, FORM, { place: 'Drawer 3' });
  expect(page.words('main > dl:first-of-type dt')).toEqual(['Status', 'Letter written']);
  expect(page.words('main > dl:first-of-type dd')[0]).toMatch(/^Answered since .*Answer: Dear Ann$/);
  expect(page.words('.govuk-inset-text')).toEqual([]);
  const entries = page.words('.docket-timeline__content');
  expect(entries).toEqual(['Place: Drawer 3', 'Answer: Dear Ann', '', '']);
});

test.each(['/history', '/compare?from=v1&to=v2', '/print', '/record'])(
  'given a letter, then %s shows it in the words of pages',
  async (path) => {
    const page = await browser.get(`${LETTER}${path}`);
    expect(page.status).toBe(200);
    expect(page.words('main')[0]).not.toMatch(
      /recommend|Being progressed|LetterSent|undefined|\[redacted\]/i,
    );
  },
);

test('given a recommendation beside a letter, then each list has its own', async () => {
  const form = await browser.get('/recommendations/new');
  const typed = { title: 'A plan', text: 'Plan.', recipients: 'kent', 'report-name': 'Report' };
  const published = { 'report-publishedOn-day': '6', 'report-publishedOn-month': '1' };
  await browser.submit(form, FORM, { ...typed, ...published, 'report-publishedOn-year': '2020', id: 'one' });
  const titles = async (path: string) =>
    (await browser.get(path)).words('main td a.docket-title, main th a.docket-title');
  expect(await titles('/letters')).toEqual(['Letter one']);
  expect(await titles('/recommendations')).toEqual(['A plan']);
});

test('given letters beside recommendations, then pages of both call them records', async () => {
  const [work, statistics] = [await browser.get('/'), await browser.get('/statistics')];
  expect(work.status).toBe(200);
  expect(statistics.words('main')[0]).toContain('Of all records that you may see.');
  expect((await browser.get('/letters/none')).words('main')[0]).toContain('Find a record');
});
