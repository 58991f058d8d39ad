import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PageBrowser } from '#test/support/pages';
import { runDocket } from '#test/support/command-line';
import { startService } from '#test/support/service';
import { eventually } from '#test/support/service-child';
import type { RunningService } from '#test/support/service';

let service: RunningService;
let browser: PageBrowser;

beforeAll(async () => {
  service = await startService();
  browser = new PageBrowser(service.address);
  await browser.signIn('demo-inspector');
});
afterAll(() => service.stop());

const FORM = 'main form[method=post]';
const read = async (path: string) => (await service.as('auditor').get(`/api/recommendations${path}`)).json;

const typed = {
  title: 'Publish an action plan',
  text: 'By 30 June 2098 every force should publish an action plan.\r\nEvery force should review it by the end of 2099.',
  'report-name': 'Regional Organised Crime Units',
  'report-publishedOn-day': '6',
  'report-publishedOn-month': '1',
  'report-publishedOn-year': '2020',
};

describe('the page that issues a recommendation', () => {
  test('describes the dates in the text, without issuing anything', async () => {
    const page = await browser.get('/recommendations/new');
    const shown = await browser.submit(page, FORM, { ...typed, id: 'looked-at' }, 'Find dates in the text');
    const dates = shown.words('#dates li');
    expect(dates[0]).toBe('“By 30 June 2098”: the deadline 30 June 2098');
    expect(dates[1]).toMatch(/^“by the end of 2099”: proposed, as 31 December 2099 \(/);
    expect(shown.find('#title')?.getAttribute('value')).toBe(typed.title);
    expect((await service.as('auditor').get('/api/recommendations/looked-at')).status).toBe(404);
  });

  test('issues to one body once, however often it is sent', async () => {
    const page = await browser.get('/recommendations/new');
    const fields = {
      ...typed,
      id: 'one-body',
      recipients: 'wiltshire',
      'deadlines-1-dueOn-day': '1',
      'deadlines-1-dueOn-month': '2',
      'deadlines-1-dueOn-year': '2098',
      responseRequired: 'yes',
    };
    const [first, second] = await Promise.all([
      browser.submit(page, FORM, fields),
      browser.submit(page, FORM, fields),
    ]);
    expect(first.address).toMatch(/^\/recommendations\/one-body\?done=1&minPosition=\d+$/);
    expect(first.words('.govuk-notification-banner__heading')).toEqual([
      expect.stringMatching(/^Done: Recommendation issued to /),
    ]);
    expect(second.address).toBe(first.address);
    const { deadlines, text } = (await read('/one-body')) as unknown as {
      readonly deadlines: readonly { readonly dueOn: string; readonly kind: string }[];
      readonly text: string;
    };
    expect(deadlines.map(({ dueOn, kind }) => [kind, dueOn])).toEqual([
      ['action', '2098-02-01'],
      ['response', '2020-03-01'],
      ['action', '2098-06-30'],
    ]);
    expect(text).toBe(typed.text.replace('\r\n', '\n'));
  });

  test('issues under the id `new` as well, whose page is one level below this page', async () => {
    const page = await browser.get('/recommendations/new');
    const issued = await browser.submit(page, FORM, { ...typed, id: 'new', recipients: 'wiltshire' });
    expect(issued.address).toMatch(/^\/recommendations\/new\/record\?done=1&minPosition=\d+$/);
    expect(issued.heading).toBe(typed.title);
    const done = await browser.submit(await browser.follow(issued, 'Mark as being progressed'), FORM);
    expect(done.words('.govuk-notification-banner__heading')).toEqual(['Done: Being progressed']);
    expect((await browser.get('/recommendations/new')).heading).toBe('Issue a recommendation');
  });

  test('issues to several bodies, and shows the list of them', async () => {
    const page = await browser.get('/recommendations/new');
    const fields = { ...typed, id: 'several', recipients: 'wiltshire\r\nkent' };
    const answer = await browser.submit(page, FORM, fields);
    expect(answer.address).toMatch(/^\/recommendations\?issue=several&done=1&minPosition=\d+$/);
    expect(answer.words('.govuk-notification-banner__heading')).toEqual(['Issued to 2 bodies']);
    const issued = answer.all('.govuk-notification-banner a').map((link) => link.getAttribute('href'));
    expect(issued.toSorted()).toEqual([
      '/recommendations/several.kent',
      '/recommendations/several.wiltshire',
    ]);
    // The marker is not kept in links or saved searches.
    expect(answer.html.replaceAll(answer.address, '')).not.toContain('done=1');
    expect((await read('/several.kent')).recipient).toBe('kent');
  });

  test('shows the errors, and keeps the typed values', async () => {
    const page = await browser.get('/recommendations/new');
    const answer = await browser.submit(page, FORM, {
      ...typed,
      title: '',
      recipients: 'Kent Police',
      'report-publishedOn-month': '13',
      'responseDueOn-day': '1',
      'responseDueOn-month': '2',
      'responseDueOn-year': '2098',
      id: 'not-issued',
    });
    expect(answer).toMatchObject({ status: 400, title: expect.stringMatching(/^Error: /) });
    expect(answer.words('.govuk-error-summary li')).toEqual([
      'Enter a title',
      'Enter each body by its name or short name, such as avon-and-somerset',
      'Enter when the report was published: a real date with its year in full, such as 27 3 2026',
      'Response due is only allowed if a response is required',
    ]);
    for (const link of answer.all('.govuk-error-summary a'))
      expect(answer.find(link.getAttribute('href') ?? '')).not.toBeNull();
    expect(answer.find('#recipients')?.textContent).toBe('Kent Police');
    expect((await service.as('auditor').get('/api/recommendations/not-issued')).status).toBe(404);
  });

  test('is for inspectors: others are refused, and the refusal is recorded', async () => {
    const approver = new PageBrowser(service.address);
    await approver.signIn('demo-approver');
    expect(await approver.get('/recommendations/new')).toMatchObject({ status: 403 });
    const page = await approver.get('/recommendations/one-body/commands/add-comment');
    const mark = page.find('input[name=mark]')?.getAttribute('value') ?? '';
    const fields = { ...typed, recipients: 'wiltshire', id: 'by-an-approver', mark };
    expect(await approver.post('/recommendations/new', fields)).toMatchObject({ status: 403 });
    expect((await service.as('auditor').get('/api/recommendations/by-an-approver')).status).toBe(404);
    const { json } = await service.as('auditor').get('/api/events?type=CommandRefused&limit=1000');
    expect(json.items).toContainEqual(
      expect.objectContaining({
        data: expect.objectContaining({ command: 'issue' }),
        actor: expect.objectContaining({ subject: 'demo-approver' }),
      }),
    );
  });

  test('keeps the typed values when the session has ended', async () => {
    const page = await browser.get('/recommendations/new');
    const other = new PageBrowser(service.address);
    const refused = await other.submit(page, FORM, { ...typed, recipients: 'wiltshire', id: 'held' });
    expect(refused).toMatchObject({ status: 401, heading: 'Your sign-in has ended' });
    await other.signIn('demo-inspector');
    const again = await other.submit(refused, FORM);
    expect(again.find('#text')?.textContent).toContain('By 30 June 2098');
    expect((await service.as('auditor').get('/api/recommendations/held')).status).toBe(404);
    await other.submit(again, FORM);
    expect((await read('/held')).id).toBe('held');
  });
});

// These tests are last, because the others name no bodies.
describe('a body that is not known', () => {
  const BODIES = 'slug,name,kind\nwiltshire,Wiltshire Police,police-force\nkent,Kent Police,police-force\n';

  test('asks about unknown recipients, suggests the nearest, and issues to the chosen ones', async () => {
    const send = async (fields: Readonly<Record<string, string>>) =>
      browser.submit(await browser.get('/recommendations/new'), FORM, { ...typed, ...fields });
    // If no bodies are named at all, none is unknown.
    const first = await send({ recipients: 'wiltshyre', id: 'before' });
    expect(first.address).toMatch(/^\/recommendations\/before\?/);
    writeFileSync(join(service.folder, 'bodies.csv'), BODIES);
    await runDocket(['--as', 'ann', 'bodies', 'import', 'bodies.csv'], { folder: service.folder });

    const response = await send({ recipients: 'wiltshyre\r\nkent-police\r\nkent\r\nqqqqqq', id: 'after' });
    expect(response.status).toBe(400);
    expect(response.words('.govuk-error-summary li')).toEqual([
      'wiltshyre is not a known body. Do you want to use it anyway?',
      'kent-police is not a known body. Do you want to use it anyway?',
      'qqqqqq is not a known body. Do you want to use it anyway?',
    ]);
    expect(response.words('.govuk-checkboxes__hint')).toEqual([
      'Did you mean Wiltshire Police?',
      'Did you mean Kent Police?',
    ]);
    expect((await service.as('auditor').get('/api/recommendations/after.kent')).status).toBe(404);

    // An invalid slug is refused; a body's name is accepted.
    const misspelt = await browser.submit(response, FORM, {
      recipients: 'Wilshire Polce\r\nKENT police',
    });
    expect(misspelt.words('.govuk-error-summary li')).toEqual([
      'No body is called “wilshire polce”. Did you mean Wiltshire Police?',
    ]);
    expect(misspelt.find('#recipients')?.textContent.trim()).toBe('Wilshire Polce\nKent Police');

    const mended = await browser.submit(response, FORM, {
      recipients: 'kent\r\nwiltshyre',
      unknown: 'wiltshyre',
    });
    expect(mended.address).toMatch(/^\/recommendations\?issue=after&/);

    const offered = async (person: string) => {
      const client = new PageBrowser(service.address);
      await client.signIn(person);
      const [bodies, people] = [await client.get('/names/bodies'), await client.get('/names/people')];
      return [JSON.parse(bodies.html), JSON.parse(people.html)] as readonly unknown[];
    };
    // The list of people is updated a moment after the sign-in.
    const namesForLead = await eventually(
      () => offered('demo-force-lead'),
      ([, people]) => (people as readonly string[]).length > 0,
    );
    expect(namesForLead).toEqual([['Wiltshire Police'], ['Dev Patel']]);
    expect(await offered('demo-inspector')).toEqual([
      ['Kent Police', 'Wiltshire Police', 'wiltshyre'],
      ['Dev Patel', 'Ines Okafor', 'Ruth Adeyemi'],
    ]);
    expect((await new PageBrowser(service.address).get('/names/people')).heading).toBe(
      'Choose who to sign in as',
    );

    const form = await browser.get('/recommendations/after.kent/commands/assign-recipient');
    const named = { recipient: 'wiltshyra', reason: 'It was theirs.' };
    const doubted = await browser.submit(form, FORM, named);
    expect(doubted.words('.govuk-error-summary li')).toEqual([
      'wiltshyra is not a known body. Do you want to use it anyway?',
    ]);
    expect((await service.as('auditor').get('/api/recommendations/after.kent')).json.recipient).toBe('kent');
    await browser.submit(doubted, FORM, { unknown: 'wiltshyra' });
    expect((await service.as('auditor').get('/api/recommendations/after.kent')).json.recipient).toBe(
      'wiltshyra',
    );
  });
});
