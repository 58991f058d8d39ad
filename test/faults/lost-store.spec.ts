import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { kurrentdbSettings, postgresqlSettings } from '../support/journey-store.ts';
import { kurrentdbUrl } from '../support/kurrentdb-stores.ts';
import { layLine } from '../support/line.ts';
import type { Line } from '../support/line.ts';
import { placesOfNodes } from '../support/nodes.ts';
import type { NodePlace } from '../support/nodes.ts';
import { dropStore, postgresqlUrl } from '../support/postgresql-stores.ts';
import { openFeed } from '../support/service-feed.ts';
import type { Feed } from '../support/service-feed.ts';
import { refusal, startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';
import { eventually } from '../support/service-child.ts';

interface Check {
  readonly name: string;
  readonly ok: boolean;
}

const unavailable = { ...refusal(503, 'store-unavailable'), headers: { 'retry-after': '1' } };

/** Returns the names of the failing readiness checks; empty if the node is ready. */
async function failing(node: RunningService): Promise<string[]> {
  const { status, json } = await node.request('GET', '/health/ready');
  const failed = (json as unknown as { checks: Check[] }).checks.filter(({ ok }) => !ok);
  expect(status).toBe(failed.length === 0 ? 200 : 503);
  return failed.map(({ name }) => name);
}

const isReady = (failed: readonly string[]): boolean => failed.length === 0;

/** The short form uses PostgreSQL alone: both stores report a loss in the same way, which their own specs check. */
const STORES = [
  { name: 'PostgreSQL', urlOf: postgresqlUrl, settingsOn: postgresqlSettings, drop: dropStore },
  { name: "KurrentDB's protocol", urlOf: kurrentdbUrl, settingsOn: kurrentdbSettings, drop: null },
].slice(0, process.env['DOCKET_TEST_LONG'] === undefined ? 1 : 2);

describe.each(STORES)('a node that loses its store on $name', ({ urlOf, settingsOn, drop }) => {
  let line: Line;
  let nearLine: Line;
  let places: NodePlace[];
  /** A node whose read models are on the server of the store, if that can store them. */
  let near: RunningService;
  /** A node whose connection to the store can be broken. */
  let far: RunningService;
  let feed: Feed;
  let inspector: Client;
  let id: string;

  beforeAll(async () => {
    const url = await urlOf();
    const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(url) ?? [];
    line = await layLine(Number(port));
    nearLine = await layLine(Number(port));
    const over = (through: Line, text: string) =>
      text.replace(`127.0.0.1:${port}`, `127.0.0.1:${through.port}`);
    places = placesOfNodes((folder) => settingsOn(folder, url));
    const [{ folder: nearFolder, env: shared }, { folder, env }] = places as [NodePlace, NodePlace];
    const nearEnv = Object.entries(shared).map(([name, value]) => [name, over(nearLine, value)]);
    near = await startService({ folder: nearFolder, env: Object.fromEntries(nearEnv) as typeof shared });
    const overTheLine = {
      DOCKET_STORE: over(line, shared['DOCKET_STORE']!),
      DOCKET_READ_MODELS: `sqlite:${join(folder, 'read-models.sqlite')}`,
    };
    far = await startService({ folder, env: { ...env, ...overTheLine } });
    inspector = far.as('inspector');
    id = (await near.as('inspector').issue()).json.recommendations[0]!.id;
    feed = await openFeed(far.address, far.token('auditor'));
    await feed.until(1);
    // The states of the records in these responses are then cached.
    expect(await inspector.get(`/api/recommendations/${id}`)).toMatchObject({ status: 200 });
  }, 60_000);

  afterAll(async () => {
    feed.close();
    for (const node of [near, far]) expect(await node.stop()).toEqual({ code: 0, signal: null });
    for (const each of [line, nearLine]) await each.close();
    await drop?.(places[0]!.env['DOCKET_STORE']!);
  });

  const isAlive = async (): Promise<void> => {
    expect((await far.request('GET', '/health/live')).status).toBe(200);
    expect((await far.request('GET', '/metrics')).status).toBe(200);
  };

  const comment = (person: Client, text: string): Promise<Answer> =>
    person.command(id, 'add-comment', { text, visibility: 'public' }, { 'idempotency-key': text });

  /** Returns the ids of the record's events in the feed. */
  const fed = (): readonly string[] =>
    feed.events.filter(({ data }) => data.streamId.endsWith(`-${id}`)).map(({ data }) => data.eventId);
  const fedUntil = (eventId: string): Promise<readonly string[]> =>
    eventually(
      () => Promise.resolve(fed()),
      (ids) => ids.includes(eventId),
    );

  /** Checks that the node has recovered: commands, lists, and the feed that was open all the time. */
  const hasRecovered = async (key: string, eventIds: readonly string[]): Promise<void> => {
    const back = await eventually(
      () => comment(inspector, key),
      ({ status }) => status !== 503,
    );
    expect(back.status).toBe(200);
    const list = await eventually(
      () => inspector.get(`/api/recommendations?minPosition=${back.json.position}`),
      ({ status }) => status !== 503,
    );
    expect(list.json.items).toMatchObject([{ id, version: back.json.version }]);
    await eventually(() => failing(far), isReady);
    const own = back.json.events[0]!.eventId;
    expect((await fedUntil(own)).slice(-eventIds.length - 1)).toEqual([...eventIds, own]);
    expect(feed.ended).toBe(false);
  };

  it('answers commands and reads with 503 while the other node continues', async () => {
    line.cut();
    const eventIds: string[] = [];
    for (const answer of await Promise.all([
      comment(inspector, 'cut'),
      inspector.command(id, 'start-progress'),
      inspector.command(id, 'approve-closure', { statement: 'Refused, if it could be recorded.' }),
      inspector.get(`/api/recommendations/${id}`),
      inspector.get(`/api/recommendations/${id}/events`),
      // Another node may have redacted a text that these rows still contain.
      inspector.get('/api/recommendations'),
      inspector.get('/api/deadlines'),
      inspector.get('/api/statistics'),
      far.as('auditor').get('/api/refusals'),
      far.as('auditor').get('/api/events'),
    ])) {
      expect(answer).toMatchObject(unavailable);
    }
    await isAlive();
    expect(await failing(far)).toContain('store');
    for (const text of ['One.', 'Two.']) {
      const answer = await comment(near.as('inspector'), text);
      expect(answer.status).toBe(200);
      eventIds.push(answer.json.events[0]!.eventId);
    }
    expect(await failing(near)).toEqual([]);

    line.mend();
    await hasRecovered('cut', eventIds);
  }, 60_000);

  it('reports that also where the line is silent, and does not wait for a response', async () => {
    const before = fed().length;
    line.silence();
    await isAlive();
    expect(await failing(far)).toContain('store');
    const answer = await comment(near.as('inspector'), 'Three.');

    line.mend();
    const back = await eventually(
      () => comment(inspector, 'silent'),
      ({ status }) => status !== 503,
    );
    expect(back).toMatchObject({ status: 200, json: { version: answer.json.version + 1 } });
    await eventually(() => failing(far), isReady);
    const own = [answer, back].map(({ json }) => json.events[0]!.eventId);
    expect((await fedUntil(own.at(-1)!)).slice(before)).toEqual(own);
  }, 60_000);

  if (drop !== null)
    it('answers all reads with 503 where it loses its read models with the store, and recovers by itself', async () => {
      const inspector = near.as('inspector');
      nearLine.cut();
      for (const path of [`/${id}`, '', '?minPosition=1'])
        expect(await inspector.get(`/api/recommendations${path}`)).toMatchObject(unavailable);
      expect(await inspector.get('/api/statistics')).toMatchObject(unavailable);
      expect(await failing(near)).toEqual(expect.arrayContaining(['store', 'read models']));
      expect((await near.request('GET', '/health/live')).status).toBe(200);

      nearLine.mend();
      const { position } = (
        await eventually(
          () => inspector.command(id, 'start-progress', {}, { 'idempotency-key': 'back' }),
          ({ status }) => status !== 503,
        )
      ).json;
      const list = await eventually(
        () => inspector.get(`/api/recommendations?minPosition=${position}`),
        ({ status }) => status !== 503,
      );
      expect(list.json.items).toMatchObject([{ id, status: 'being-progressed' }]);
      await eventually(() => failing(near), isReady);
    }, 60_000);
});
