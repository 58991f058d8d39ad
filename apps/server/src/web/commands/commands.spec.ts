import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { closeWithoutAction } from '#test/support/closing';
import { DEADLINE, formAt, FORM_CASES, LATER, StagedForms } from '#test/support/command-forms';
import { PageBrowser } from '#test/support/pages';
import type { OpenedPage } from '#test/support/pages';
import { itOnSqlite } from '#test/support/journey-store';
import { startService } from '#test/support/service';
import type { RunningService } from '#test/support/service';

let service: RunningService;
let forms: StagedForms;
const browsers = new Map<string, PageBrowser>();

beforeAll(async () => {
  service = await startService();
  forms = new StagedForms(service);
});
afterAll(() => service.stop());

const signIn = (who: string) => forms.as(who);
const issueRecord = (more?: object) => forms.issueRecord(more);
const eventsOf = (id: string) => forms.eventsOf(id);

async function signedIn(person: string): Promise<PageBrowser> {
  const known = browsers.get(person);
  if (known !== undefined) return known;
  const browser = new PageBrowser(service.address);
  await browser.signIn(person);
  browsers.set(person, browser);
  return browser;
}

/** Sends a form with fields of another one, which no page offers. */
async function sendCraftedForm(
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

type Command = keyof typeof FORM_CASES;
const COMMANDS = Object.keys(FORM_CASES) as Command[];

describe.each(COMMANDS)('the form of %s', (command) => {
  const { by, typed = {}, event } = FORM_CASES[command];

  test('is shown to permitted users, and is executed once', async () => {
    const { id, address } = await forms.staged(command);
    const before = await eventsOf(id);
    const browser = await signedIn(by);

    const form = await browser.get(address);
    expect(form).toMatchObject({ status: 200 });
    const send = () => browser.submit(form, MAIN, typed);
    await Promise.all([send(), send()]);

    const after = (await eventsOf(id)).slice(before.length);
    expect(after.filter(({ type }) => type === event)).toHaveLength(1);
    // The sweep's events come before the command's.
    expect(after.find(({ origin }) => origin !== 'sweep')).toMatchObject({
      type: event,
      actor: { subject: by },
    });
  });
});

/** `test/permissions` sends every command as every role; the forms share one path to it. */
const REFUSED: readonly Command[] =
  process.env['DOCKET_TEST_LONG'] === undefined
    ? ['submit-evidence', 'approve-closure', 'redact-comment']
    : COMMANDS;

describe.each(REFUSED)('the form of %s', (command) => {
  const { typed = {}, not = 'demo-commissioner' } = FORM_CASES[command];

  test('is refused to other users: the refusal is recorded, and nothing is done', async () => {
    const { id, address } = await forms.staged(command);
    const before = await eventsOf(id);
    const browser = await signedIn(not);

    const shown = await browser.get(address);
    expect(shown).toMatchObject({ status: 403 });
    expect(shown.find(MAIN)).toBeNull();
    expect(shown.words('main').join(' ')).toContain('You cannot do this now');

    const answer = await sendCraftedForm(browser, id, command, validTyped(form(address), typed));
    expect(answer).toMatchObject({ status: 403 });
    expect(answer.words('main').join(' ')).toContain('Your change was not made');
    expect(await eventsOf(id)).toEqual(before);
    const { json } = await signIn('auditor').get('/api/events?type=CommandRefused&limit=1000');
    expect(json.items).toContainEqual(
      expect.objectContaining({
        data: expect.objectContaining({ command }),
        actor: expect.objectContaining({ subject: not }),
      }),
    );
  });
});

const form = (address: string) => new URLSearchParams(address.split('?')[1] ?? '');

/** A valid payload, so that only the role refuses. */
const validTyped = (chosen: URLSearchParams, typed: Readonly<Record<string, string>>) => ({
  ...Object.fromEntries(chosen),
  deadlineId: 'd1',
  text: 'A text',
  visibility: 'public',
  pointers: '/data/text',
  dueOn: '2099-04-03',
  'items-0-name': 'plan.pdf',
  'items-0-sha256': 'a'.repeat(64),
  ...typed,
});

describe('the input of a form', () => {
  test('is shown again beside its errors', async () => {
    const id = await issueRecord(DEADLINE);
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
      'Enter the new date: a real date with its year in full, such as 27 3 2027',
      'Enter a reason',
    ]);
    const links = answer.all('.govuk-error-summary a').map((link) => link.getAttribute('href') ?? '');
    for (const link of links) expect(answer.find(link)).not.toBeNull();
    expect(answer.words('.govuk-error-message')).toEqual([
      'Error: Enter the new date: a real date with its year in full, such as 27 3 2027',
      'Error: Enter a reason',
    ]);
    expect(answer.find('#dueOn-month')?.getAttribute('value')).toBe('2');
    expect(await eventsOf(id)).toEqual(before);
  });

  test('is invalid as a date with a year of two digits', async () => {
    const id = await issueRecord(DEADLINE);
    const browser = await signedIn('demo-force-lead');
    const before = await eventsOf(id);
    const page = await browser.get(formAt(id, 'request-extension'));
    const typed = { 'dueOn-day': '27', 'dueOn-month': '3', 'dueOn-year': '99', reason: 'More time.' };
    const answer = await browser.submit(page, MAIN, typed);
    expect(answer.words('.govuk-error-summary li')).toEqual([
      'Enter the new date: a real date with its year in full, such as 27 3 2027',
    ]);
    expect(answer.find('#dueOn-year')?.getAttribute('value')).toBe('99');
    expect(await eventsOf(id)).toEqual(before);
  });

  test('shows a refusal by a rule of the record at its field', async () => {
    const id = await issueRecord(DEADLINE);
    const browser = await signedIn('demo-force-lead');
    const page = await browser.get(formAt(id, 'request-extension'));
    const typed = { 'dueOn-day': '1', 'dueOn-month': '2', 'dueOn-year': '2098', reason: 'More time.' };
    const answer = await browser.submit(page, MAIN, typed);
    expect(answer).toMatchObject({ status: 422 });
    expect(answer.words('.govuk-error-summary li')).toEqual([
      'The new date must be later than the current one, 31 March 2098.',
    ]);
    expect(answer.find('#reason')?.textContent).toBe('More time.');
  });

  test('is kept when the record has changed, and sent again for its new version', async () => {
    const id = await issueRecord();
    const browser = await signedIn('demo-inspector');
    const page = await browser.get(formAt(id, 'request-closure'));
    await signIn('force-lead').command(id, 'add-comment', {
      text: 'Wait for the annex.',
      visibility: 'public',
    });
    const before = await eventsOf(id);

    const stale = await browser.submit(page, MAIN, { outcome: 'complete', statement: 'All is done.' });

    expect(stale).toMatchObject({ status: 412 });
    expect(stale.words('main').join(' ')).toContain('Wait for the annex.');
    expect(stale.words('main h2')).toContain('1 change since you opened it');
    expect(stale.find('#statement')?.textContent).toBe('All is done.');
    expect(await eventsOf(id)).toEqual(before);

    await browser.submit(stale, MAIN, {}, 'Send again');
    expect((await eventsOf(id)).at(-1)).toMatchObject({ type: 'ClosureRequested' });
  });

  test('can be copied if the record no longer allows the command', async () => {
    const id = await issueRecord();
    const browser = await signedIn('demo-inspector');
    const page = await browser.get(formAt(id, 'request-closure'));
    await closeWithoutAction(signIn('inspector'), signIn('approver'), id);
    const before = await eventsOf(id);

    const answer = await browser.submit(page, MAIN, { outcome: 'complete', statement: 'All is done.' });

    expect(answer).toMatchObject({ status: 412 });
    expect(answer.find(MAIN)).toBeNull();
    expect(answer.words('main').join(' ')).toMatch(
      /The record must be “Awaiting review” or “Being progressed”; it is “No further action needed”.*All is done\./,
    );
    expect(await eventsOf(id)).toEqual(before);
  });

  test('is executed once, even if it is sent again from the previous page', async () => {
    const id = await issueRecord();
    const browser = await signedIn('demo-inspector');
    const page = await browser.get(formAt(id, 'add-comment'));
    await browser.submit(page, MAIN, { text: 'One', visibility: 'public' });
    const before = await eventsOf(id);
    const other = await browser.submit(page, MAIN, { text: 'Two', visibility: 'public' });
    expect(other).toMatchObject({ status: 422 });
    expect(other.find('#text')?.textContent).toBe('Two');
    expect(await eventsOf(id)).toEqual(before);
    // A new key makes it a second comment.
    await browser.submit(other, MAIN);
    expect((await eventsOf(id)).slice(before.length)).toMatchObject([{ data: { text: 'Two' } }]);
  });

  test('outlives the session: it is shown again after a new sign-in, and then sent', async () => {
    const id = await issueRecord();
    const page = await (await signedIn('demo-inspector')).get(formAt(id, 'add-comment'));
    const before = await eventsOf(id);
    const browser = new PageBrowser(service.address);

    const refused = await browser.submit(page, MAIN, { text: 'Long thought of', visibility: 'public' });
    expect(refused).toMatchObject({ status: 401, heading: 'Your sign-in has ended' });
    // A link to the sign-in page would lose the values.
    expect(refused.all('a[href^="/sign-in"]').map((link) => link.getAttribute('target'))).toEqual(['_blank']);
    await browser.signIn('demo-inspector');
    const again = await browser.submit(refused, MAIN);
    expect(again).toMatchObject({ status: 200 });
    expect(again.find('#text')?.textContent).toBe('Long thought of');
    expect(keyIn(again)).toBe(keyIn(page));
    expect(await eventsOf(id)).toEqual(before);

    await browser.submit(again, MAIN);
    expect((await eventsOf(id)).slice(before.length)).toMatchObject([{ type: 'CommentAdded' }]);
  });

  test('is shown again and not executed if the form was made for a different sign-in', async () => {
    const id = await issueRecord();
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
  test.each([
    ['publish-response', 'demo-commissioner', { responseRequired: true, responseDueOn: '2098-01-01' }],
    ['submit-evidence', 'demo-force-lead', {}],
    ['request-closure', 'demo-inspector', {}],
  ] as const)('suggests the recommended values: %s', async (command, person, more) => {
    const id = await issueRecord({ text: 'The force should count its cells.', ...more });
    const page = await (await signedIn(person)).get(formAt(id, command));
    expect(page.words('main details .docket-text')).toEqual(['The force should count its cells.']);
  });

  test('for a comment says who reads it, to a person who cannot choose that', async () => {
    const id = await issueRecord();
    const hintOf = async (person: string) =>
      (await (await signedIn(person)).get(formAt(id, 'add-comment'))).words(`${MAIN} .govuk-hint`);
    const everybody =
      'Visible to force leads and commissioners for wiltshire, and to inspectors, approvers, auditors and administrators.';
    expect((await hintOf('demo-force-lead'))[0]).toBe(everybody);
    const choices = await (await signedIn('demo-inspector')).get(formAt(id, 'add-comment'));
    expect(choices.words('.govuk-radios__hint')).toEqual([
      everybody,
      'Visible to inspectors, approvers and auditors. People who work for wiltshire cannot read it. The full history shows them that an internal comment was added, by whom and when.',
    ]);
  });

  test('for a response says where to publish it only to a person who can choose that', async () => {
    const id = await issueRecord({ responseRequired: true, responseDueOn: '2098-01-01' });
    const hint = async (person: string) =>
      (await (await signedIn(person)).get(formAt(id, 'publish-response'))).words('#publishedElsewhere-hint');
    expect(await hint('demo-inspector')).toEqual(['An address, or the name of a document.']);
    expect(await hint('demo-commissioner')).toEqual([
      expect.stringMatching(/^If it was published elsewhere/),
    ]);
  });

  test('does nothing if it was sent from another site', async () => {
    const id = await issueRecord();
    const before = await eventsOf(id);
    const answer = await fetch(service.address + formAt(id, 'start-progress'), {
      method: 'POST',
      body: 'x=y',
      headers: { origin: 'https://elsewhere.example', 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(answer.status).toBe(403);
    expect(await eventsOf(id)).toEqual(before);
  });

  test('of another body is not found, and the attempt is recorded', async () => {
    const id = await issueRecord({ recipients: ['kent'] });
    const own = await issueRecord();
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
    const { json } = await signIn('auditor').get('/api/events?type=CommandRefused&limit=1000');
    expect(json.items).toContainEqual(
      expect.objectContaining({
        data: expect.objectContaining({ command: 'add-comment', code: 'not-found' }),
      }),
    );
  });

  test('keeps what was typed about evidence when one digest is wrong', async () => {
    const id = await issueRecord();
    const browser = await signedIn('demo-force-lead');
    const before = await eventsOf(id);
    const page = await browser.get(formAt(id, 'submit-evidence'));
    const typed = { 'items-0-name': 'annex.pdf', 'items-0-sha256': 'no digest', note: 'All there is.' };
    const refused = await browser.submit(page, MAIN, typed);
    expect(refused).toMatchObject({ status: 400 });
    expect(refused.words('.govuk-error-summary li')).toEqual([
      'Entry 1: the SHA-256 must be 64 lower-case hexadecimal digits',
    ]);
    expect(await eventsOf(id)).toEqual(before);
    await browser.submit(refused, MAIN, { 'items-0-sha256': 'b'.repeat(64) });
    expect((await eventsOf(id)).at(-1)?.data).toEqual({
      items: [{ name: 'annex.pdf', sha256: 'b'.repeat(64) }],
      note: 'All there is.',
    });
  });

  test('requires a confirmation before anything is erased, and says what else is erased', async () => {
    const source =
      'Title (r-1)\nText\n[on]1st May 2020 [comment]A name that stands here twice[/comment][/on]\n';
    await signIn('inspector').import(source, '?id=with-source&recipient=wiltshire');
    const [comment] = (await eventsOf('with-source')).filter(({ type }) => type === 'CommentAdded');
    const browser = await signedIn('demo-approver');
    const page = await browser.get(
      formAt('with-source', 'redact-comment', `?eventId=${comment?.eventId ?? ''}`),
    );
    expect(page.words('main').join(' ')).toMatch(
      /The text is also in 1 other event.*Imported from a register record/,
    );
    const before = await eventsOf('with-source');
    const answer = await browser.submit(page, MAIN, { reason: 'A witness' });
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.words('.govuk-error-summary li')).toEqual([
      'Confirm that you understand that the text cannot be restored',
    ]);
    expect(await eventsOf('with-source')).toEqual(before);
  });

  itOnSqlite('says that a hidden text is not yet erased from every file', async () => {
    const { id, address } = await forms.staged('redact-comment');
    const browser = await signedIn('demo-approver');
    const page = await browser.get(address);
    const reader = new Database(join(service.folder, 'docket.sqlite'));
    reader.prepare('begin').run();
    reader.prepare('select count(*) from events').get();
    try {
      const { typed } = FORM_CASES['redact-comment'];
      const done = await browser.submit(page, MAIN, typed);
      expect(done.address).toContain(`/recommendations/${id}?`);
      expect(done.words('.govuk-notification-banner__content').join()).toMatch(
        /^Done: .*This is stored, and the text is no longer shown to anyone\. Lists and files/,
      );
      expect(done.html).not.toContain('A name that must go.');
      expect(done.words('.docket-text a')).toEqual([expect.stringMatching(/^erased by event \d+$/)]);
    } finally {
      reader.close();
    }
  });

  test('offers texts to erase 50 at a time, newest first, and links to the older ones', async () => {
    const id = await issueRecord();
    for (let count = 1; count <= 55; count += 1)
      await signIn('force-lead').command(id, 'add-comment', { text: `No. ${count}`, visibility: 'public' });
    const browser = await signedIn('demo-approver');
    const newest = await browser.get(formAt(id, 'redact-comment', '?from=%2Fdeadlines'));
    const choices = (page: OpenedPage) =>
      page.words('.govuk-radios__hint').map((words) => words.split(': ')[1]);
    expect(choices(newest)).toHaveLength(50);
    expect(choices(newest)[0]).toBe('No. 55');
    const older = await browser.follow(newest, 'Older entries');
    expect(choices(older).slice(0, 5)).toEqual(['No. 5', 'No. 4', 'No. 3', 'No. 2', 'No. 1']);
    expect(older.all('a').map((link) => link.textContent)).not.toContain('Older entries');
    // The return address is kept.
    expect(older.find('.govuk-breadcrumbs a')?.getAttribute('href')).toBe('/deadlines');
  });

  test('that approves a closure is the one for the outcome that was requested, and shows it', async () => {
    const [id, successor] = [await issueRecord(), await issueRecord()];
    const inspector = await signedIn('demo-inspector');
    const form = await inspector.get(formAt(id, 'request-closure'));
    const typed = { outcome: 'superseded', supersededBy: successor, statement: 'The later one says more.' };
    await inspector.submit(form, MAIN, typed);
    const browser = await signedIn('demo-approver');
    for (const other of ['approve-closure', 'decide-no-further-action'] as const) {
      const page = await browser.get(formAt(id, other));
      expect(page.status).toBe(409);
      expect(page.link('Replace with another recommendation')).toBe(formAt(id, 'supersede'));
    }
    const page = await browser.get(formAt(id, 'supersede'));
    expect(page.words('main').join(' ')).toContain(`Closure requested: superseded by ${successor}`);
    const statement = 'It says more.';
    await signIn('inspector').command(successor, 'set-deadline', { dueOn: '2099-12-31' });
    const stale = await browser.submit(page, MAIN, { statement });
    expect(stale.status).toBe(409);
    // Changes on the other record are shown before they are named.
    const seen = await browser.get(formAt(id, 'supersede'));
    expect(seen.words('main').join(' ')).toContain('31 December 2099');
    await browser.submit(seen, MAIN, { statement });
    expect(await signIn('inspector').get(`/api/recommendations/${id}`)).toMatchObject({
      json: { supersededBy: successor },
    });
  });

  test('that approves a closure is not outdated by later evidence, and says that the evidence was not considered', async () => {
    const id = await issueRecord();
    await signIn('inspector').command(id, 'request-closure', { statement: 'Done.' });
    const browser = await signedIn('demo-approver');
    const page = await browser.get(formAt(id, 'approve-closure'));
    const items = [{ name: 'late.pdf', sha256: 'a'.repeat(64) }];
    await signIn('force-lead').command(id, 'submit-evidence', { items });
    const done = await browser.submit(page, MAIN, { statement: 'Agreed.' });
    expect(done.words('main').join(' ')).toContain(
      '1 submission of evidence came after the request for closure. The decision did not consider this evidence.',
    );
    const forceLead = await signedIn('demo-force-lead');
    expect((await forceLead.get(`/recommendations/${id}`)).words('main').join(' ')).toContain(
      'did not consider this evidence',
    );
  });

  test('that approves a closure must be sent again if the text was amended since', async () => {
    const id = await issueRecord();
    await signIn('inspector').command(id, 'request-closure', { statement: 'Done.' });
    const browser = await signedIn('demo-approver');
    const page = await browser.get(formAt(id, 'approve-closure'));
    await signIn('inspector').command(id, 'amend-text', { text: 'Do less.', reason: 'It was too much.' });
    const before = await eventsOf(id);
    const stale = await browser.submit(page, MAIN, { statement: 'Agreed.' });
    expect(stale).toMatchObject({ status: 409 });
    expect(stale.words('main h2')).toContain('1 change since you opened it');
    expect(await eventsOf(id)).toEqual(before);
    await browser.submit(stale, MAIN, {}, 'Send again');
    expect((await eventsOf(id)).at(-1)).toMatchObject({ type: 'RecommendationCompleted' });
  });

  test('that approves a correction names what has changed since it was requested', async () => {
    const id = await issueRecord(DEADLINE);
    const eventId = (await eventsOf(id)).find(({ type }) => type === 'DeadlineSet')?.eventId;
    const correction = { eventId, dueOn: '2098-05-31', reason: 'A slip of the pen.' };
    await forms.sendCommand(id, 'inspector', 'request-correction', correction);
    await forms.sendCommand(id, 'force-lead', 'request-extension', LATER);
    await forms.sendCommand(id, 'inspector', 'grant-extension', {});
    const browser = await signedIn('demo-approver');
    await browser.submit(await browser.get(formAt(id, 'approve-correction')), MAIN);
    expect((await eventsOf(id)).at(-1)).toMatchObject({ type: 'CorrectionApproved' });
  });

  test('that grants one of several extensions names what has changed since that one was requested', async () => {
    const id = await issueRecord({ deadlines: [{ dueOn: '2098-03-31' }, { dueOn: '2098-06-30' }] });
    for (const deadlineId of ['d1', 'd2'])
      await forms.sendCommand(id, 'force-lead', 'request-extension', { ...LATER, deadlineId });
    const browser = await signedIn('demo-inspector');
    const page = await browser.get(formAt(id, 'grant-extension'));
    const amended = { text: 'Do less.', reason: 'It was too much.' };
    await forms.sendCommand(id, 'inspector', 'amend-text', amended);
    const before = await eventsOf(id);
    const stale = await browser.submit(page, MAIN, { deadlineId: 'd2' });
    expect(stale).toMatchObject({ status: 409 });
    expect(await eventsOf(id)).toEqual(before);
    await browser.submit(stale, MAIN, {}, 'Send again');
    expect((await eventsOf(id)).at(-1)).toMatchObject({
      type: 'DeadlineExtended',
      data: { deadlineId: 'd2', decides: [expect.any(String), before.at(-1)?.eventId] },
    });
  });

  test('is not accepted by the API, which refuses forms and files', async () => {
    const headers = { authorization: `Bearer ${signIn('inspector').token}` };
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

describe('a mistake in the history', () => {
  const CORRECT = 'a[href*="/commands/request-correction"]';
  const inHistory = (page: OpenedPage) => page.all('.docket-timeline__entry');
  const offered = (page: OpenedPage): string[] =>
    inHistory(page)
      .filter((entry) => entry.querySelector(CORRECT) !== null)
      .map((entry) => entry.querySelector('h3')?.textContent.trim() ?? '');

  test('is corrected from its entry, in a form that has the event filled in', async () => {
    const id = await issueRecord({ ...DEADLINE, responseRequired: true });
    const browser = await signedIn('demo-inspector');
    const page = await browser.get(`/recommendations/${id}`);
    // The response's deadline follows the date of publication.
    expect(offered(page)).toEqual([
      expect.stringMatching(/^Deadline set/),
      expect.stringMatching(/^Recommendation issued/),
    ]);

    const address = page.find(`.docket-timeline ${CORRECT}`)?.getAttribute('href') ?? '';
    const correction = await browser.get(address);
    expect(correction.find(`${MAIN} input[name=eventId]`)?.getAttribute('type')).toBe('hidden');
    const none = await browser.submit(correction, MAIN, { reason: 'A slip of the pen.' });
    expect(none).toMatchObject({ status: 400 });
    expect(none.words('.govuk-error-summary li')).toEqual(['Enter the correct date']);

    const typed = { 'dueOn-day': '1', 'dueOn-month': '2', 'dueOn-year': '2098' };
    await browser.submit(none, MAIN, { ...typed, reason: 'A slip of the pen.' });
    expect((await eventsOf(id)).at(-1)).toMatchObject({
      type: 'CorrectionRequested',
      data: { dueOn: '2098-02-01' },
    });
    // A pending request is not offered again, and links to its event.
    const after = await browser.get(`/recommendations/${id}`);
    expect(offered(after)).toEqual([expect.stringMatching(/^Recommendation issued/)]);
    const request = inHistory(after)[0];
    expect(request?.querySelector('a')?.textContent).toContain('See the corrected entry');
  });

  test('has one correct value: for an issue, the date of publication or the body', async () => {
    const id = await issueRecord();
    const browser = await signedIn('demo-inspector');
    const [issue] = await eventsOf(id);
    const page = await browser.get(formAt(id, 'request-correction', `?eventId=${issue?.eventId ?? ''}`));
    const answer = await browser.submit(page, MAIN, { reason: 'A slip of the pen.' });
    expect(answer.words('.govuk-error-summary li')).toEqual(['Enter a value in only one of these fields']);
    expect(answer.words('main').join(' ')).not.toMatch(/publishedOn|dueOn|exactly one of/);
    expect(await eventsOf(id)).toHaveLength(1);
  });

  test('is not offered to users who may not request it, nor a comment to a user without a role', async () => {
    const id = await issueRecord(DEADLINE);
    const browser = await signedIn('demo-force-lead');
    const page = await browser.get(`/recommendations/${id}`);
    expect(offered(page)).toEqual([]);
    expect(page.find('section[aria-labelledby=commands] a[href*=correct-comment]')).toBeNull();

    await signIn('demo-force-lead').command(id, 'add-comment', {
      text: 'A slip of the pen.',
      visibility: 'public',
    });
    const after = await browser.get(`/recommendations/${id}`);
    expect(after.find('section[aria-labelledby=commands] a[href*=correct-comment]')).not.toBeNull();
    const own = inHistory(after)[0]?.querySelector('a[href*="/commands/correct-comment?eventId="]');
    expect(own?.textContent).toMatch(/^Correct this entry: /);
  });
});
