import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PageBrowser } from '#test/support/pages';
import { startService } from '#test/support/service';
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
const api = () => service.as('inspector');
const versionOf = async (id: string) => (await api().get(`/api/recommendations/${id}`)).json.version;

const record = (reference: string, history = '[on]31st June 2016 [status]being-progressed[/status][/on]') =>
  `Publish a plan (${reference})\nEvery force should publish one.\n\n${history}\n`;

const file = (content: string) => [{ field: 'file', name: 'record.txt', content }];

describe('the page that imports a register record', () => {
  test('previews the import with the places of problems; then imports the file, byte for byte', async () => {
    const page = await browser.get('/imports/new');
    const source = record('imp-1');
    const checked = await browser.submit(
      page,
      FORM,
      { recipient: 'wiltshire' },
      'Check the file',
      file(source),
    );
    expect(checked.words('.govuk-summary-list__value')).toEqual([
      'Publish a plan',
      'imp-1',
      'A new record will be created',
      'Being progressed',
      'None',
      'None',
      '1 problem',
    ]);
    expect(checked.words('.govuk-list--bullet > li')).toEqual([
      expect.stringMatching(/^Line 4, column 5: a date does not exist, .*"31st June 2016"/),
    ]);
    expect((await api().get('/api/recommendations/imp-1')).status).toBe(404);

    const bytes = Buffer.from(`${source}\n`).toString('base64url');
    const differs = await browser.submit(checked, FORM, { source: bytes }, 'Import the record');
    expect(differs).toMatchObject({ status: 409 });
    expect((await api().get('/api/recommendations/imp-1')).status).toBe(404);

    const done = await browser.submit(checked, FORM, {}, 'Import the record');
    expect(done.address).toMatch(/^\/recommendations\/imp-1\?minPosition=\d+&done=\d+$/);
    expect(done.words('.govuk-notification-banner__heading')).toEqual([
      'Done: Imported from a register record',
    ]);
    const exported = await api().get('/api/recommendations/imp-1/export?format=register');
    expect(exported.text).toBe(source);
    expect((await api().get('/api/recommendations/imp-1')).json.recipient).toBe('wiltshire');
  });

  test('accepts a pasted record', async () => {
    const page = await browser.get('/imports/new');
    const pasted = record('imp-2').replaceAll('\n', '\r\n');
    const checked = await browser.submit(page, FORM, { pasted });
    await browser.submit(checked, FORM, {}, 'Import the record');
    expect((await api().get('/api/recommendations/imp-2')).json.title).toBe('Publish a plan');
  });

  test('requires a record', async () => {
    const page = await browser.get('/imports/new');
    const answer = await browser.submit(page, FORM);
    expect(answer).toMatchObject({ status: 400, title: expect.stringMatching(/^Error: /) });
    expect(answer.words('.govuk-error-summary li')).toEqual(['Choose a file, or paste the record']);
  });

  test('refuses a file and a pasted record together', async () => {
    const page = await browser.get('/imports/new');
    const both = { pasted: record('imp-both-1') };
    const answer = await browser.submit(page, FORM, both, undefined, file(record('imp-both-2')));
    expect(answer.status).toBe(400);
    expect(answer.words('.govuk-error-summary li')).toEqual([
      'Choose a file or paste the record, not both. Import the other one afterwards',
    ]);
    for (const id of ['imp-both-1', 'imp-both-2'])
      expect((await api().get(`/api/recommendations/${id}`)).status).toBe(404);
  });

  test('refuses a file that is not a register record', async () => {
    const page = await browser.get('/imports/new');
    const refused = await browser.submit(page, FORM, { id: 'shopping' }, undefined, file('Milk, eggs'));
    expect(refused).toMatchObject({ status: 422 });
    expect(refused.words('.govuk-error-summary li')[0]).toMatch(/does not look like a register record/);
  });

  test('names the differing history', async () => {
    const before = record('imp-3', '[on]1st May 2016 [comment]The first[/comment][/on]');
    await api().import(before, '?id=imp-3');
    const version = await versionOf('imp-3');
    const after = before.replace('The first', 'The other');
    const page = await browser.get('/imports/new');
    const refused = await browser.submit(page, FORM, {}, undefined, file(after));
    expect(refused).toMatchObject({ status: 409 });
    expect(refused.words('.govuk-error-summary li')[0]).toMatch(
      /differ in the comment at line 4, column \d+/,
    );
    expect(await versionOf('imp-3')).toBe(version);
  });

  test('shows each record of a file with several, and imports the file that it showed', async () => {
    const source = [record('imp-11'), record('imp-12', ''), record('imp-13')].join('\n');
    const second = record('imp-11', '').replace('Publish', 'Print');
    const page = await browser.get('/imports/new');
    const changedFile = file(`${source}\n${second}[on]1st May 2016 [status]complete[/status][/on]\n`);
    const checked = await browser.submit(page, FORM, { recipient: 'avon' }, 'Check the file', changedFile);
    expect(checked.words('main h3')).toEqual([
      'imp-11: Publish a plan',
      'imp-13: Publish a plan',
      'imp-11: Print a plan',
    ]);
    const words = checked.words('main p');
    expect(words).toContain('Line 1. New record.');
    expect(words).toContain('Line 11. New record.');
    expect(words).toContain('Line 16. Cannot be imported.');
    expect(words.join(' ')).toContain('a different record imp-11 at line 1');
    expect(checked.words('main li')).toContainEqual(
      expect.stringMatching(/^Line 6, column 1: there is misplaced text between/),
    );
    expect(checked.find('#id')).toBeNull();
    expect((await api().get('/api/recommendations/imp-11')).status).toBe(404);

    const bytes = Buffer.from(`${source}\n`).toString('base64url');
    const differs = await browser.submit(checked, FORM, { source: bytes }, 'Import 2 records');
    expect(differs).toMatchObject({ status: 409 });
    expect((await api().get('/api/recommendations/imp-11')).status).toBe(404);

    const done = await browser.submit(checked, FORM, {}, 'Import 2 records');
    expect(done.words('main h3 a')).toEqual(['imp-11', 'imp-13']);
    expect((await api().get('/api/recommendations/imp-13')).json.recipient).toBe('avon');
  });

  test('reports how a file differs from a record in use, and changes nothing', async () => {
    const before = record('imp-20', '[on]1st May 2016 [status]awaiting-review[/status][/on]');
    await api().import(before);
    await api().command('imp-20', 'start-progress', {});
    const closing = '[on]2nd May 2016 [status]being-progressed[/status][/on]';
    const page = await browser.get('/imports/new');
    const differs = await browser.submit(
      page,
      FORM,
      { recipient: 'kent' },
      undefined,
      file(before.trimEnd() + closing),
    );
    expect(differs.words('.govuk-summary-list__value')[2]).toMatch(
      /^No change: people work on the record in Docket/,
    );
    const [ofRecipient, ofStatus] = differs.words('main li');
    expect(ofRecipient).toMatch(/^Line 1, column 1: The body kent/);
    expect(ofStatus).toMatch(/^Line 4, column 55: Status “Being progressed” of 2 May 2016/);
    expect(differs.words(`${FORM} button`)).toEqual(['Check again']);
    expect((await api().get('/api/recommendations/imp-20/events')).json.items.at(-1)?.type).toBe(
      'ProgressStarted',
    );
  });

  test('says that nothing was imported on a record in use since the preview, and keeps the file', async () => {
    const opened = '[on]1st May 2016 [status]awaiting-review[/status][/on]';
    await api().import(record('imp-21', opened));
    const more = `${opened}\n[on]2nd May 2016 [status]being-progressed[/status][/on]`;
    const page = await browser.get('/imports/new');
    const checked = await browser.submit(page, FORM, {}, undefined, file(record('imp-21', more)));
    await api().command('imp-21', 'start-progress', {});
    const version = await versionOf('imp-21');

    const pressed = await browser.submit(checked, FORM, {}, 'Import the record');
    expect(pressed).toMatchObject({ status: 409 });
    expect(pressed.words('.govuk-error-summary li')).toEqual([
      'Nothing was imported: people work on the record in Docket',
    ]);
    expect(pressed.words('main li').join(' ')).toContain('Status “Being progressed” of 2 May 2016');
    expect(pressed.find('input[name=source]')?.getAttribute('value')).toBe(
      Buffer.from(record('imp-21', more)).toString('base64url'),
    );
    expect(await versionOf('imp-21')).toBe(version);
  });

  test('previews for a button that it does not know', async () => {
    const page = await browser.get('/imports/new');
    const mark = page.find('input[name=mark]')?.getAttribute('value') ?? '';
    const fields = { mark, pasted: record('imp-22') };
    for (const action of ['publish', '']) {
      const answer = await browser.post('/imports/new', { ...fields, action });
      expect(answer.words('main p')).toContain('Nothing has been imported yet.');
    }
    expect((await api().get('/api/recommendations/imp-22')).status).toBe(404);
  });

  test('refuses a file that is too long for the page, and says how to import it instead', async () => {
    const page = await browser.get('/imports/new');
    const many = Array.from({ length: 501 }, (_, index) => record(`imp-many-${index}`)).join('\n');
    const refused = await browser.submit(page, FORM, {}, undefined, file(many));
    expect(refused).toMatchObject({ status: 422 });
    expect(refused.words('.govuk-error-summary li')[0]).toMatch(/501 records.*the command line or the API/);
    const large = await browser.submit(page, FORM, {}, undefined, file('x'.repeat(2 * 1024 * 1024 + 1)));
    expect(large).toMatchObject({ status: 413 });
  });

  test('refuses other users, and records the attempt', async () => {
    const forceLead = new PageBrowser(service.address);
    await forceLead.signIn('demo-force-lead');
    const refused = await forceLead.get('/imports/new');
    expect(refused).toMatchObject({ status: 403 });
    expect(refused.words('main p')[0]).toBe(
      'This is for an inspector or an administrator; you are a force lead.',
    );
    const page = await forceLead.get('/recommendations/imp-1/commands/add-comment');
    const mark = page.find('input[name=mark]')?.getAttribute('value') ?? '';
    const fields = { mark, action: 'send', pasted: record('imp-5') };
    expect(await forceLead.post('/imports/new', fields)).toMatchObject({ status: 403 });
    expect((await api().get('/api/recommendations/imp-5')).status).toBe(404);
    const { json } = await service.as('auditor').get('/api/events?type=CommandRefused&limit=1000');
    expect(json.items).toContainEqual(
      expect.objectContaining({
        data: expect.objectContaining({ command: 'import' }),
        actor: expect.objectContaining({ subject: 'demo-force-lead' }),
      }),
    );
  });

  test('keeps a record when the session has ended', async () => {
    const page = await browser.get('/imports/new');
    const checked = await browser.submit(page, FORM, {}, undefined, file(record('imp-4')));
    const other = new PageBrowser(service.address);
    const refused = await other.submit(checked, FORM, {}, 'Import the record');
    expect(refused).toMatchObject({ status: 401 });
    await other.signIn('demo-inspector');
    const again = await other.submit(refused, FORM);
    expect((await api().get('/api/recommendations/imp-4')).status).toBe(404);
    const once = await other.submit(again, FORM, {}, 'Check the file');
    await other.submit(once, FORM, {}, 'Import the record');
    expect((await api().get('/api/recommendations/imp-4/export?format=register')).text).toBe(record('imp-4'));
  });
});
