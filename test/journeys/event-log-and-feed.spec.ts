import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RECORD_EVENT_TYPES } from '#state-machines/any-kind';
import { events } from '#state-machines/inspection-recommendation/v1/events';
import { runDocket } from '../support/command-line.ts';
import { bodiesAtOnce, hasKurrentdb } from '../support/journey-store.ts';
import { openFeed } from '../support/service-feed.ts';
import type { Feed } from '../support/service-feed.ts';
import { refusal, startService } from '../support/service.ts';
import type { AnswerBody, AnswerItem, Client, RunningService } from '../support/service.ts';
import { eventually } from '../support/service-child.ts';

let service: RunningService;
let inspector: Client;
let auditor: Client;
const feeds: Feed[] = [];

beforeAll(async () => {
  service = await startService();
  inspector = service.as('inspector');
  auditor = service.as('auditor');
  await inspector.issue({ recipients: bodiesAtOnce('avon', 'kent', 'wiltshire') });
  for (let index = 0; index < 12; index += 1) {
    const { json } = await inspector.issue();
    await inspector.command(json.recommendations[0]?.id as string, 'start-progress');
  }
});

afterEach(() => {
  for (const feed of feeds.splice(0)) feed.close();
});

const open = async (options?: Parameters<typeof openFeed>[2]): Promise<Feed> => {
  const feed = await openFeed(service.address, auditor.token, options);
  feeds.push(feed);
  return feed;
};

const wholeLog = async (): Promise<readonly AnswerItem[]> =>
  (await auditor.get('/api/events?limit=10000')).json.items;

const importFile = (name: string) => {
  const file = join(service.folder, `${name}.txt`);
  writeFileSync(
    file,
    `Imported (${name})\n\nText.\n\n[on]1st June 2016 [status]being-progressed[/status][/on]`,
  );
  return runDocket(['import', file], { folder: service.folder });
};

describe('the whole log', () => {
  it('is in the order of its positions, every stream without a hole', async () => {
    const events = await wholeLog();
    const positions = events.map(({ position }) => Number(position));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(new Set(positions).size).toBe(positions.length);
    for (const stream of Map.groupBy(events, ({ streamId }) => streamId).values()) {
      expect(stream.map(({ version }) => version)).toEqual(stream.map((_, index) => index + 1));
    }
  });

  it('comes page by page, until the last one', async () => {
    const events = await wholeLog();
    const paged: AnswerItem[] = [];
    let after: string | number | null = '0';
    for (let pages = 0; after !== null && pages < 100; pages += 1) {
      const { items, next }: AnswerBody = (await auditor.get(`/api/events?limit=5&after=${after}`)).json;
      paged.push(...items);
      after = next;
    }
    expect(paged).toEqual(events);
  });

  it('is empty at its end, and refused beyond it', async () => {
    const last = (await wholeLog()).at(-1)?.position;
    expect((await auditor.get(`/api/events?after=${last}`)).json).toEqual({ items: [], next: null });
    for (const far of [String(BigInt(last ?? '0') * 2n), '9'.repeat(39)]) {
      // A position from before a restore would otherwise wait forever.
      const answer = await auditor.get(`/api/events?after=${far}`);
      expect(answer).toMatchObject(refusal(400, 'invalid-parameter'));
      expect(answer.text).toContain('is beyond the end of the log');
    }
  });

  it.each(['?after=x', '?after=-1', '?limit=10001', '?limit=0', '?from=3'])(
    'is not returned for %s',
    async (query) => {
      expect(await auditor.get(`/api/events${query}`)).toMatchObject(refusal(400, 'invalid-parameter'));
    },
  );

  it('is for auditors', async () => {
    expect(await inspector.get('/api/events')).toMatchObject(refusal(403, 'role-not-permitted'));
    const feed = await openFeed(service.address, inspector.token);
    feeds.push(feed);
    expect(feed.response.statusCode).toBe(403);
    expect(feed.response.headers['content-type']).toMatch(/^application\/problem\+json/);
  });
});

describe('the log, filtered', () => {
  const found = async (query: string) => (await auditor.get(`/api/events?${query}`)).json.items;

  it('names the known types in the refusal of another, and accepts each', async () => {
    const { json } = await auditor.get('/api/events?type=Banana');
    const types = json.detail.match(/[A-Z][A-Za-z]+(\.[a-z-]+)?(?=,|$|;)/g)!;
    const others =
      'PersonSeen PersonEntered CalendarLinkMade CalendarLinkRevoked SearchSaved SearchRemoved SessionStarted InboxRead RecordWatched RecordUnwatched NoticesChosen SessionUsed SessionEnded RecommendationsIssued ' +
      'BodyNamed WebhookAdded WebhookRemoved CheckpointSigned CheckpointCosigned CheckpointTimestamped KeyChanged StoreAdopted CommandRefused AccessRecorded PackMade';
    expect(types.filter((type) => !RECORD_EVENT_TYPES.includes(type)).join(' ')).toBe(others);
    expect(types).toEqual(expect.arrayContaining(Object.keys(events)));
    const answers = await Promise.all(types.map((type) => auditor.get(`/api/events?type=${type}`)));
    expect(answers.map(({ status }) => status)).toEqual(types.map(() => 200));
    expect((await found('type=RecommendationsIssued')).length).toBe(hasKurrentdb('25.1') ? 1 : 0);
  });

  it.each([
    ['type=comment added', '/type'],
    ['type=Banana', '/type'],
    ['type=CommentAdded.other', '/type'],
    ['type=', '/type'],
    ['type=CommentAdded&type=x', '/type'],
    ['actor=', '/actor'],
    ['correlationId=', '/correlationId'],
    ['recommendation=a/b', '/recommendation'],
    ['recordedFrom=yesterday', '/recordedFrom'],
    ['recordedFrom=2026-02-30', '/recordedFrom'],
    ['recordedTo=2026-01-01T10:00:00', '/recordedTo'],
    ['recordedFrom=2026-01-01&recordedFrom=2026-01-02', '/recordedFrom'],
    ['recordedFrom=2026-01-02&recordedTo=2026-01-01', '/recordedTo'],
    [
      `${'type=CommentAdded&'.repeat(20)}${Array.from({ length: 60 }, (_, n) => `actor=${n}`).join('&')}`,
      '/actor',
    ],
  ])('is not returned for %s', async (query, pointer) => {
    expect(await auditor.get(`/api/events?${encodeURI(query)}`)).toMatchObject(
      refusal(400, 'invalid-parameter', { errors: [{ pointer }] }),
    );
  });

  it('is a feed too, which skips other events', async () => {
    const events = await wholeLog();
    const feed = await open({ query: '?type=ProgressStarted' });
    const started = events.filter(({ type }) => type === 'ProgressStarted');
    expect((await feed.until(started.length)).map(({ data }) => data)).toEqual(started);
    const { json } = await inspector.issue();
    const id = json.recommendations[0]?.id as string;
    const { position } = (await inspector.command(id, 'start-progress')).json;
    const seen = await feed.until(started.length + 1);
    expect(seen.at(-1)?.id).toBe(position);
    const { json: last } = await inspector.issue();
    await eventually(
      () => Promise.resolve(feed.lastId),
      (lastId) => lastId === last.position,
      2_000,
    );
    expect(feed.events).toHaveLength(started.length + 1);
  });
});

describe('the live feed', () => {
  it('begins at the beginning, and returns each event with its position as id', async () => {
    const events = await wholeLog();
    const feed = await open();
    expect(feed.response.statusCode).toBe(200);
    expect(feed.response.headers['content-type']).toMatch(/^text\/event-stream/);
    expect(feed.response.headers['cache-control']).toMatch(/no-store|no-cache/);
    const seen = await feed.until(events.length);
    expect(seen.map(({ data }) => data)).toEqual(events);
    expect(seen.map(({ id, event }) => [id, event])).toEqual(
      events.map(({ position, type }) => [position, type]),
    );
  });

  it('resumes after the last seen id, which overrides the address', async () => {
    const events = await wholeLog();
    const from = events[4]?.position as string;
    const resumed = await open({ headers: { 'last-event-id': from } });
    const named = await open({ query: `?after=${from}` });
    const both = await open({ query: '?after=0', headers: { 'last-event-id': from } });
    for (const feed of [resumed, named, both]) {
      expect((await feed.until(events.length - 5)).map(({ id }) => id)).toEqual(
        events.slice(5).map(({ position }) => position),
      );
    }
  });

  it('returns events written while it is open, once and in order', async () => {
    const last = (await wholeLog()).at(-1)?.position as string;
    const feed = await open({ headers: { 'last-event-id': last } });
    const { json } = await inspector.issue();
    const id = json.recommendations[0]?.id as string;
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        inspector.command(id, 'add-comment', { text: `${index}`, visibility: 'public' }),
      ),
    );
    const seen = await feed.until(21);
    const events = (await auditor.get(`/api/events?after=${last}`)).json.items;
    expect(seen.map(({ data }) => data)).toEqual(events);
  });

  it("returns another process's appends within a second", async () => {
    const last = (await wholeLog()).at(-1)?.position as string;
    const feed = await open({ headers: { 'last-event-id': last } });
    expect(await importFile('other-process-1')).toMatchObject({ code: 0 });
    // The import has ended, so its events were appended before.
    expect((await feed.until(3, 1_000)).map(({ data }) => data.streamId)).toEqual(
      Array.from({ length: 3 }, () => 'recommendation-other-process-1'),
    );
    const { json } = await eventually(
      () => inspector.get('/api/recommendations?q=imported'),
      (answer) => answer.json.items.length > 0,
      1_000,
    );
    expect(json.items[0]?.id).toBe('other-process-1');
  });

  it('can be stopped and resumed without a gap and without repetition', async () => {
    const seen: string[] = [];
    let last = '0';
    const end = Number((await wholeLog()).at(-1)?.position);
    for (let visits = 0; Number(last) < end && visits < 50; visits += 1) {
      const feed = await open({ headers: { 'last-event-id': last } });
      await feed.until(1);
      const received = feed.events.slice(0, 7);
      feed.close();
      seen.push(...received.map(({ id }) => id));
      last = received.at(-1)?.id ?? last;
    }
    expect(seen).toEqual((await wholeLog()).map(({ position }) => position));
  });

  it.each(['x', '-1', '1 2', '900000000000000', '9'.repeat(39)])('does not resume from %j', async (id) => {
    const feed = await open({ headers: { 'last-event-id': id } });
    expect(feed.response.statusCode).toBe(400);
  });
});
