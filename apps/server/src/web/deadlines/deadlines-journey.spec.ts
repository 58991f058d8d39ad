import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { londonDate } from '#state-machines/london';
import { csvRows } from '#test/support/csv-rows';
import { PageBrowser } from '#test/support/pages';
import type { OpenedPage } from '#test/support/pages';
import { startService } from '#test/support/service';
import type { RunningService } from '#test/support/service';

const NEXT_YEAR = Number(londonDate(Date.now()).slice(0, 4)) + 1;
const JUNE = `${NEXT_YEAR}-06`;

let service: RunningService;
let inspector: PageBrowser;
let forceLead: PageBrowser;

const titles = (page: OpenedPage): readonly string[] => page.words('.docket-title');

beforeAll(async () => {
  service = await startService({ env: { DOCKET_SWEEP: 'off' } });
  const client = service.as('inspector', { subject: 'ann' });
  // Its deadline is 30 June 2016.
  await client.import(readFileSync('test/fixtures/730.txt'), '?recipient=wiltshire');
  const issue = (id: string, recipient: string, title: string, dueOn: string) =>
    client.issue({ id, title, recipients: [recipient], deadlines: [{ dueOn }] });
  await issue('w-1', 'wiltshire', 'Train officers', `${JUNE}-10`);
  await issue('w-2', 'wiltshire', 'Keep evidence', `${JUNE}-10`);
  const { json } = await issue('k-1', 'kent', 'Record crime', `${JUNE}-30`);
  await client.get(`/api/deadlines?minPosition=${json.position}`);
  [inspector, forceLead] = [new PageBrowser(service.address), new PageBrowser(service.address)];
  await inspector.signIn('demo-inspector');
  await forceLead.signIn('demo-force-lead');
});

describe('the deadlines as a page', () => {
  it('lists what is not settled, the earliest first, to those who may see it', async () => {
    const page = await inspector.get('/deadlines');
    expect(page).toMatchObject({ status: 200, title: 'Deadlines – Docket' });
    expect(titles(page).slice(-3)).toEqual(['Train officers', 'Keep evidence', 'Record crime']);
    expect(titles(page)).toHaveLength(4);
    expect(page.link('Keep evidence')).toBe('/recommendations/w-2?from=%2Fdeadlines');
    expect(titles(await forceLead.get('/deadlines')).slice(1)).toEqual(['Train officers', 'Keep evidence']);
  });

  it('has a link to the next page', async () => {
    const page = await inspector.get(`/deadlines?from=${JUNE}-01&limit=2`);
    const next = await inspector.follow(page, 'Next page');
    expect(titles(next)).toEqual(['Record crime']);
    expect(titles(await inspector.follow(next, 'First page'))).toEqual(['Train officers', 'Keep evidence']);
  });

  it('is narrowed by body, kind and days, and downloaded as it is shown', async () => {
    const page = await inspector.submit(await inspector.get('/deadlines'), 'form.docket-filter', {
      ...{ recipient: 'kent', kind: 'action', from: `${JUNE}-01` },
    });
    expect(page.address).toBe(`/deadlines?recipient=kent&kind=action&from=${JUNE}-01`);
    expect(titles(page)).toEqual(['Record crime']);
    const csv = await inspector.get(page.link('Download these deadlines (CSV)'));
    expect(csvRows(csv.html).map(({ id }) => id)).toEqual(['k-1']);
    expect(await forceLead.get('/deadlines.csv?recipient=kent')).toMatchObject({ status: 403 });
  });

  it('names the invalid parts of its address', async () => {
    const page = await inspector.get('/deadlines?kind=banana&effectiveOn=2026-02-31');
    expect(page).toMatchObject({ status: 400, title: 'Error: Deadlines – Docket' });
    expect(page.words('.govuk-error-summary li')).toEqual([
      '“Kind” must be one of the choices',
      '“As at the end of” must be a real date, such as 2026-11-24',
    ]);
    expect(await inspector.get('/deadlines?from=2026-02-02&to=2026-02-01')).toMatchObject({ status: 400 });
  });
});

describe('a calendar link, made on its page', () => {
  it('is shown once, opens the calendar, and is revoked', async () => {
    const page = await forceLead.get('/deadlines/calendar');
    const made = await forceLead.submit(page, '#make-link', { state: 'on-track' });
    const url = made.find('#made')?.textContent ?? '';
    expect(await (await fetch(url)).text()).toContain('SUMMARY:w-1: Train officers');
    const listed = await forceLead.get('/deadlines/calendar');
    expect(listed.html).not.toContain(new URL(url).searchParams.get('key') ?? 'no key');
    expect(listed.words('.docket-stacked td')[0]).toBe('On track');
    const revoked = await forceLead.submit(listed, 'form[action$="/revoke"]');
    expect(revoked.words('.docket-stacked td')).toEqual([]);
    expect((await fetch(url)).status).toBe(404);
  });

  it('is offered for the user’s own bodies, and refused for any other', async () => {
    const page = await forceLead.get('/deadlines/calendar');
    expect(page.words('#recipient option')).toEqual(['Any', 'wiltshire']);
    const refused = await forceLead.submit(page, '#make-link', { recipient: 'kent' });
    expect(refused).toMatchObject({ status: 400, title: 'Error: Deadlines in your calendar – Docket' });
    expect(refused.words('.docket-stacked td')).toEqual([]);
    expect(await forceLead.submit(page, '#make-link', { recipient: 'No Slug' })).toMatchObject({
      status: 400,
    });
  });
});
