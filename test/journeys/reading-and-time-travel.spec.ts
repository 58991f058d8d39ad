import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { csvRows } from '../support/csv-rows.ts';
import { refusal, startService } from '../support/service.ts';
import type { AnswerBody, Client, RunningService } from '../support/service.ts';
import { pause } from '../support/service-child.ts';

const SAMPLE = readFileSync(fileURLToPath(new URL('../fixtures/730.txt', import.meta.url)));
const SECRET = 'Between ourselves: zanzibar';

let service: RunningService;
let inspector: Client;
let approver: Client;
let auditor: Client;
/** A user of the body whose records are read here. */
let forceLead: Client;
/** A user of another body. */
let stranger: Client;
/** The log's position after the imports. */
let imported: string;

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
  approver = service.as('approver');
  auditor = service.as('auditor');
  forceLead = service.as('force-lead', { organisations: ['wiltshire'] });
  stranger = service.as('commissioner', { organisations: ['kent', 'avon'] });
  imported = (await inspector.import(SAMPLE, '?recipient=wiltshire')).json.position;
});

const issueRecord = async (more?: object): Promise<string> =>
  (await inspector.issue(more)).json.recommendations[0]?.id as string;

describe('record 730, as it was effective on a day', () => {
  const on = (day: string) => inspector.get(`/api/recommendations/730?effectiveOn=${day}`);
  /** Returns the record that was issued first, from the list on a day. */
  const listed = (day: string) =>
    inspector.get(`/api/recommendations?effectiveOn=${day}&sort=issuedOn&limit=1&minPosition=${imported}`);

  it.each(['2015-11-29', '0001-01-01'])('is not found before its issue: %s', async (day) => {
    expect(await on(day)).toMatchObject(refusal(404, 'not-found'));
    expect((await listed(day)).json.items).toEqual([]);
  });

  it.each(['2016-02-30', '2016-6-15', '20160615', 'today', '', '2016-06-15T00:00:00Z'])(
    'on %j is refused',
    async (day) => {
      expect(await on(day)).toMatchObject(
        refusal(400, 'invalid-parameter', { errors: [{ pointer: '/effectiveOn' }] }),
      );
    },
  );
});

describe('a record, as it was known at an instant', () => {
  const getKnownAt = (id: string, at: string, more = '') =>
    inspector.get(`/api/recommendations/${id}?knownAt=${encodeURIComponent(at)}${more}`);

  it('is not found before it was known', async () => {
    const { items } = (await inspector.get('/api/recommendations/730/events')).json;
    const imported = Temporal.Instant.from(items[0]?.recordedAt as string);
    expect(await getKnownAt('730', imported.subtract({ milliseconds: 1 }).toString())).toMatchObject(
      refusal(404, 'not-found'),
    );
    expect(await getKnownAt('730', imported.toString())).toMatchObject({ status: 200 });
    expect(await getKnownAt('730', '2020-01-01T00:00:00+01:00')).toMatchObject(refusal(404, 'not-found'));
  });

  it('refuses a future instant', async () => {
    const tomorrow = Temporal.Now.instant().add({ hours: 24 }).toString();
    expect(await getKnownAt('730', tomorrow)).toMatchObject(
      refusal(400, 'invalid-parameter', { errors: [{ pointer: '/knownAt' }] }),
    );
  });

  it('is as it was at the end of a day in London, where a date is named', async () => {
    const { items } = (await inspector.get('/api/recommendations/730/events')).json;
    const imported = items[0]?.recordedAt as string;
    const day = Temporal.Instant.from(imported).toZonedDateTimeISO('Europe/London').toPlainDate();
    for (const rest of ['', '/statechart']) {
      const at = (date: string) => inspector.get(`/api/recommendations/730${rest}?knownAt=${date}`);
      // The import is today, so this is the current state.
      expect(await at(day.toString())).toMatchObject({ status: 200, json: { version: items.length } });
      expect(await at(day.subtract({ days: 1 }).toString())).toMatchObject(refusal(404, 'not-found'));
      expect(await at(day.add({ days: 2 }).toString())).toMatchObject(
        refusal(400, 'invalid-parameter', { errors: [{ pointer: '/knownAt' }] }),
      );
    }
  });

  it.each(['yesterday', '2016-06-31', '2016-06-15T10:00:00', '2016-02-30T10:00:00Z', ''])(
    'refuses %j, which is no instant',
    async (at) => {
      expect(await getKnownAt('730', at)).toMatchObject(refusal(400, 'invalid-parameter'));
    },
  );
});

describe('a record that was read before', () => {
  const read = (id: string, tag: string, query = '', person = inspector) =>
    person.get(`/api/recommendations/${id}${query}`, { 'if-none-match': tag });

  it('is not sent again while it is the same', async () => {
    const id = await issueRecord();
    const { headers } = await inspector.get(`/api/recommendations/${id}`);
    const { etag = '', vary } = headers;
    expect(etag).toMatch(/^"1-\d{4}-\d{2}-\d{2}"$/);
    expect(vary).toBe('Authorization');
    for (const tag of [etag, `W/${etag}`, '*', `"a,b", ${etag}`]) {
      const again = await read(id, tag);
      expect(again).toMatchObject({ status: 304, text: '', headers: { etag, vary } });
      expect(again.headers['content-type']).toBeUndefined();
    }
    expect(await read(id, '"1"')).toMatchObject({ status: 200, json: { version: 1 } });
    await inspector.command(id, 'start-progress');
    expect(await read(id, etag)).toMatchObject({ status: 200, json: { version: 2 } });
  });

  it('is sent again on another day, though nothing was recorded', async () => {
    const id = await issueRecord();
    const { etag = '' } = (await inspector.get(`/api/recommendations/${id}`)).headers;
    const yesterday = etag.replace(/\d{4}-\d{2}-\d{2}/, '2020-01-01');
    expect(await read(id, yesterday)).toMatchObject({ status: 200 });
  });

  it('is not found by callers who may not see it, with any tag', async () => {
    const id = await issueRecord();
    expect(await read(id, '*', '', stranger)).toMatchObject(refusal(404, 'not-found'));
    expect(await read('absent-1', '*')).toMatchObject(refusal(404, 'not-found'));
    expect(await read('730', '*', '?effectiveOn=2000-01-01')).toMatchObject(refusal(404, 'not-found'));
  });

  it('is sent again for a past day after a redaction', async () => {
    const id = await issueRecord({ text: 'Ann Example must go.' });
    const past = `/api/recommendations/${id}?effectiveOn=2020-02-01`;
    const before = await inspector.get(past);
    expect(before.headers.etag).toBe('"1-2020-02-01"');
    const { items } = (await inspector.get(`/api/recommendations/${id}/events`)).json;
    await approver.command(id, 'redact-comment', { eventId: items[0]?.eventId, reason: 'Names somebody.' });
    const after = await read(id, before.headers.etag as string, '?effectiveOn=2020-02-01');
    expect(after).toMatchObject({ status: 200, json: { version: 1, text: null } });
    expect(await read(id, after.headers.etag as string, '?effectiveOn=2020-02-01')).toMatchObject({
      status: 304,
    });
  });
});

describe("a record's events", () => {
  let id: string;

  beforeAll(async () => {
    id = await issueRecord();
    for (let index = 0; index < 6; index += 1)
      await inspector.command(id, 'add-comment', { text: `${index}`, visibility: 'public' });
  });

  const events = (query: string, headers = {}) =>
    inspector.get(`/api/recommendations/${id}/events${query}`, headers);

  it('come oldest first, page by page, until the last', async () => {
    const versions: number[] = [];
    let after: string | number | null = 0;
    for (let pages = 0; after !== null && pages < 10; pages += 1) {
      const { items, next }: AnswerBody = (await events(`?limit=3&after=${after}`)).json;
      versions.push(...items.map(({ version }) => version));
      after = next;
    }
    expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('end where the last page is full', async () => {
    expect((await events('?limit=7')).json.next).toBeNull();
    expect((await events('?limit=6')).json.next).toBe(6);
    expect((await events('?after=7')).json).toEqual({ items: [], next: null });
    expect((await events('?after=900000000000000')).json).toEqual({ items: [], next: null });
  });

  it('are a chain of hashes', async () => {
    const { items } = (await events('')).json;
    expect(items.map(({ previousHash }) => previousHash)).toEqual([
      null,
      ...items.slice(0, -1).map(({ hash }) => hash),
    ]);
  });

  it.each(['?limit=0', '?limit=10001', '?limit=x', '?after=-1', '?after=1.5', '?page=2', '?limit=1&limit=2'])(
    'are not returned for %s',
    async (query) => {
      expect(await events(query)).toMatchObject(refusal(400, 'invalid-parameter'));
    },
  );

  it('are returned as CloudEvents to clients that accept them, with a link to the next page', async () => {
    const answer = await events('?limit=2', { accept: 'application/cloudevents-batch+json' });
    expect(answer.headers['content-type']).toMatch(/^application\/cloudevents-batch\+json/);
    const batch = JSON.parse(answer.text) as Record<string, unknown>[];
    const { items } = (await events('?limit=2')).json;
    expect(batch).toMatchObject([
      { specversion: '1.0', id: items[0]?.eventId, subject: id, time: items[0]?.recordedAt },
      { specversion: '1.0', id: items[1]?.eventId, data: { version: 2 } },
    ]);
    const [, next] = /^<([^>]+)>; rel="next"$/.exec(answer.headers['link'] as string) ?? [];
    const following = await inspector.get(next as string, { accept: 'application/cloudevents-batch+json' });
    expect(JSON.parse(following.text)).toMatchObject([{ data: { version: 3 } }, { data: { version: 4 } }]);
  });
});

describe('an internal comment', () => {
  let id: string;

  beforeAll(async () => {
    id = await issueRecord();
    const key = { 'idempotency-key': 'internal-1' };
    await inspector.command(id, 'add-comment', { text: SECRET, visibility: 'internal' }, key);
    await inspector.command(id, 'add-comment', { text: 'For everyone.', visibility: 'public' });
  });

  const all = async (person: Client) => {
    const paths = ['', '/events', '/timeline', '/commands'].map(
      (rest) => `/api/recommendations/${id}${rest}`,
    );
    const answers = await Promise.all(paths.map((path) => person.get(path)));
    const cloud = await person.get(`/api/recommendations/${id}/events`, {
      accept: 'application/cloudevents-batch+json',
    });
    return [...answers, cloud].map(({ text }) => text).join('\n');
  };

  it('is read by inspector, approver and auditor', async () => {
    for (const person of [inspector, approver, auditor]) {
      expect(await all(person)).toContain(SECRET);
      const { items } = (await person.get(`/api/recommendations/${id}/timeline`)).json;
      expect(items).toContainEqual(expect.objectContaining({ text: SECRET, visibility: 'internal' }));
    }
  });

  it('is not read by anyone else, by any path', async () => {
    const others = (['force-lead', 'commissioner', 'administrator', 'scheduler'] as const).map((role) =>
      service.as(role, { organisations: ['wiltshire'] }),
    );
    for (const person of others) {
      const seen = await all(person);
      expect(seen).not.toContain('zanzibar');
      expect(seen).toContain('For everyone.');
      const { items } = (await person.get(`/api/recommendations/${id}/timeline`)).json;
      expect(items.map(({ version }) => version)).toEqual([1, 3]);
      // The events have no gap, so that the receiver of a webhook can check what it lacks.
      const later = (await person.get(`/api/recommendations/${id}/events?after=1`)).json.items;
      expect(later).toMatchObject([
        { version: 2, data: { visibility: 'internal' } },
        { version: 3, data: { text: 'For everyone.' } },
      ]);
    }
  });

  it('is not read on the record of their own body by an inspector or approver of another body', async () => {
    for (const role of ['inspector', 'approver'] as const) {
      const theirs = service.as(role, { organisations: ['wiltshire'] });
      expect(await all(theirs)).not.toContain('zanzibar');
      expect((await theirs.get(`/api/recommendations/${id}/export?format=json`)).text).not.toContain(
        'zanzibar',
      );
      const both = service.as([role, 'force-lead'], { organisations: ['wiltshire'] });
      expect(await all(both)).not.toContain('zanzibar');
      const others = service.as(role, { organisations: ['kent'] });
      expect(await all(others)).toContain(SECRET);
      expect((await others.get(`/api/recommendations/${id}/export?format=json`)).text).toContain('zanzibar');
    }
    // A user who may read the whole log also sees it here.
    expect(await all(service.as('auditor', { organisations: ['wiltshire'] }))).toContain(SECRET);
  });

  it('keeps its place among the events, its hash and its commitments, but no salt', async () => {
    const whole = (await inspector.get(`/api/recommendations/${id}/events`)).json.items;
    const seen = (await forceLead.get(`/api/recommendations/${id}/events`)).json.items;
    expect(seen.map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(whole[1]?.salts).toMatchObject({
      '/data/text': expect.anything(),
      '/command/digest': expect.anything(),
    });
    expect(seen[1]).toEqual({ ...whole[1], data: { visibility: 'internal' }, salts: {} });
    expect(seen[2]).toEqual(whole[2]);
  });

  it('is not found by callers who may not read it', async () => {
    const { position } = (await inspector.get(`/api/recommendations/${id}/events`)).json.items.at(-1) ?? {};
    const find = async (person: Client, q: string) =>
      (await person.get(`/api/recommendations?q=${q}&minPosition=${position}`)).json.items.map(
        (item) => item.id,
      );
    expect(await find(forceLead, 'everyone')).toEqual([id]);
    expect(await find(forceLead, 'zanzibar')).toEqual([]);
    expect(await find(stranger, 'everyone')).toEqual([]);
    expect(await find(inspector, 'zanzibar')).toEqual([id]);
    const own = service.as('inspector', { organisations: ['wiltshire'] });
    expect(await find(own, 'zanzibar')).toEqual([]);
    for (const person of [forceLead, own]) {
      const { json, text } = await person.get(
        `/api/recommendations?q=everyone%20-zanzibar&minPosition=${position}`,
      );
      expect(json.items.map((item) => item.id)).toEqual([id]);
      expect(json).toMatchObject({ total: 1, items: [{ highlights: [{ field: 'comment' }] }] });
      expect(text).not.toContain('anzibar');
    }
  });
});

describe('a read that names a position', () => {
  const paths = [
    '/api/recommendations',
    '/api/recommendations/730',
    '/api/recommendations/730/events',
    '/api/recommendations/730/timeline',
    '/api/recommendations/730/commands',
    '/api/statistics',
  ];

  it('is answered with events up to there', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { json } = await inspector.issue();
      const id = json.recommendations[0]?.id as string;
      const [list, statistics] = await Promise.all([
        inspector.get(`/api/recommendations?sort=-updatedOn&limit=200&minPosition=${json.position}`),
        inspector.get(`/api/statistics?minPosition=${json.position}`),
      ]);
      expect(list.json.items.map((item) => item.id)).toContain(id);
      expect(Number(list.json.position)).toBeGreaterThanOrEqual(Number(json.position));
      expect(Number(statistics.json.position)).toBeGreaterThanOrEqual(Number(json.position));
    }
  });

  it('waits for a position that is about to come', async () => {
    const { position } = (await inspector.issue()).json;
    const next = String(BigInt(position) + 1n);
    const waiting = Promise.all(paths.map((path) => inspector.get(`${path}?minPosition=${next}`)));
    await pause(100);
    await inspector.issue();
    expect((await waiting).map(({ status }) => status)).toEqual(paths.map(() => 200));
  });

  it('is answered with a retry where the position does not come', async () => {
    const far = '9'.repeat(38);
    const everywhere = [
      ...paths.map((path) => inspector.get(`${path}?minPosition=${far}`)),
      auditor.get(`/api/events?minPosition=${far}`),
      auditor.get(`/api/refusals?minPosition=${far}`),
    ];
    for (const answer of await Promise.all(everywhere)) {
      expect(answer).toMatchObject(refusal(503, 'read-model-behind'));
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
  });

  it.each(['', 'x', '-1', '1.5', '0x10', '1&minPosition=2'])('must name one: %j', async (position) => {
    expect(await inspector.get(`/api/statistics?minPosition=${position}`)).toMatchObject(
      refusal(400, 'invalid-parameter'),
    );
  });
});

describe('the register, as it was', () => {
  const PAST = 'effectiveOn=2020-06-15';
  const THERE = { effectiveOn: '2020-06-15', knownAt: null };
  let position: string;
  let ids: string[];
  /** An instant before any of these events was recorded. */
  let before: string;

  beforeAll(async () => {
    const more = { recipients: ['gwent', 'wiltshire'], deadlines: [{ dueOn: '2020-06-30' }] };
    before = Temporal.Now.instant().subtract({ milliseconds: 5 }).toString({ fractionalSecondDigits: 3 });
    const { json } = await inspector.issue({ id: 'moved', ...more });
    ids = json.recommendations.map(({ id }) => id);
    const [, theirs = ''] = ids;
    await inspector.command(theirs, 'start-progress', { effectiveOn: '2020-05-01' });
    const moved = { recipient: 'kent', reason: 'Merged.', effectiveOn: '2020-08-01' };
    position = (await approver.command(theirs, 'assign-recipient', moved)).json.position;
  });

  const at = (path: string, query: string, person = inspector, headers = {}) =>
    person.get(`/api/${path}?minPosition=${position}&${query}`, headers);
  const list = (query: string, person = inspector, headers = {}) =>
    at('recommendations', `issue=moved&sort=id&${query}`, person, headers);

  it('is listed and counted as of then, and names that day', async () => {
    const items = [
      { id: ids[0], status: 'awaiting-review', recipient: 'gwent', version: 2 },
      // Its three thresholds were recorded before its progress, and are effective later.
      { id: ids[1], status: 'being-progressed', recipient: 'wiltshire', version: 6 },
    ];
    expect(await list(PAST)).toMatchObject({ status: 200, json: { view: THERE, total: 2, items } });
    expect(await list(`${PAST}&status=being-progressed`)).toMatchObject({ json: { items: [items[1]] } });
    expect(await at('statistics', `issue=moved&${PAST}`)).toMatchObject({
      status: 200,
      json: { view: THERE, total: 2, byStatus: { 'awaiting-review': 1, 'being-progressed': 1 } },
    });
    const nothing = `effectiveOn=2020-06-15&knownAt=${before}`;
    expect(await list(nothing)).toMatchObject({ json: { view: { knownAt: before }, items: [] } });
    expect(await at('statistics', `issue=moved&${nothing}`)).toMatchObject({ json: { total: 0 } });
    expect((await list('')).json).not.toHaveProperty('view');
  });

  it('has the deadlines that there were', async () => {
    const due = (query: string) => at('deadlines', `recipient=gwent&${query}`);
    const [id, dueOn] = [ids[0], '2020-06-30'];
    expect(await due(PAST)).toMatchObject({
      status: 200,
      json: { view: THERE, items: [{ id, dueOn, state: 'on-track', daysLeft: 15 }] },
    });
    expect(await due('effectiveOn=2020-01-05')).toMatchObject({ json: { items: [] } });
    expect(await due(`knownAt=${before}`)).toMatchObject({ json: { items: [] } });
  });

  it('is shown to users who may see the records today', async () => {
    expect((await list(PAST, forceLead)).json.items).toEqual([]);
    expect((await list(PAST, stranger)).json.items).toMatchObject([{ id: ids[1], recipient: 'wiltshire' }]);
  });

  it('has pages of its own, and can be had as CSV', async () => {
    const cursor = (await list(`${PAST}&limit=1`)).json.nextCursor as string;
    const next = await list(`${PAST}&limit=1&cursor=${cursor}`);
    expect(next.json.items.map(({ id }) => id)).toEqual([ids[1]]);
    for (const other of ['', 'effectiveOn=2020-06-16', `${PAST}&knownAt=${before}`])
      expect(await list(`${other}&limit=1&cursor=${cursor}`)).toMatchObject({ status: 400 });
    const csv = await list(PAST, inspector, { accept: 'text/csv' });
    expect(csvRows(csv.text)).toMatchObject([
      { id: ids[0], status: 'awaiting-review' },
      { id: ids[1], status: 'being-progressed' },
    ]);
  });

  it.each(['recommendations', 'statistics', 'deadlines'])(
    'does not accept a future day: %s',
    async (path) => {
      const tomorrow = Temporal.Now.instant().add({ hours: 24 }).toString();
      expect(await at(path, `knownAt=${tomorrow}`)).toMatchObject(
        refusal(400, 'invalid-parameter', { errors: [{ pointer: '/knownAt' }] }),
      );
    },
  );

  it('is not searched for words', async () => {
    expect(await list(`${PAST}&q=act`)).toMatchObject(
      refusal(400, 'invalid-parameter', { errors: [{ pointer: '/q' }] }),
    );
  });
});
