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
  it('shows a month as a calendar and as a list, each day with a link to its deadlines', async () => {
    const page = await inspector.get(`/deadlines?month=${JUNE}`);
    expect(page).toMatchObject({ status: 200, title: 'Deadlines – Docket' });
    expect(page.words('h2')).toContain(`June ${NEXT_YEAR}`);
    expect(page.words('.docket-calendar a')).toEqual(['102 due', '301 due']);
    // Overdue deadlines come first, in any month.
    expect(page.words('h2')[1]).toBe('Overdue');
    expect(titles(page).slice(1)).toEqual(['Train officers', 'Keep evidence', 'Record crime']);
    const day = await inspector.follow(page, '102 due');
    expect(day.address).toBe(`/deadlines?from=${JUNE}-10&to=${JUNE}-10`);
    expect(titles(day)).toEqual(['Train officers', 'Keep evidence']);
    expect(day.link('Keep evidence')).toBe(
      `/recommendations/w-2?${new URLSearchParams({ from: day.address }).toString()}`,
    );
  });

  it('moves from month to month, and has only visible deadlines', async () => {
    const may = await forceLead.get(`/deadlines?month=${NEXT_YEAR}-05`);
    expect(may.words('p')).toContain('No deadlines match.');
    const june = await forceLead.get(may.link(`Next page : June ${NEXT_YEAR}`));
    expect(titles(june).slice(1)).toEqual(['Train officers', 'Keep evidence']);
  });

  it('has a link to the next page of a month', async () => {
    const page = await inspector.get(`/deadlines?month=${JUNE}&limit=2`);
    expect(titles(page).slice(1)).toHaveLength(2);
    const next = await inspector.follow(page, 'Next page');
    expect(titles(next).slice(1)).toEqual(['Record crime']);
    expect(titles(await inspector.follow(next, 'First page')).slice(1)).toEqual([
      'Train officers',
      'Keep evidence',
    ]);
  });

  it('links to no month before the first deadline or after the last one', async () => {
    const months = (page: OpenedPage) => page.words('nav[aria-label=Months] a');
    expect(months(await inspector.get(`/deadlines?month=${JUNE}`))).toEqual([
      expect.stringContaining(`May ${NEXT_YEAR}`),
    ]);
    expect(months(await inspector.get('/deadlines?month=2016-06'))).toEqual([
      expect.stringContaining('July 2016'),
    ]);
    // Only the body's own deadlines count.
    expect(months(await inspector.get('/deadlines?month=2016-07&recipient=kent'))).toEqual([
      expect.stringContaining('August 2016'),
    ]);
  });

  it('is narrowed by body, kind and state, and downloaded as it is shown', async () => {
    const page = await inspector.submit(
      await inspector.get(`/deadlines?month=${JUNE}`),
      'form.docket-filter',
      {
        recipient: 'kent',
        kind: 'action',
      },
    );
    expect(page.address).toBe(`/deadlines?month=${JUNE}&recipient=kent&kind=action`);
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
