import { beforeAll, describe, expect, it } from '@jest/globals';
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
  const last = await inspector.command(idOf(3), 'add-comment', { text: 'The hovercraft is full.' });
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

  it('is sorted by the requested column', async () => {
    const ids = Array.from({ length: COUNT }, (_, index) => idOf(index));
    expect(idsOf(await list('sort=id&limit=200'))).toEqual(ids);
    expect(idsOf(await list('sort=-id&limit=200'))).toEqual(ids.toReversed());
    const statuses = (await list('sort=status&limit=200')).json.items.map(({ status }) => status);
    expect(statuses).toEqual(statuses.toSorted());
  });
});

describe('the filters', () => {
  const expected = (isWanted: (index: number) => boolean): string[] =>
    Array.from({ length: COUNT }, (_, index) => index)
      .filter(isWanted)
      .map(idOf);

  it.each([
    ['recipient=wiltshire', (index: number) => index % 3 === 2],
    [
      'status=being-progressed&status=no-further-action-needed',
      (index: number) => [1, 2].includes(index % 5),
    ],
    ['deadline=none&status=being-progressed&status=complete', (index: number) => index % 10 === 1],
    ['deadline=overdue', (index: number) => index % 4 === 0 && index % 5 !== 2],
    ['owner=somebody', () => false],
    ['without=owner&deadline=none', (index: number) => index % 2 === 1],
    ['dueFrom=2020-06-30&dueTo=2020-06-30', (index: number) => index % 4 === 0],
    ['queue=overdue', (index: number) => index % 4 === 0 && index % 5 !== 2],
    ['evidence=submitted&evidence=rejected', () => false],
    ['q=O%E2%80%99Neill', (index: number) => index === 7],
    ['q=charlie&status=being-progressed', (index: number) => index % 3 === 2 && index % 5 === 1],
  ])('%s returns those and no others', async (query, isWanted) => {
    const found = idsOf(await list(`${query}&sort=id&limit=200`)).filter((id) => id.startsWith('list-'));
    expect(found).toEqual(expected(isWanted));
  });

  it.each(['%00', '%F0%9F%91%AE', '%ED%A0%80'])('read a search for %s as words', async (q) => {
    expect(await list(`q=${q}`)).toMatchObject({ status: 200 });
  });
});

describe('a search', () => {
  it('shows its matches, best first, page by page', async () => {
    const [found] = (await list('q=hovercraft%20alpha%20-bravo')).json.items;
    expect(found).toMatchObject({
      id: idOf(3),
      highlights: [
        { field: 'title', snippet: 'Alpha 3', matches: [{ from: 0, to: 5 }] },
        { field: 'comment', snippet: 'The hovercraft is full.', matches: [{ from: 4, to: 14 }] },
      ],
    });
    const paged = await everyPage('q=plan&sort=relevance', 7);
    expect(paged.map(({ id }) => id)).toEqual((await everyPage('q=plan', 200)).map(({ id }) => id));
    expect(paged.length).toBeGreaterThanOrEqual(COUNT - 1);
    expect((await list('q=plan')).json).toMatchObject({ total: paged.length });
    expect((await list()).json.items[0]).not.toHaveProperty('highlights');
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
  it.each([
    ['inspector', []],
    ['approver', []],
    ['commissioner', ['kent']],
    ['auditor', []],
  ] as const)('of %s is counted as the list has it', async (role, organisations) => {
    const person = service.as(role, { organisations: [...organisations] });
    const { queues } = (await person.get('/api/work')).json;
    expect(queues.length).toBeGreaterThan(0);
    for (const { count, list: path } of queues) {
      const listed = (await person.get(path)).json;
      expect([path, listed.total]).toEqual([path, count]);
    }
  });

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

describe('recipients', () => {
  it('page through their own records alone', async () => {
    const forceLead = service.as('force-lead', { organisations: ['wiltshire'] });
    const items = await everyPage('sort=title', 4, forceLead);
    expect(items).toHaveLength(COUNT / 3);
    expect(items.every(({ recipient }) => recipient === 'wiltshire')).toBe(true);
  });
});

describe('the statistics', () => {
  it('count the records of the register', async () => {
    const statistics = (await inspector.get(`/api/statistics?minPosition=${position}`)).json;
    const { items } = (await list('limit=200')).json;
    const counts = (key: (item: AnswerItem) => string | null) =>
      Object.fromEntries([...Map.groupBy(items, key)].map(([value, all]) => [String(value), all.length]));
    expect(statistics.total).toBe(items.length);
    expect(statistics.byStatus).toMatchObject(counts(({ status }) => status));
    const { byRecipient, byDeadline, byAge } = statistics;
    expect(Object.fromEntries(byRecipient.map(({ recipient, total }) => [recipient, total]))).toEqual(
      counts(({ recipient }) => recipient),
    );
    for (const [deadline, count] of Object.entries(byDeadline)) {
      expect(items.filter(({ state }) => state['deadline'] === deadline)).toHaveLength(count);
    }
    const open = items.filter(({ status }) => status === 'awaiting-review' || status === 'being-progressed');
    expect(Object.values(byAge).reduce((sum, count) => sum + count, 0)).toBe(open.length);
  });

  it.each([
    'recipient=kent&status=being-progressed',
    'deadline=overdue',
    'without=owner&dueTo=2020-12-31',
    'queue=due-90',
  ])('count with the filters of the list: %s', async (query) => {
    const { total } = (await list(query)).json;
    const counted = await inspector.get(`/api/statistics?${query}`);
    expect(counted.json.total).toBe(total);
    expect(Object.values(counted.json.byStatus).reduce((sum, count) => sum + count, 0)).toBe(total);
  });

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

  it('of a series are at each point those of the list of that day', async () => {
    const answer = await figures('series?from=2020-01-10&to=2020-07-15&interval=quarter');
    expect(answer.status).toBe(200);
    const { items } = jsonOf(answer) as {
      items: {
        on: string;
        open: number;
        byStatus: Record<string, number>;
        byDeadline: Record<string, number>;
        issued: number;
      }[];
    };
    expect(items.map(({ on }) => on)).toEqual(['2020-03-31', '2020-06-30', '2020-07-15']);
    const there = async (on: string) => (await list(`effectiveOn=${on}&limit=200`)).json.items.length;
    const issued = (await there('2020-03-31')) - (await there('2020-01-09'));
    expect(items.map((each) => each.issued)).toEqual([issued, 0, 0]);
    for (const { on, open, byStatus, byDeadline } of items) {
      expect(open).toBe(
        (await list(`effectiveOn=${on}&status=awaiting-review&status=being-progressed&limit=200`)).json.items
          .length,
      );
      for (const [name, count] of Object.entries(byStatus))
        expect([on, name, count]).toEqual([
          on,
          name,
          (await list(`effectiveOn=${on}&status=${name}&limit=200`)).json.items.length,
        ]);
      // As a filter, `overdue` includes `escalated`.
      const shown = { ...byDeadline, overdue: (byDeadline['overdue'] ?? 0) + (byDeadline['escalated'] ?? 0) };
      for (const [name, count] of Object.entries(shown))
        expect([on, name, count]).toEqual([
          on,
          name,
          (await list(`effectiveOn=${on}&deadline=${name}&limit=200`)).json.items.length,
        ]);
    }
  });

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
    ['?from=2020-01-01&to=2021-03-31&interval=quarter', 'demo-inspector'],
    ['?recipient=kent&effectiveOn=2020-09-30', 'demo-approver'],
    ['?effectiveOn=2021-02-01&to=2020-12-31&from=2019-12-01', 'demo-auditor'],
  ])('links each figure to as many records as it says, and each is the API’s: %s', async (query, person) => {
    const browser = new PageBrowser(service.address);
    await browser.signIn(person);
    const page = await browser.get(`/statistics${query}`);
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
    expect(page.words('main h2')).toContain('Outcome: late when entered');
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
