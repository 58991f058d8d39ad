import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commands } from '#state-machines/inspection-recommendation/v1/policy';
import { DEADLINE, formAt } from '../support/command-forms.ts';
import { PagesAtHand } from '../support/page-states.ts';
import type { OpenedPage } from '../support/pages.ts';
import { startService } from '../support/service.ts';

// A record of Kent, and a user of Wiltshire who knows its id and its words.
const SECRETS = ['Zephyr', 'kent', 'Quixotic', 'Sgt Xylophone', '31 March 2098', '31 Mar 2098', '2098-03-31'];
const BODY_OF_ANOTHER = 'force-lead';

let at: PagesAtHand;
let id: string;
let own: string;

beforeAll(async () => {
  at = new PagesAtHand(await startService());
  id = await at.forms.issueRecord({
    title: 'Zephyr',
    text: 'Quixotic words.',
    recipients: ['kent'],
    ...DEADLINE,
  });
  own = await at.forms.issueRecord({ title: 'Ours' });
  const person = { subject: 'xylophone', name: 'Sgt Xylophone' };
  expect(await at.service.as('administrator').post('/api/people', person)).toMatchObject({ status: 201 });
  await at.forms.as('inspector').command(id, 'assign-owner', { owner: 'xylophone' });
  await at.forms
    .as('inspector')
    .command(id, 'add-comment', { text: 'Quixotic remarks.', visibility: 'public' });
});
afterAll(() => at.service.stop());

const secretsIn = (page: OpenedPage, sent: readonly string[] = []): readonly string[] => {
  const text = page.html.replaceAll(/<(?:input|link|script)\b[^>]*>|href="[^"]*"/g, '');
  return SECRETS.filter((secret) => !sent.includes(secret) && text.includes(secret));
};

describe('a record of another body', () => {
  const PARTS = [
    '',
    '?effectiveOn=2098-01-01',
    '?at=1&whole=1',
    '?page=2',
    '/print',
    '/export',
    '/export?format=json',
    '/export?format=csv',
    '/export?format=cloudevents',
    '/statechart.svg',
    '/history',
    '/history?version=1',
    '/history?effectiveOn=2098-01-01',
    '/pack',
    '/pack/check',
    ...Object.keys(commands).map((command) => formAt('', command).replace('/recommendations/', '')),
  ];

  test.each(PARTS)('is not found, like an unknown one: %s', async (part) => {
    const theirs = await at.get(BODY_OF_ANOTHER, `/recommendations/${id}${part}`);
    const none = await at.get(BODY_OF_ANOTHER, `/recommendations/no-such-record${part}`);
    expect([theirs.status, none.status]).toEqual([404, 404]);
    expect(shownText(theirs)).toBe(shownText(none));
    expect(secretsIn(theirs)).toEqual([]);
  });

  test('is not found by a user who sends a form to it', async () => {
    const page = await at.get(BODY_OF_ANOTHER, formAt(own, 'add-comment'));
    const mark = page.find('input[name=mark]')?.getAttribute('value') ?? '';
    const browser = await at.as(BODY_OF_ANOTHER);
    const answer = await browser.post(formAt(id, 'add-comment'), { mark, text: 'Mine' });
    expect(answer.status).toBe(404);
    expect(secretsIn(answer)).toEqual([]);
  });

  test.each([
    ['/', []],
    ['/recommendations', []],
    ['/recommendations?q=Zephyr', ['Zephyr']],
    ['/recommendations?q=Quixotic', ['Quixotic']],
    ['/recommendations?owner=Sgt+Xylophone', ['Sgt Xylophone']],
    ['/recommendations?dueFrom=2098-03-31&dueTo=2098-03-31', ['2098-03-31', '31 March 2098']],
    ['/recommendations?effectiveOn=2098-01-01', []],
    ['/recommendations.csv', []],
    ['/recommendations.json?q=Zephyr', []],
    ['/deadlines', []],
    ['/deadlines.csv', []],
    ['/deadlines/calendar', []],
    ['/statistics', []],
    ['/account', []],
  ] as const)('shows in no list: %s', async (address, sent) => {
    const page = await at.get(BODY_OF_ANOTHER, address);
    expect(page.status).toBe(200);
    expect(secretsIn(page, sent)).toEqual([]);
    expect(page.html).not.toContain(`/recommendations/${id}`);
  });

  test.each(['/recommendations', '/deadlines', '/statistics'])(
    'cannot be requested by its body: %s',
    async (list) => {
      const theirs = await at.get(BODY_OF_ANOTHER, `${list}?recipient=kent`);
      const none = await at.get(BODY_OF_ANOTHER, `${list}?recipient=atlantis`);
      expect([theirs.status, none.status]).toEqual([400, 400]);
      expect(shownText(theirs).replaceAll('kent', 'atlantis')).toBe(shownText(none));
      expect(secretsIn(theirs, ['kent'])).toEqual([]);
    },
  );

  test('shows to an inspector in the same lists', async () => {
    for (const address of ['/recommendations', '/recommendations.csv', '/deadlines'])
      expect((await at.get('inspector', address)).html).toContain('Zephyr');
  });

  test('shows in no saved search', async () => {
    const browser = await at.as(BODY_OF_ANOTHER);
    const list = await browser.get('/recommendations?owner=Sgt+Xylophone');
    await browser.submit(list, '#keep-search', { name: 'Whose?' });
    const kept = await browser.get('/account');
    const found = await browser.follow(kept, 'Whose?');
    expect(found.words('#results')).toEqual(['No recommendations match']);
    expect((await at.get('commissioner', '/account')).html).not.toContain('Whose?');
  });
});

test('a record that replaced one of theirs and moved to another body shows nothing but its id', async () => {
  const { forms } = at;
  const replaced = await forms.issueRecord({ title: 'Ours, once' });
  const moved = await forms.issueRecord({ title: 'Zephyr', text: 'Quixotic words.', ...DEADLINE });
  const request = { outcome: 'superseded', supersededBy: moved, statement: 'See the later one.' };
  await forms.sendCommand(replaced, 'inspector', 'request-closure', request);
  await forms.sendCommand(replaced, 'approver', 'supersede', { by: moved, statement: 'It says more.' });
  const move = { recipient: 'kent', reason: 'It was for another body.' };
  await forms.sendCommand(moved, 'inspector', 'assign-recipient', move);

  const theirs = await at.get(BODY_OF_ANOTHER, `/recommendations/${moved}`);
  const none = await at.get(BODY_OF_ANOTHER, '/recommendations/no-such-record');
  expect([theirs.status, shownText(theirs)]).toEqual([404, shownText(none)]);
  for (const part of ['', '?at=1&whole=1', '/history', '/print']) {
    const page = await at.get(BODY_OF_ANOTHER, `/recommendations/${replaced}${part}`);
    expect([page.status, secretsIn(page)]).toEqual([200, []]);
    expect(page.html).toContain(moved);
  }
  for (const part of ['', '/events', '/timeline', '/commands', '/export?format=json']) {
    const { status, text } = await forms.as('force-lead').get(`/api/recommendations/${replaced}${part}`);
    expect([status, SECRETS.filter((secret) => text.includes(secret))]).toEqual([200, []]);
  }
});

/** Returns a page's text, without parts that differ in every response. */
const shownText = (page: OpenedPage): string =>
  page
    .words('main')
    .join()
    .replace(/include: not-found, .*/, '');
