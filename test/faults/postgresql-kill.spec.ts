import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { StreamVerifier } from '#audit/verify';
import type { Envelope } from '#event-sourcing/envelope';
import { hasCode } from '#event-sourcing/errors';
import type { Commit, EventStore } from '#event-sourcing/event-store';
import { append, commit, draft, request } from '../support/event-commits.ts';
import { collectLog, untilTrue } from '../support/event-streams.ts';
import { startPostgresqlServer } from '../support/postgresql-server.ts';
import type { PostgresqlServer } from '../support/postgresql-server.ts';
import { freshAddress, openStoreAt } from '../support/postgresql-stores.ts';

const ROUNDS = Number(process.env['DOCKET_FAULT_ROUNDS'] ?? 2);
const WRITERS = 16;
const LOAD_MS_MAX = 200;

/** The result of writers that retry each command with the same id until it is acknowledged. */
interface Written {
  readonly acknowledged: Map<string, string[]>;
  unanswered: number;
}

async function appendUntilAnswered(store: EventStore, keyed: Commit, written: Written): Promise<void> {
  for (;;) {
    try {
      const { events } = await store.append(keyed);
      written.acknowledged.set(
        keyed.command.id,
        events.map(({ eventId }) => eventId),
      );
      return;
    } catch (error) {
      if (!hasCode(error, 'store-unavailable')) throw error;
      written.unanswered++;
      await delay(20);
    }
  }
}

describe('a PostgreSQL server that is killed under load and started again', () => {
  let server: PostgresqlServer;
  let nodes: EventStore[];

  beforeAll(async () => {
    server = await startPostgresqlServer();
    const address = freshAddress(server.url);
    nodes = [await openStoreAt(address), await openStoreAt(address)];
  }, 60_000);

  afterAll(async () => {
    await Promise.all(nodes.map((store) => store.close()));
    await server.remove();
  });

  it('has lost nothing that was acknowledged, has each command once, and both nodes continue', async () => {
    const written: Written = { acknowledged: new Map(), unanswered: 0 };
    const seen: Envelope[] = [];
    const subscription = nodes[1]!.subscribe('0', async (batch) => {
      seen.push(...batch);
      await Promise.resolve();
    });
    let loaded = true;
    const writers = Array.from({ length: WRITERS }, async (_, index) => {
      const store = nodes[index % nodes.length]!;
      for (let version = 0; loaded; version += 2) {
        const appends = [
          append(`writer-${index}`, version, draft(), draft()),
          append(`one of ${index}, ${version}`, 0, draft()),
        ];
        await appendUntilAnswered(store, commit(appends, { request: request() }), written);
      }
    });
    for (let round = 1; round <= ROUNDS; round++) {
      const before = written.acknowledged.size;
      await untilTrue(() => written.acknowledged.size > before + WRITERS);
      await delay(Math.random() * LOAD_MS_MAX);
      const failed = written.unanswered;
      await server.kill9();
      await untilTrue(() => written.unanswered > failed);
      await server.start();
    }
    const before = written.acknowledged.size;
    await untilTrue(() => written.acknowledged.size > before + WRITERS);
    loaded = false;
    await Promise.all(writers);

    const log = await collectLog(nodes[0]!);
    const stored = Map.groupBy(log, ({ command }) => command.id);
    expect(stored.size).toBe(written.acknowledged.size);
    for (const [id, eventIds] of written.acknowledged) {
      expect(stored.get(id)?.map(({ eventId }) => eventId)).toEqual(eventIds);
    }
    const verifier = new StreamVerifier();
    expect(log.map((event) => verifier.add(event)).filter((problem) => problem !== null)).toEqual([]);
    expect(verifier.finish()).toEqual([]);
    await untilTrue(() => seen.length >= log.length);
    expect(seen).toEqual(log);
    await subscription.close();
  }, 120_000);
});
