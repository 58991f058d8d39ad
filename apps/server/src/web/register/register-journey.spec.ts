import { beforeAll, describe, expect, it } from '@jest/globals';
import { addDays } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { csvRows } from '#test/support/csv-rows';
import { PageBrowser } from '#test/support/pages';
import type { OpenedPage } from '#test/support/pages';
import { startService } from '#test/support/service';
import type { RunningService } from '#test/support/service';

const TODAY = londonDate(Date.now());

let service: RunningService;
let inspector: PageBrowser;
let forceLead: PageBrowser;

const titles = (page: OpenedPage): readonly string[] => page.words('.docket-title');

beforeAll(async () => {
  service = await startService({ env: { DOCKET_SWEEP: 'off' } });
  const client = service.as('inspector', { subject: 'ann' });
  const issue = (id: string, recipient: string, title: string, dueOn?: string, responseDueOn?: string) =>
    client.issue({
      id,
      title,
      recipients: [recipient],
      report: { name: 'PEEL', publishedOn: TODAY },
      ...(dueOn !== undefined && { deadlines: [{ dueOn }] }),
      ...(responseDueOn !== undefined && { responseRequired: true, responseDueOn }),
    });
  await issue('w-1', 'wiltshire', 'Train officers <b>well</b>', addDays(TODAY, 9), addDays(TODAY, 20));
  await issue('w-2', 'wiltshire', 'Keep evidence');
  await issue('k-1', 'kent', 'Record crime', addDays(TODAY, 40));
  await client.command('k-1', 'start-progress', {});
  const { json } = await client.command('w-2', 'add-comment', {
    text: 'The quarterly plan covers interviews.',
    visibility: 'internal',
  });
  await client.get(`/api/recommendations?minPosition=${json.position}`);
  [inspector, forceLead] = [new PageBrowser(service.address), new PageBrowser(service.address)];
  await inspector.signIn('demo-inspector');
  await forceLead.signIn('demo-force-lead');
});

describe('the register as a page', () => {
  it('lists what the viewer may see, last change first, with links to each record and back', async () => {
    const page = await inspector.get('/recommendations');
    expect(page).toMatchObject({ status: 200, title: 'Recommendations – Docket' });
    expect(page.words('#results')).toEqual(['3 recommendations']);
    expect([...titles(page)].sort()).toEqual(['Keep evidence', 'Record crime', 'Train officers <b>well</b>']);
    expect(page.link('Keep evidence')).toBe('/recommendations/w-2?from=%2Frecommendations');
    expect(page.words('td')).toContain(`Deadline${shown(addDays(TODAY, 9))}, in 9 days`);
    expect(titles(await forceLead.get('/recommendations'))).toHaveLength(2);
  });

  it('is narrowed by its form, and a link removes each filter', async () => {
    const page = await inspector.get('/recommendations');
    const narrowed = await inspector.submit(page, 'form.docket-filter', {
      status: ['being-progressed', 'complete'],
      recipient: 'kent',
    });
    // Empty fields are dropped from addresses.
    expect(narrowed.address).toBe('/recommendations?status=being-progressed&status=complete&recipient=kent');
    expect(titles(narrowed)).toEqual(['Record crime']);
    expect(narrowed.words('.docket-filter-tags__tag')).toEqual([
      'Remove Status: Being progressed ×',
      'Remove Status: Complete ×',
      'Remove Body: kent ×',
    ]);
    const without = await inspector.follow(narrowed, 'Remove Status: Being progressed ×');
    expect(without.address).toBe('/recommendations?status=complete&recipient=kent');
    expect(without.words('#results')).toEqual(['No recommendations match']);
    expect(without.words('.docket-filter-tags__tag')).toEqual([
      'Remove Status: Complete ×',
      'Remove Body: kent ×',
    ]);
    expect((await inspector.follow(without, 'Clear filters')).address).toBe('/recommendations');
  });

  it('begins with the last updated record', async () => {
    const page = await inspector.get('/recommendations');
    expect(page.words('th[aria-sort=descending]')).toEqual([expect.stringContaining('Latest event')]);
  });

  it('is sorted by its columns in both directions, and says which', async () => {
    const byTitle = await inspector.follow(await inspector.get('/recommendations?q=plan'), 'Recommendation');
    expect(byTitle.address).toBe('/recommendations?q=plan&sort=title');
    expect(byTitle.all('th[aria-sort=ascending]')).toHaveLength(1);
    const reversed = await inspector.follow(byTitle, 'Recommendation');
    expect(reversed.address).toBe('/recommendations?q=plan&sort=-title');
    expect(titles(reversed)).toEqual([...titles(byTitle)].reverse());
    expect((await inspector.follow(reversed, 'Show the best matches first')).address).toBe(
      '/recommendations?q=plan',
    );
  });

  it('shows matched texts to users who may read them', async () => {
    const found = await inspector.get('/recommendations?q=quarterly');
    expect(found.words('.docket-highlights')).toEqual(['Comment: The quarterly plan covers interviews.']);
    expect(found.words('mark')).toEqual(['quarterly']);
    expect((await forceLead.get('/recommendations?q=quarterly')).words('#results')).toEqual([
      'No recommendations match',
    ]);
  });

  it('finds a record by its reference', async () => {
    const found = await inspector.get('/recommendations?q=w-2');
    expect(found.words('#results')).toEqual(['Nothing else matches']);
    expect((await inspector.follow(found, 'Recommendation w-2')).heading).toContain('Keep evidence');
    // Another body's record is not found.
    expect((await forceLead.get('/recommendations?q=k-1')).words('#results')).toEqual([
      'No recommendations match',
    ]);
  });

  it('says which queue it shows, and for responses when they are due', async () => {
    const commissioner = new PageBrowser(service.address);
    await commissioner.signIn('demo-commissioner');
    const work = await commissioner.get('/');
    expect(work.words('.docket-queue')).toContainEqual(
      expect.stringMatching(/Responses due.*response due in 20 days/s),
    );
    const page = await commissioner.follow(work, 'Responses due: 1');
    expect(page).toMatchObject({ title: 'Responses due – Recommendations – Docket' });
    expect(page.words('#results')).toEqual(['Responses due: 1 recommendation']);
    expect(page.words('th[aria-sort=ascending]')).toEqual([expect.stringContaining('Response due')]);
    expect(page.words('tbody td')).toContainEqual(expect.stringContaining('in 20 days'));
  });

  it('opens those of its filters that have errors, and no others', async () => {
    const open = async (address: string) => (await inspector.get(address)).words('details[open] > summary');
    expect(await open('/recommendations?status=complete&queue=mine')).toEqual([]);
    expect(await open('/recommendations?status=complete&dueTo=2026-02-31')).toEqual([
      'Filter',
      'Deadline (1 chosen)',
    ]);
  });

  it('links to the next page and back', async () => {
    const first = await inspector.get('/recommendations?limit=2&sort=id');
    const second = await inspector.follow(first, 'Next page');
    expect(titles(first)).toHaveLength(2);
    expect(titles(second)).toHaveLength(1);
    expect(titles(await inspector.follow(second, 'Previous page'))).toEqual(titles(first));
  });

  it('names the invalid parts of its address, and keeps them', async () => {
    const page = await inspector.get('/recommendations?status=banana&dueTo=2026-02-31&q=plan&nonsense=1');
    expect(page).toMatchObject({ status: 400, title: 'Error: Recommendations – Docket' });
    expect(page.words('.govuk-error-summary li')).toEqual([
      '“Status” must be one of the choices',
      '“Due to” must be a real date, such as 2026-11-24',
      '“nonsense” is not a filter of this list',
    ]);
    expect(page.find('#dueTo')?.getAttribute('value')).toBe('2026-02-31');
    expect(page.find('#q')?.getAttribute('value')).toBe('plan');
    expect(await inspector.get('/recommendations?q=plan&effectiveOn=2016-06-15')).toMatchObject({
      status: 400,
    });
    expect(await forceLead.get('/recommendations?recipient=kent')).toMatchObject({ status: 400 });
    expect(await inspector.get('/recommendations?cursor=xyz')).toMatchObject({ status: 400 });
  });

  it('shows a day of the past under a banner, and records of it in the same view', async () => {
    const before = addDays(TODAY, -1);
    const page = await inspector.get(`/recommendations?effectiveOn=${before}`);
    expect(page.words('.docket-view p')[0]).toMatch(/^As at the end of .*, using what is recorded now$/);
    expect(page.words('#results')).toEqual(['No recommendations match']);
    const today = await inspector.get(`/recommendations?effectiveOn=${TODAY}`);
    expect(today.link('Keep evidence')).toMatch(
      new RegExp(`^/recommendations/w-2\\?effectiveOn=${TODAY}&from=`),
    );
    expect((await inspector.follow(page, 'Show the current state')).address).toBe('/recommendations');
  });

  it('is downloaded completely, as it is shown, by a signed-in user', async () => {
    const page = await inspector.get('/recommendations?recipient=wiltshire&sort=id&limit=1');
    const csv = await inspector.get(page.link('CSV'));
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="recommendations.csv"');
    expect(csvRows(csv.html).map(({ id }) => id)).toEqual(['w-1', 'w-2']);
    const { html } = await inspector.get(page.link('JSON'));
    const { items } = JSON.parse(html) as { readonly items: readonly { readonly id: string }[] };
    expect(items.map(({ id }) => id)).toEqual(['w-1', 'w-2']);
    // Without a session the page redirects to the sign-in, and the API does not accept the cookie.
    expect((await new PageBrowser(service.address).get('/recommendations.csv')).heading).toBe(
      'Choose who to sign in as',
    );
    expect(await inspector.get('/api/recommendations')).toMatchObject({ status: 401 });
  });
});

describe('a search that is kept', () => {
  const save = async (name: string): Promise<OpenedPage> =>
    inspector.submit(await inspector.get('/recommendations?recipient=kent'), '#keep-search', { name });

  it('is above the register and on the account, until it is removed', async () => {
    const kept = await save('Kent');
    expect(kept.address).toBe('/recommendations?recipient=kent');
    expect(kept.words('.docket-searches a')).toEqual(['Kent', 'Manage your searches']);
    expect(kept.words('.docket-searches [aria-current]')).toEqual(['Kent']);
    expect((await inspector.get('/recommendations')).all('.docket-searches [aria-current]')).toEqual([]);
    // A saved search is not offered again; other users do not see it.
    expect(kept.find('#keep-search')).toBeNull();
    expect((await forceLead.get('/account')).words('.govuk-summary-list a')).toEqual([]);
    const account = await inspector.get('/account');
    expect((await inspector.follow(account, 'Kent')).words('#results')).toEqual(['1 recommendation']);
    const removed = await inspector.submit(account, 'form[action$="/remove"]');
    expect(removed.words('.govuk-summary-list a')).toEqual([]);
  });

  it('needs a name of its own, and the typed values are shown again', async () => {
    await save('Kent');
    const page = await inspector.get('/recommendations?recipient=wiltshire');
    const again = await inspector.submit(page, '#keep-search', { name: 'Kent' });
    expect(again).toMatchObject({ status: 400, title: 'Error: Save this search – Docket' });
    expect(again.words('.govuk-error-summary li')).toEqual([
      'You already have a search with this name. Enter another name',
    ]);
    expect(again.find('#name')?.getAttribute('value')).toBe('Kent');
    const kept = await inspector.submit(again, '#keep-search', { name: 'Ours' });
    expect(kept.address).toBe('/recommendations?recipient=wiltshire');
    // A CSRF token of another session is refused.
    const mark = kept.find('input[name=mark]')?.getAttribute('value') ?? '';
    const stolen = await forceLead.post('/account/searches', { mark, name: 'Theirs', query: 'q=x' });
    expect(stolen).toMatchObject({ status: 403 });
    expect(await inspector.submit(page, '#keep-search', { name: 'Odd', query: 'nonsense=1' })).toMatchObject({
      status: 400,
    });
  });

  it('is erased from every file with the name of its person', async () => {
    const page = await forceLead.get('/recommendations?q=Quillfeather');
    await forceLead.submit(page, '#keep-search', { name: 'Quillfeather’s' });
    const { json } = await service.request('DELETE', '/api/people/demo-force-lead/name', {
      token: service.token('administrator'),
    });
    expect(json).toMatchObject({ subject: 'demo-force-lead' });
    expect((await forceLead.get('/account')).html).not.toContain('Quillfeather');
    const events = await service.as('auditor').get('/api/events?type=SearchSaved');
    const theirs = events.json.items.filter(({ actor }) => actor.subject === 'demo-force-lead');
    expect(theirs.map(({ data }) => Object.keys(data))).toEqual([['searchId']]);
    expect(events.text).not.toContain('Quillfeather');
  });
});

describe('a record of an issue to several bodies', () => {
  it('is found by the id of the issue', async () => {
    const client = service.as('inspector', { subject: 'ann' });
    const { json } = await client.issue({ id: 'both', recipients: ['kent', 'surrey'] });
    await client.get(`/api/recommendations?minPosition=${json.position}`);
    const together = await inspector.get('/recommendations?q=both');
    const listed = await inspector.follow(together, 'Recommendations issued together as both');
    expect(listed.words('.docket-stacked .docket-id').toSorted()).toEqual(['both.kent', 'both.surrey']);
  });
});

describe('the account', () => {
  it('names the current user, and signs out', async () => {
    const page = await forceLead.get('/account');
    expect(page.words('.govuk-summary-list__value').slice(0, 4)).toEqual([
      'Dev Patel',
      'demo-force-lead',
      'force lead',
      'wiltshire',
    ]);
    expect((await forceLead.submit(page, '#sign-out')).heading).toBe('You have signed out');
    expect((await forceLead.get('/account')).heading).toBe('Choose who to sign in as');
  });
});

const shown = (date: string): string => {
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'June', 'July', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec'];
  const [year, month, day] = date.split('-');
  return `${Number(day)} ${months[Number(month) - 1] ?? ''} ${year ?? ''}`;
};
