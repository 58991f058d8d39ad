import { beforeAll, describe, expect, it } from '@jest/globals';
import { recommendation } from '#state-machines/inspection-recommendation/kind';
import { closeWithoutAction } from '../support/closing.ts';
import { PageBrowser } from '../support/pages.ts';
import { refusal, startService } from '../support/service.ts';
import { csvRows } from '../support/csv-rows.ts';
import type { Answer, AnswerItem, Client, RunningService } from '../support/service.ts';

const BODIES = ['avon', 'kent', 'wiltshire'] as const;
const COUNT = 45;

let service: RunningService;
let inspector: Client;
let position: string;

const idOf = (index: number): string => `list-${String(index).padStart(2, '0')}`;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
  const approver = service.as('approver');
  for (let index = 0; index < COUNT; index += 1) {
    const id = idOf(index);
    await inspector.issue({
      id,
      title: `${['Alpha', 'Bravo', 'Charlie'][index % 3]} ${index}`,
      text:
        index === 7 ? 'Body-worn cameras: “policy” for O’Neill & sons, 100 %.' : 'Publish an action plan.',
      recipients: [BODIES[index % 3]],
      report: { name: 'Report', publishedOn: `2020-01-${String((index % 28) + 1).padStart(2, '0')}` },
      ...(index % 2 === 0 && { deadlines: [{ dueOn: index % 4 === 0 ? '2020-06-30' : '9000-01-01' }] }),
    });
    if (index % 5 === 1) await inspector.command(id, 'start-progress');
    if (index % 5 === 2) {
      await closeWithoutAction(inspector, approver, id);
    }
  }
  const last = await inspector.command(idOf(3), 'add-comment', {
    text: 'The hovercraft is full.',
    visibility: 'public',
  });
  position = last.json.position;
  await inspector.get(`/api/recommendations?minPosition=${position}`);
});

const list = (query = '', person: Client = inspector): Promise<Answer> =>
  person.get(`/api/recommendations?minPosition=${position}${query && `&${query}`}`);

const idsOf = (answer: Answer): string[] => answer.json.items.map(({ id }) => id);

async function everyPage(query: string, limit: number, person = inspector): Promise<AnswerItem[]> {
  const items: AnswerItem[] = [];
  let cursor = '';
  for (let pages = 0; pages < 100; pages += 1) {
    const { json } = await list(
      `${query}&limit=${limit}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      person,
    );
    expect(json.items.length).toBeLessThanOrEqual(limit);
    items.push(...json.items);
    if (json.nextCursor === null) return items;
    cursor = json.nextCursor;
  }
  throw new Error('The pages do not end');
}

describe('the register', () => {
  it('says up to which position it was read', async () => {
    expect(Number((await list()).json.position)).toBeGreaterThanOrEqual(Number(position));
  });

  it('returns 50 by default, and 200 at the most', async () => {
    expect((await list('limit=200')).json.items).toHaveLength(COUNT);
    expect((await list()).json).toMatchObject({ nextCursor: null });
    expect((await list('limit=1')).json.items).toHaveLength(1);
  });

  it('returns every record once, page by page', async () => {
    const whole = idsOf(await list('sort=-dueOn&limit=200'));
    expect(new Set(whole).size).toBe(COUNT);
    expect((await everyPage('sort=-dueOn', 7)).map(({ id }) => id)).toEqual(whole);
  });
});

describe('an invalid parameter of the register', () => {
  it.each([
    ['limit=201', '/limit'],
    ['sort=colour', '/sort'],
    ['dueFrom=2026-02-02&dueTo=2026-02-01', '/dueTo'],
    ['issuedFrom=2026-02-02&issuedTo=2026-02-01', '/issuedTo'],
    ['queue=responses-due', '/queue'],
    ['queue=mine&queue=overdue', '/queue'],
    ['colour=red', '/colour'],
    ['cursor=nonsense', '/cursor'],
  ])('%s is refused, and says where', async (query, pointer) => {
    expect(await list(query)).toMatchObject(refusal(400, 'invalid-parameter', { errors: [{ pointer }] }));
  });

  it('a cursor of another list, order or person is refused', async () => {
    const { nextCursor } = (await list('sort=id&limit=5')).json;
    const cursor = encodeURIComponent(nextCursor as string);
    expect(await list(`sort=id&limit=5&cursor=${cursor}`)).toMatchObject({ status: 200 });
    expect(await list(`sort=-id&limit=5&cursor=${cursor}`)).toMatchObject(refusal(400, 'invalid-parameter'));
    expect(await list(`sort=id&limit=5&status=complete&cursor=${cursor}`)).toMatchObject(
      refusal(400, 'invalid-parameter'),
    );
    const forceLead = service.as('force-lead', { organisations: ['kent'] });
    expect(await list(`sort=id&limit=5&cursor=${cursor}`, forceLead)).toMatchObject({ status: 400 });
  });
});

describe('a queue', () => {
  it("of others is refused, and the refusal names the caller's queues", async () => {
    const answer = await list('queue=mine', service.as('auditor'));
    expect(answer).toMatchObject(refusal(400, 'invalid-parameter'));
    expect(answer.json.detail).toBe('queue is not one of your queues; yours are escalated, closed-30');
  });
});

describe('as a file', () => {
  const csv = (path: string, person = inspector): Promise<Answer> => person.get(path, { accept: 'text/csv' });

  it('is complete, whatever page is requested, and names its type', async () => {
    const path = `/api/recommendations?minPosition=${position}&sort=id&recipient=avon&limit=1`;
    const answer = await csv(path);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="recommendations.csv"',
    });
    expect(answer.headers['vary']).toContain('Accept');
    const ids = csvRows(answer.text).map(({ id }) => id);
    expect(ids).toEqual((await everyPage('sort=id&recipient=avon', 200)).map(({ id }) => id));
    const { nextCursor } = (await list('sort=id&recipient=avon&limit=1')).json;
    const onward = await csv(
      `/api/recommendations?minPosition=${position}&sort=id&recipient=avon&limit=1&cursor=${nextCursor}`,
    );
    expect(onward.text).toBe(answer.text);
  });

  it.each(['deadlines', 'statistics', 'refusals'])('exists for %s too', async (name) => {
    const answer = await csv(`/api/${name}`, service.as('auditor'));
    expect(answer.status).toBe(200);
    expect(answer.headers['content-disposition']).toBe(`attachment; filename="${name}.csv"`);
    expect(answer.headers['content-type']).toContain('text/csv');
    expect(await service.as('auditor').get(`/api/${name}`, { accept: 'image/png' })).toMatchObject(
      refusal(406, 'not-acceptable'),
    );
  });

  it('is refused as the list is, before anything is sent', async () => {
    const forceLead = service.as('force-lead', { organisations: ['kent'] });
    expect(await csv('/api/recommendations?recipient=avon', forceLead)).toMatchObject(
      refusal(403, 'other-organisation'),
    );
    expect(await csv('/api/recommendations?queue=escalated')).toMatchObject(
      refusal(400, 'invalid-parameter'),
    );
    expect(await csv('/api/refusals')).toMatchObject(refusal(403, 'role-not-permitted'));
    for (const name of ['recommendations', 'deadlines', 'refusals']) {
      const answer = await csv(`/api/${name}?cursor=nonsense`, service.as('auditor'));
      expect(answer).toMatchObject(refusal(400, 'invalid-parameter', { errors: [{ pointer: '/cursor' }] }));
    }
  });
});

describe('the statistics', () => {
  it('accept neither a search nor a page', async () => {
    for (const query of ['q=plan', 'limit=1', 'sort=id']) {
      expect(await inspector.get(`/api/statistics?${query}`)).toMatchObject(
        refusal(400, 'invalid-parameter'),
      );
    }
  });
});

describe('figures over time', () => {
  const figures = (path: string, person = inspector): Promise<Answer> =>
    person.get(`/api/statistics/${path}${path.includes('?') ? '&' : '?'}minPosition=${position}`);
  const jsonOf = (answer: Answer) => JSON.parse(answer.text) as Record<string, unknown>;

  it('of a user who sees one body are of its records alone', async () => {
    const forceLead = service.as('force-lead', { organisations: ['kent'] });
    const { overall, byRecipient } = jsonOf(await figures('closure-times', forceLead)) as {
      overall: Record<string, unknown>;
      byRecipient: Record<string, unknown>[];
    };
    expect(byRecipient).toEqual([{ recipient: 'kent', ...overall }]);
    const kent = jsonOf(await figures('closure-times?recipient=kent'));
    expect(kent).toMatchObject({ overall });
    expect(await figures('deadlines?recipient=avon', forceLead)).toMatchObject(
      refusal(403, 'other-organisation'),
    );
  });

  it('are returned as CSV, too', async () => {
    const csv = { accept: 'text/csv' };
    const series = csvRows((await inspector.get('/api/statistics/series', csv)).text);
    expect(series).toHaveLength(12);
    expect(Object.keys(series[0] ?? {})).toEqual(
      expect.arrayContaining(['on', 'issued', 'being-progressed', 'deadline:overdue']),
    );
    const times = csvRows((await inspector.get('/api/statistics/closure-times', csv)).text);
    const bodies = [['all', ''], ...BODIES.map((body) => ['recipient', body])];
    expect(times.map((row) => [row['of'], row['recipient']])).toEqual(bodies);
    const deadlines = csvRows((await inspector.get('/api/statistics/deadlines', csv)).text);
    expect(deadlines.map((row) => [row['of'], row['recipient']])).toEqual(bodies);
  });

  it.each([
    ['series?from=2020-02-01&to=2020-01-01', '/to'],
    ['series?from=1900-01-01&to=2020-01-01', '/from'],
    ['series?interval=week', '/interval'],
    ['closure-times?from=x', '/from'],
    ['deadlines?knownAt=9000-01-01', '/knownAt'],
    ['series?effectiveOn=2020-01-01', '/effectiveOn'],
  ])('accepts no %s', async (path, pointer) => {
    expect(await figures(path)).toMatchObject(refusal(400, 'invalid-parameter', { errors: [{ pointer }] }));
  });
});

describe('the page of figures', () => {
  /** Returns the number of items in the list that a figure links to. */
  const listed = async (browser: PageBrowser, href: string): Promise<number> =>
    csvRows((await browser.get(href.replace('?', '.csv?'))).html).length;

  it.each([
    ['', 'demo-inspector'],
    ['&from=2020-01-01&to=2021-03-31&interval=quarter', 'demo-inspector'],
    ['&recipient=kent&effectiveOn=2020-09-30', 'demo-approver'],
    ['&effectiveOn=2021-02-01&to=2020-12-31&from=2019-12-01', 'demo-auditor'],
  ])('links each figure to as many records as it says, and each is the API’s: %s', async (query, person) => {
    const browser = new PageBrowser(service.address);
    await browser.signIn(person);
    const page = await browser.get(`/statistics?kind=${recommendation.name}${query}`);
    expect(page.status).toBe(200);
    const seen = new Map<string, number>();
    for (const link of page.all('.docket-plot td a')) {
      const count = Number(link.textContent.trim().split(' ')[0]?.replaceAll(',', ''));
      seen.set(link.getAttribute('href') ?? '', count);
    }
    for (const part of page.all('.docket-plot__link')) {
      const href = part.getAttribute('href') ?? '';
      const count = Number(
        /([\d,]+) (?:open )?(?:recommendation|deadline)s?/.exec(part.getAttribute('aria-label') ?? '')?.[1],
      );
      expect([href, seen.get(href) ?? count]).toEqual([href, count]);
      seen.set(href, count);
    }
    expect(seen.size).toBeGreaterThan(10);
    for (const [href, count] of seen) expect([href, await listed(browser, href)]).toEqual([href, count]);
  });

  it('links to deadlines with their outcomes, as of today, which is no view of the past', async () => {
    const browser = new PageBrowser(service.address);
    await browser.signIn('demo-inspector');
    const page = await browser.get('/deadlines?outcome=lateAtEntry');
    expect(page.words('main h2').join()).not.toContain('As at the end of');
    expect(page.words('tbody tr:first-child td').join()).toContain('Late when entered');
  });

  it('has the same files as the API', async () => {
    const browser = new PageBrowser(service.address);
    await browser.signIn('demo-inspector');
    const period = 'from=2020-01-01&to=2021-03-31';
    const csv = { accept: 'text/csv' };
    for (const [name, path] of [
      ['series', `/api/statistics/series?${period}&interval=month`],
      ['counts', '/api/statistics'],
      ['closure-times', `/api/statistics/closure-times?${period}`],
      ['deadlines', `/api/statistics/deadlines?${period}`],
    ] as const) {
      const { html } = await browser.get(`/statistics/${name}.csv?${period}`);
      expect([name, html]).toEqual([name, (await inspector.get(path, csv)).text]);
    }
  });
});
