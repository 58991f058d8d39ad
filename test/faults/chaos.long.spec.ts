import { afterEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Envelope } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { isLogAccess } from '#state-machines/audit-trail-events';
import { collectLog, untilTrue } from '../support/event-streams.ts';
import { postgresqlSettings } from '../support/journey-store.ts';
import { placesOfNodes } from '../support/nodes.ts';
import type { NodePlace } from '../support/nodes.ts';
import { startPostgresqlServer } from '../support/postgresql-server.ts';
import type { PostgresqlServer } from '../support/postgresql-server.ts';
import { randomOf } from '../support/random.ts';
import { DIST, settingsIn, startNode } from '../support/service-child.ts';
import type { Answer, RunningService } from '../support/service.ts';
import { ChaosFollower } from './chaos-followers.ts';
import { ChaosNodes } from './chaos-nodes.ts';
import { ChaosWriters } from './chaos-writers.ts';

/** The time for which nodes and server are killed, in seconds; 600 in the long form, started by hand. */
const SECONDS = Number(process.env['DOCKET_CHAOS_SECONDS'] ?? 16);
const SEED = Number(process.env['DOCKET_CHAOS_SEED'] ?? Date.now() % 1_000_000);
const WRITERS = 8;
const FOLLOWERS = 4;
/** The pauses between kills, and the longest downtime, in milliseconds. */
const QUIET_MS = { min: 500, max: 4_000 };
const DOWN_MS_MAX = 1_500;

/**
 * Repeatedly kills a node, the server, or a node while the server is down; each at least once. Returns the number of
 * kills of the server.
 */
async function disturb(nodes: ChaosNodes, server: PostgresqlServer): Promise<number> {
  const random = randomOf(SEED);
  const down = () => random() * DOWN_MS_MAX;
  const until = performance.now() + SECONDS * 1_000;
  const first = Math.floor(random() * 3);
  let serverKills = 0;
  for (let blow = 0; blow < 3 || performance.now() < until; blow += 1) {
    await delay(QUIET_MS.min + random() * (QUIET_MS.max - QUIET_MS.min));
    const what = blow < 3 ? (first + blow) % 3 : Math.floor(random() * 5);
    if (what !== 0) nodes.kill(Math.floor(random() * nodes.count), down());
    if (what > 1) continue;
    await server.kill9();
    serverKills += 1;
    await delay(down());
    await server.start();
  }
  return serverKills;
}

/** Returns the first difference between the received events and the log; null if they are a prefix of it. */
function departure(seen: readonly string[], log: readonly Envelope[]): object | null {
  const index = seen.findIndex((eventId, place) => log[place]?.eventId !== eventId);
  return index < 0 ? null : { index, seen: seen[index], expected: log[index] };
}

/** Returns acknowledged events that differ from the log, and refused commands whose events it contains. */
function brokenPromises({ settled }: ChaosWriters, log: readonly Envelope[]): unknown[] {
  const byCommand = Map.groupBy(log, ({ command }) => command.id);
  return settled.filter(({ commandId, accepted, eventIds, issued }) => {
    const stored = byCommand.get(commandId) ?? [];
    if (!accepted) return stored.length > 0;
    if (issued.length === 0) return String(stored.map(({ eventId }) => eventId)) !== String(eventIds);
    const streams = stored.map(({ streamId }) => streamId);
    const own = issued.map((id) => `recommendation-${id}`);
    // There is one event for each record, and one for the issue.
    return (
      streams.length !== own.length + 1 ||
      own.some((streamId) => streams.filter((one) => one === streamId).length !== 1)
    );
  });
}

/** Returns the version of every record from a node's list, at a position or later. */
async function listOf(node: RunningService, position: string): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  for (let cursor: string | null = ''; cursor !== null;) {
    const query = `limit=200&sort=id&minPosition=${position}${cursor && `&cursor=${cursor}`}`;
    const page: Answer = await node.as('auditor').get(`/api/recommendations?${query}`);
    expect(page.status).toBe(200);
    for (const { id, version } of page.json.items) versions.set(id, version);
    cursor = page.json.nextCursor;
  }
  return versions;
}

function recordsOf(log: readonly Envelope[]): Map<string, number> {
  const streams = log.filter(({ streamId }) => streamId.startsWith('recommendation-'));
  return new Map(streams.map(({ streamId, version }) => [streamId.slice('recommendation-'.length), version]));
}

/** Runs `docket verify` without a timeout. */
async function verified({ folder, env }: NodePlace): Promise<unknown> {
  const script = join(DIST, 'apps/cli/src/main.js');
  const started = startNode([script, 'verify', '--json'], settingsIn(folder, env), folder);
  await started.ended;
  return JSON.parse(started.stdout().trim().split('\n').at(-1) ?? '');
}

interface Chaos {
  readonly nodes: ChaosNodes;
  readonly writers: ChaosWriters;
  readonly followers: readonly ChaosFollower[];
  readonly serverKills: number;
  /** The ids of the events of a direct subscription to the store. */
  readonly subscribed: readonly string[];
  /** The end of the log after all responses. */
  readonly end: string;
}

/** Writes and follows while nodes and server are killed, until all writers and followers are done. */
async function chaos(
  places: readonly NodePlace[],
  store: EventStore,
  server: PostgresqlServer,
): Promise<Chaos> {
  const nodes = new ChaosNodes(places);
  await nodes.start();
  const subscribed: string[] = [];
  let reached = '0';
  const subscription = store.subscribe('0', (batch) => {
    subscribed.push(...batch.map(({ eventId }) => eventId));
    reached = batch.at(-1)?.position ?? reached;
    return Promise.resolve();
  });
  const random = randomOf(SEED + 1);
  const writers = new ChaosWriters(nodes, random);
  const followers = Array.from(
    { length: FOLLOWERS },
    (_, index) => new ChaosFollower(nodes, `follower-${index}`, random),
  );
  let isOver = false;
  try {
    const following = Promise.all(followers.map((follower) => follower.follow()));
    const writing = Promise.all(
      Array.from({ length: WRITERS }, (_, index) => writers.write(`writer-${index}`, () => isOver)),
    );
    const disturbed = disturb(nodes, server).finally(() => (isOver = true));
    // An error is reported at once; followers end early only after one.
    const [serverKills] = await Promise.race([Promise.all([disturbed, writing]), following.then(tooSoon)]);
    await nodes.settled();
    const end = (await collectLog(store)).findLast((event) => !isLogAccess(event))?.position ?? '0';
    for (const follower of followers) follower.endAt(end);
    await following;
    await untilTrue(() => BigInt(reached) >= BigInt(end));
    return { nodes, writers, followers, serverKills, subscribed, end };
  } finally {
    isOver = true;
    for (const follower of followers) follower.endAt('0');
    await subscription.close();
  }
}

const tooSoon = (): never => {
  throw new Error('the followers ended before they were told to');
};

function summaryOf({ nodes, writers, followers, serverKills }: Chaos, log: readonly Envelope[]): string {
  const accepted = writers.settled.filter((one) => one.accepted).length;
  return [
    `${nodes.kills} nodes and ${serverKills} servers killed, ${nodes.failedStarts} starts failed`,
    `${writers.settled.length} commands answered (${accepted} carried out) after ${writers.lost} lost answers and ${writers.unavailable} of 503`,
    `the slowest after ${Math.round(writers.longestMs)} ms`,
    `${log.length} events in the log, told in ${followers.map(({ feeds }) => feeds).join(' + ')} feeds`,
  ].join('; ');
}

describe(`nodes and their store's server killed at random under load (DOCKET_CHAOS_SEED=${SEED})`, () => {
  let server: PostgresqlServer;
  let store: EventStore;

  afterEach(async () => {
    await store.close();
    await server.remove();
  });

  it(
    'lose nothing that was acknowledged, store nothing twice, and send each follower everything in order',
    async () => {
      server = await startPostgresqlServer();
      const places = placesOfNodes((folder) => postgresqlSettings(folder, server.url));
      const address = parseStore(places[0]!.env['DOCKET_STORE']!, 'DOCKET_STORE');
      store = await openStore(address, { create: true });
      const outcome = await chaos(places, store, server);
      const { nodes, writers, followers, serverKills, subscribed, end } = outcome;
      const lists = [await listOf(nodes.at(0), end), await listOf(nodes.at(1), end)];
      const log = await collectLog(store);
      process.stderr.write(`Chaos for ${SECONDS} s, seed ${SEED}: ${summaryOf(outcome, log)}\n`);

      expect(brokenPromises(writers, log).slice(0, 5)).toEqual([]);
      expect(writers.contradicted.slice(0, 5)).toEqual([]);
      expect(new Set(log.map(({ eventId }) => eventId)).size).toBe(log.length);
      // A feed does not contain the events that following it records.
      const followed = log.filter((event) => !isLogAccess(event));
      const upToEnd = followed.findIndex(({ position }) => position === end) + 1;
      for (const { seen } of followers) {
        expect(departure(seen, followed)).toBeNull();
        expect(seen.length).toBeGreaterThanOrEqual(upToEnd);
      }
      expect(departure(subscribed, log)).toBeNull();
      expect(subscribed.length).toBeGreaterThanOrEqual(upToEnd);
      const records = recordsOf(log);
      for (const list of lists) expect(list).toEqual(records);
      expect(await verified(places[0]!)).toMatchObject({ ok: true, firstDivergence: null });
      expect(await nodes.stop()).toEqual(places.map(() => ({ code: 0, signal: null })));

      // The test is valid only if nodes were killed.
      expect(nodes.kills).toBeGreaterThan(0);
      expect(serverKills).toBeGreaterThan(0);
      expect(writers.lost).toBeGreaterThan(0);
      expect(upToEnd).toBeGreaterThan(0);
      expect(records.size).toBeGreaterThan(0);
    },
    (SECONDS + 180) * 1_000,
  );
});
