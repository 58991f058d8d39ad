import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PageBrowser } from '#test/support/pages';
import type { OpenedPage, SentFile } from '#test/support/pages';
import { startService } from '#test/support/service';
import type { Client, RunningService } from '#test/support/service';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import { commands } from '#state-machines/inspection-recommendation/v1/policy';

let service: RunningService;
const api: Record<string, Client> = {};
const browsers = new Map<string, PageBrowser>();

beforeAll(async () => {
  service = await startService();
  const organisations = ['wiltshire'];
  api['inspector'] = service.as('inspector', { subject: 'api-inspector' });
  api['approver'] = service.as('approver', { subject: 'api-approver' });
  api['force-lead'] = service.as('force-lead', { subject: 'api-lead', organisations });
  api['auditor'] = service.as('auditor');
  api['demo-inspector'] = service.as('inspector', { subject: 'demo-inspector' });
  api['demo-force-lead'] = service.as('force-lead', { subject: 'demo-force-lead', organisations });
});
afterAll(() => service.stop());

const given = (who: string): Client => api[who] as Client;

async function signedIn(person: string): Promise<PageBrowser> {
  const known = browsers.get(person);
  if (known !== undefined) return known;
  const browser = new PageBrowser(service.address);
  await browser.signIn(person);
  browsers.set(person, browser);
  return browser;
}

async function issued(more: object = {}): Promise<string> {
  const { json } = await given('inspector').issue(more);
  return json.recommendations[0]?.id ?? '';
}

const eventsOf = async (id: string) =>
  (await given('auditor').get(`/api/recommendations/${id}/events`)).json.items;

const formAt = (id: string, command: string, query = '') =>
  `/recommendations/${id}/commands/${command}${query}`;

const date = (name: string, year: string) => ({
  [`${name}-day`]: '3',
  [`${name}-month`]: '4',
  [`${name}-year`]: year,
});

const DEADLINE = { deadlines: [{ dueOn: '2098-03-31' }] };
const PROPOSED = { text: 'Every force should publish an action plan by the end of 2098.' };
const EVIDENCE = { items: [{ name: 'plan.pdf', sha256: 'a'.repeat(64) }] };
const LATER = { dueOn: '2099-03-31', reason: 'More time is needed.' };

/** How a command's form is sent so that it is done: on which record, after which commands, by whom, with what typed. */
interface Case {
  readonly issue?: object;
  readonly before?: readonly (readonly [string, string, object])[];
  readonly by: string;
  readonly typed?: Readonly<Record<string, string>>;
  readonly files?: readonly SentFile[];
  /** What is chosen before the form. */
  readonly query?: (id: string) => Promise<string>;
  readonly event: string;
  /** Somebody who may not, and can send forms. */
  readonly not?: string;
}

const CASES: Readonly<Record<CommandName, Case>> = {
  'start-progress': { by: 'demo-inspector', event: 'ProgressStarted' },
  'return-to-review': {
    before: [['inspector', 'start-progress', {}]],
    by: 'demo-inspector',
    typed: { reason: 'Look again.' },
    event: 'ReturnedToReview',
  },
  'add-comment': {
    by: 'demo-force-lead',
    typed: { text: 'Line one\r\nline two <b>' },
    event: 'CommentAdded',
    not: 'demo-administrator',
  },
  'submit-evidence': {
    by: 'demo-force-lead',
    files: [{ field: 'files', name: 'plan.txt', content: 'The plan' }],
    event: 'EvidenceSubmitted',
  },
  'accept-evidence': {
    before: [['force-lead', 'submit-evidence', EVIDENCE]],
    by: 'demo-inspector',
    event: 'EvidenceAccepted',
  },
  'reject-evidence': {
    before: [['force-lead', 'submit-evidence', EVIDENCE]],
    by: 'demo-inspector',
    typed: { reason: 'It is of another year.' },
    event: 'EvidenceRejected',
  },
  'request-closure': { by: 'demo-inspector', typed: { statement: 'Done.' }, event: 'ClosureRequested' },
  'withdraw-closure': {
    before: [['demo-inspector', 'request-closure', { statement: 'Done.' }]],
    by: 'demo-inspector',
    event: 'ClosureWithdrawn',
  },
  'approve-closure': {
    before: [['inspector', 'request-closure', { statement: 'Done.' }]],
    by: 'demo-approver',
    typed: { statement: 'It was seen.' },
    event: 'RecommendationCompleted',
  },
  'refuse-closure': {
    before: [['inspector', 'request-closure', { statement: 'Done.' }]],
    by: 'demo-approver',
    typed: { reason: 'It was not seen.' },
    event: 'ClosureRefused',
  },
  'decide-no-further-action': {
    by: 'demo-approver',
    typed: { reason: 'withdrawn', statement: 'The report was withdrawn.' },
    event: 'NoFurtherActionDecided',
  },
  supersede: {
    by: 'demo-approver',
    typed: { statement: 'The later one says more.' },
    query: async () => `?by=${await issued()}`,
    event: 'NoFurtherActionDecided',
  },
  reopen: {
    before: [['approver', 'decide-no-further-action', { reason: 'withdrawn', statement: 'Over.' }]],
    by: 'demo-approver',
    typed: { reason: 'It matters again.' },
    event: 'RecommendationReopened',
  },
  'assign-recipient': {
    by: 'demo-approver',
    typed: { recipient: 'kent', reason: 'The bodies were merged.' },
    event: 'RecipientAssigned',
  },
  'assign-owner': { by: 'demo-force-lead', typed: { owner: 'Sgt Smith' }, event: 'OwnerAssigned' },
  'set-deadline': { by: 'demo-inspector', typed: date('dueOn', '2098'), event: 'DeadlineSet' },
  'withdraw-deadline': {
    issue: DEADLINE,
    by: 'demo-approver',
    typed: { reason: 'It was none.' },
    event: 'DeadlineWithdrawn',
  },
  'confirm-deadline': { issue: PROPOSED, by: 'demo-inspector', event: 'DeadlineSet' },
  'dismiss-deadline': { issue: PROPOSED, by: 'demo-inspector', event: 'DeadlineDismissed' },
  'request-extension': {
    issue: DEADLINE,
    by: 'demo-force-lead',
    typed: { ...date('dueOn', '2099'), reason: 'More time is needed.' },
    event: 'ExtensionRequested',
  },
  'grant-extension': {
    issue: DEADLINE,
    before: [['force-lead', 'request-extension', LATER]],
    by: 'demo-inspector',
    event: 'DeadlineExtended',
  },
  'refuse-extension': {
    issue: DEADLINE,
    before: [['force-lead', 'request-extension', LATER]],
    by: 'demo-inspector',
    typed: { reason: 'There was time.' },
    event: 'ExtensionRefused',
  },
  'withdraw-extension': {
    issue: DEADLINE,
    before: [['demo-force-lead', 'request-extension', LATER]],
    by: 'demo-force-lead',
    event: 'ExtensionWithdrawn',
  },
  'publish-response': {
    issue: { responseRequired: true },
    by: 'demo-commissioner',
    typed: { position: 'action-taken', text: 'A plan was published.' },
    event: 'ResponsePublished',
    not: 'demo-force-lead',
  },
  'amend-text': {
    by: 'demo-inspector',
    typed: { title: 'Another title', reason: 'A slip of the pen.' },
    event: 'TextAmended',
  },
  'redact-comment': {
    before: [['force-lead', 'add-comment', { text: 'A name that must go.' }]],
    by: 'demo-approver',
    typed: { reason: 'It names a witness.', confirm: 'yes' },
    query: async (id) => `?eventId=${(await eventsOf(id)).at(-1)?.eventId ?? ''}`,
    event: 'CommentRedacted',
  },
};

async function staged(command: CommandName): Promise<{ readonly id: string; readonly address: string }> {
  const { issue = {}, before = [], query } = CASES[command];
  const id = await issued(issue);
  for (const [who, first, body] of before)
    expect(await given(who).command(id, first, body)).toMatchObject({ status: 200 });
  return { id, address: formAt(id, command, await query?.(id)) };
}

/** Sends a form with the fields of another, as nobody's page does. */
async function crafted(
  browser: PageBrowser,
  id: string,
  command: string,
  fields: Readonly<Record<string, string>>,
) {
  const page = await browser.get(await formOfTheirs(browser, id));
  const mark = page.find('form input[name=mark]')?.getAttribute('value') ?? '';
  expect(mark).not.toBe('');
  return browser.post(formAt(id, command), { mark, key: 'crafted', ...fields });
}

async function formOfTheirs(browser: PageBrowser, id: string): Promise<string> {
  const comment = formAt(id, 'add-comment');
  return (await browser.get(comment)).find('form[method=post]') === null ? '/imports/new' : comment;
}

const MAIN = 'main form[method=post]';

describe.each(Object.keys(commands) as CommandName[])('the form of %s', (command) => {
  const { by, typed = {}, files = [], event, not = 'demo-commissioner' } = CASES[command];

  test('is shown to who may, and does what it says once', async () => {
    const { id, address } = await staged(command);
    const before = await eventsOf(id);
    const browser = await signedIn(by);

    const form = await browser.get(address);
    expect(form).toMatchObject({ status: 200 });
    const send = () => browser.submit(form, MAIN, typed, undefined, files);
    await Promise.all([send(), send()]);

    const after = (await eventsOf(id)).slice(before.length);
    expect(after.filter(({ type }) => type === event)).toHaveLength(1);
    expect(after[0]).toMatchObject({ type: event, actor: { subject: by } });
  });

  test('is refused to who may not: it is on record, and nothing is done', async () => {
    const { id, address } = await staged(command);
    const before = await eventsOf(id);
    const browser = await signedIn(not);

    const shown = await browser.get(address);
    expect(shown).toMatchObject({ status: 403 });
    expect(shown.find(MAIN)).toBeNull();
    expect(shown.words('main').join(' ')).toContain('You cannot do this now');

    const answer = await crafted(browser, id, command, validTyped(form(address), typed));
    expect(answer).toMatchObject({ status: 403 });
    expect(answer.words('main').join(' ')).toContain('This was not done');
    expect(await eventsOf(id)).toEqual(before);
    const { json } = await given('auditor').get('/api/refusals?limit=200');
    expect(json.items).toContainEqual(
      expect.objectContaining({ command, actor: expect.objectContaining({ subject: not }) }),
    );
  });
});

const form = (address: string) => new URLSearchParams(address.split('?')[1] ?? '');

/** What makes the payload valid, so that it is the role that refuses. */
const validTyped = (chosen: URLSearchParams, typed: Readonly<Record<string, string>>) => ({
  ...Object.fromEntries(chosen),
  deadlineId: 'd1',
  text: 'A text',
  pointers: '/data/text',
  dueOn: '2099-04-03',
  'items-0-name': 'plan.pdf',
  'items-0-sha256': 'a'.repeat(64),
  ...typed,
});

describe('what is typed', () => {
  test('is still there beside what has to be mended', async () => {
    const id = await issued(DEADLINE);
    const browser = await signedIn('demo-force-lead');
    const before = await eventsOf(id);
    const page = await browser.get(formAt(id, 'request-extension'));

    const answer = await browser.submit(page, MAIN, {
      'dueOn-day': '31',
      'dueOn-month': '2',
      'dueOn-year': '2099',
      reason: ' ',
    });

    expect(answer).toMatchObject({ status: 400, title: expect.stringMatching(/^Error: /) });
    expect(answer.words('.govuk-error-summary li')).toEqual([
      'Enter the new date, such as 27 3 2026',
      'Enter a reason',
    ]);
    const links = answer.all('.govuk-error-summary a').map((link) => link.getAttribute('href') ?? '');
    for (const link of links) expect(answer.find(link)).not.toBeNull();
    expect(answer.words('.govuk-error-message')).toEqual([
      'Error: Enter the new date, such as 27 3 2026',
      'Error: Enter a reason',
    ]);
    expect(answer.find('#dueOn-month')?.getAttribute('value')).toBe('2');
    expect(await eventsOf(id)).toEqual(before);
  });

  test('is told at its field where a rule of the record refuses it', async () => {
    const id = await issued(DEADLINE);
    const browser = await signedIn('demo-force-lead');
    const page = await browser.get(formAt(id, 'request-extension'));
    const typed = { 'dueOn-day': '1', 'dueOn-month': '2', 'dueOn-year': '2098', reason: 'More time.' };
    const answer = await browser.submit(page, MAIN, typed);
    expect(answer).toMatchObject({ status: 422 });
    expect(answer.words('.govuk-error-summary li')).toEqual([
      'The new date must be later than the present one, 31 March 2098.',
    ]);
    expect(answer.find('#reason')?.textContent).toBe('More time.');
  });

  test('is kept where the record has changed since, and sent again on what it is now', async () => {
    const id = await issued();
    const browser = await signedIn('demo-inspector');
    const page = await browser.get(formAt(id, 'request-closure'));
    await given('force-lead').command(id, 'add-comment', { text: 'Wait for the annex.' });
    const before = await eventsOf(id);

    const stale = await browser.submit(page, MAIN, { statement: 'All is done.' });

    expect(stale).toMatchObject({ status: 412 });
    expect(stale.words('main').join(' ')).toContain('Wait for the annex.');
    expect(stale.words('main h2')).toContain('1 event since you looked');
    expect(stale.find('#statement')?.textContent).toBe('All is done.');
    expect(await eventsOf(id)).toEqual(before);

    await browser.submit(stale, MAIN, {}, 'Send it again');
    expect((await eventsOf(id)).at(-1)).toMatchObject({ type: 'ClosureRequested' });
  });

  test('can be copied where the record no longer allows it', async () => {
    const id = await issued();
    const browser = await signedIn('demo-inspector');
    const page = await browser.get(formAt(id, 'request-closure'));
    await given('approver').command(id, 'decide-no-further-action', {
      reason: 'withdrawn',
      statement: 'Over.',
    });
    const before = await eventsOf(id);

    const answer = await browser.submit(page, MAIN, { statement: 'All is done.' });

    expect(answer).toMatchObject({ status: 412 });
    expect(answer.find(MAIN)).toBeNull();
    expect(answer.words('main').join(' ')).toMatch(
      /The record must be open; it is no further action needed.*All is done\./,
    );
    expect(await eventsOf(id)).toEqual(before);
  });

  test('is done once, also where it is sent again from the page before', async () => {
    const id = await issued();
    const browser = await signedIn('demo-inspector');
    const page = await browser.get(formAt(id, 'add-comment'));
    await browser.submit(page, MAIN, { text: 'One', visibility: 'public' });
    const before = await eventsOf(id);
    const other = await browser.submit(page, MAIN, { text: 'Two', visibility: 'public' });
    expect(other).toMatchObject({ status: 422 });
    expect(other.find('#text')?.textContent).toBe('Two');
    expect(await eventsOf(id)).toEqual(before);
    // Under a new key it is another comment.
    await browser.submit(other, MAIN);
    expect((await eventsOf(id)).slice(before.length)).toMatchObject([{ data: { text: 'Two' } }]);
  });

  test('outlives the sign-in: it is shown again to who has signed in anew, and then sent', async () => {
    const id = await issued();
    const page = await (await signedIn('demo-inspector')).get(formAt(id, 'add-comment'));
    const before = await eventsOf(id);
    const browser = new PageBrowser(service.address);

    const held = await browser.submit(page, MAIN, { text: 'Long thought of', visibility: 'public' });
    expect(held).toMatchObject({ status: 401, heading: 'Your sign-in has ended' });
    await browser.signIn('demo-inspector');
    const again = await browser.submit(held, MAIN);
    expect(again).toMatchObject({ status: 200 });
    expect(again.find('#text')?.textContent).toBe('Long thought of');
    expect(keyIn(again)).toBe(keyIn(page));
    expect(await eventsOf(id)).toEqual(before);

    await browser.submit(again, MAIN);
    expect((await eventsOf(id)).slice(before.length)).toMatchObject([{ type: 'CommentAdded' }]);
  });

  test('is shown again, and not done, where the form was made for another sign-in', async () => {
    const id = await issued();
    const page = await (await signedIn('demo-inspector')).get(formAt(id, 'add-comment'));
    const other = await signedIn('demo-approver');
    const before = await eventsOf(id);
    const again = await other.submit(page, MAIN, { text: 'Whose?' });
    expect(again).toMatchObject({ status: 200 });
    expect(again.find('#text')?.textContent).toBe('Whose?');
    expect(await eventsOf(id)).toEqual(before);
  });
});

const keyIn = (page: OpenedPage) => page.find('input[name=key]')?.getAttribute('value');

describe('a form', () => {
  test('does nothing where it was sent from elsewhere', async () => {
    const id = await issued();
    const before = await eventsOf(id);
    const answer = await fetch(service.address + formAt(id, 'start-progress'), {
      method: 'POST',
      body: 'x=y',
      headers: { origin: 'https://elsewhere.example', 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(answer.status).toBe(403);
    expect(await eventsOf(id)).toEqual(before);
  });

  test('of another body is not there, and that somebody tried is on record', async () => {
    const id = await issued({ recipients: ['kent'] });
    const own = await issued();
    const before = await eventsOf(id);
    const browser = await signedIn('demo-force-lead');
    expect(await browser.get(formAt(id, 'add-comment'))).toMatchObject({
      status: 404,
      heading: 'Page not found',
    });
    const page = await browser.get(formAt(own, 'add-comment'));
    const mark = page.find('input[name=mark]')?.getAttribute('value') ?? '';
    const answer = await browser.post(formAt(id, 'add-comment'), { mark, text: 'Theirs' });
    expect(answer).toMatchObject({ status: 404 });
    expect(await eventsOf(id)).toEqual(before);
    const { json } = await given('auditor').get('/api/refusals?limit=200');
    expect(json.items).toContainEqual(expect.objectContaining({ command: 'add-comment', code: 'not-found' }));
  });

  test('keeps of a file its name, its size and its digest', async () => {
    const id = await issued();
    const browser = await signedIn('demo-force-lead');
    const page = await browser.get(formAt(id, 'submit-evidence'));
    const wrong = { 'items-0-name': 'annex.pdf', 'items-0-sha256': 'no digest' };
    const files = [{ field: 'files', name: 'plan.txt', content: 'The plan' }];
    const refused = await browser.submit(page, MAIN, wrong, undefined, files);
    expect(refused).toMatchObject({ status: 400 });
    expect(refused.words('.govuk-error-summary li')).toEqual([
      'Item 1: the SHA-256 must be 64 small hexadecimal digits',
    ]);
    // The file need not be chosen again.
    await browser.submit(refused, MAIN, { 'items-0-sha256': 'B'.repeat(64) });
    expect((await eventsOf(id)).at(-1)?.data).toEqual({
      items: [
        { name: 'annex.pdf', sha256: 'b'.repeat(64) },
        {
          name: 'plan.txt',
          sha256: 'd6a5fe7a20d1c0a353ac767b0cb54be15a3345cc31679252c4956c56ae2a0d34',
          size: 8,
          mediaType: 'application/octet-stream',
        },
      ],
    });
  });

  test('asks for a tick before anything is erased, and says what else goes', async () => {
    const source =
      'Title (r-1)\nText\n[on]1st May 2020 [comment]A name that stands here twice[/comment][/on]\n';
    await given('inspector').import(source, '?id=with-source&recipient=wiltshire');
    const [comment] = (await eventsOf('with-source')).filter(({ type }) => type === 'CommentAdded');
    const browser = await signedIn('demo-approver');
    const page = await browser.get(
      formAt('with-source', 'redact-comment', `?eventId=${comment?.eventId ?? ''}`),
    );
    expect(page.words('main').join(' ')).toMatch(
      /It also stands in 1 other event.*Imported from a register record/,
    );
    const before = await eventsOf('with-source');
    const answer = await browser.submit(page, MAIN, { reason: 'A witness' });
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.words('.govuk-error-summary li')).toEqual(['Confirm that it cannot be brought back']);
    expect(await eventsOf('with-source')).toEqual(before);
  });

  test('of the API is none: forms and files are refused there', async () => {
    const headers = { authorization: `Bearer ${given('inspector').token}` };
    for (const body of [new URLSearchParams({ text: 'x' }), multipart()]) {
      const answer = await fetch(`${service.address}/api/recommendations`, { method: 'POST', headers, body });
      expect(answer.status).toBe(415);
    }
  });
});

function multipart(): FormData {
  const form = new FormData();
  form.append('text', 'x');
  return form;
}
