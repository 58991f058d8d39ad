import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { request } from 'node:http';
import { join } from 'node:path';
import { sql } from 'kysely';
import pino from 'pino';
import { systemClock } from '#event-sourcing/clock';
import { loadOrCreateDevelopmentKey } from '#platform/development-key';
import { issueToken } from '#identity/tokens';
import { openNode } from '#platform/node';
import type { DocketNode } from '#platform/node';
import { readSettings } from '#platform/settings';
import { PROJECTIONS } from '#platform/projections';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { logPage } from '#use-cases/log/filter-log';
import { untilTrue } from '#test/support/event-streams';
import { issuedEvent, recordMany } from '#test/support/records';
import { temporaryFolder } from '#test/support/temporary-folder';
import { createApp } from './app.ts';

const ignore = (): void => undefined;
const READS = ['/api/recommendations', '/api/statistics', '/api/deadlines', '/api/refusals', '/api/work'];

let folder: string;
let node: DocketNode<true>;
let readModels: ReadModelDatabase;
let app: NestFastifyApplication;
let headers: Record<string, string>;
let address: string;

// A timeout of 0 ms for all reads of read models.
beforeAll(async () => {
  folder = temporaryFolder();
  const store = join(folder, 'docket.sqlite');
  const key = join(folder, 'key.jwk');
  const settings = readSettings({ DOCKET_STORE: `sqlite:${store}`, DOCKET_DEVELOPMENT_KEY: key });
  node = await openNode(
    settings,
    {
      onError: ignore,
      onProjectorError: ignore,
      onFailure: ignore,
      onWarning: ignore,
      onSwept: ignore,
      onDelivery: ignore,
    },
    { http: true, project: true, sweep: null, checkpoints: null },
  );
  await recordMany(node.store, ['r-1', 'r-2'], '2026-01-05', issuedEvent());
  await node.projector?.whenHandled(await node.store.lastPosition(), 20_000);
  readModels = openSqliteReadModels(join(folder, 'docket.read-models.sqlite'), PROJECTIONS, {
    limitMs: 0,
    graceMs: 30_000,
  });
  const { records } = node.http;
  const limited = { ...node, readModels, http: { ...node.http, records: { ...records, readModels } } };
  app = await createApp(limited, pino({ level: 'silent' }));
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  address = `http://127.0.0.1:${port}`;
  const token = await issueToken(
    await loadOrCreateDevelopmentKey(key),
    {
      subject: 'ann',
      roles: ['inspector', 'auditor'],
      organisations: [],
      expiresInSeconds: 600,
    },
    systemClock.now(),
  );
  headers = { authorization: `Bearer ${token}` };
});
afterAll(async () => {
  await app.close();
  await readModels.close();
  await node.close();
});

describe('a read that exceeds its time', () => {
  test.each(READS)('gets an error that names narrowing parameters and a time to retry: %s', async (path) => {
    const response = await fetch(address + path, { headers });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(await response.json()).toEqual({
      type: 'urn:docket:problem:query-too-slow',
      title: 'The query took too long',
      status: 503,
      detail: expect.stringMatching(
        /^The query was cancelled after 0 s\. Narrow it with .*filters.*dates.*smaller page$/,
      ),
    });
  });

  test('is counted, and does not affect records and their events', async () => {
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toMatch(/^docket_reads_too_slow_total [1-9]/m);
    expect(metrics).toMatch(/^docket_reader_threads_replaced_total 0$/m);
    expect(metrics).toMatch(/^docket_reads_busy 0$/m);
    for (const path of ['/api/recommendations/r-1', '/api/recommendations/r-1/events', '/api/events'])
      expect((await fetch(address + path, { headers })).status).toBe(200);
  });
});

describe('reads that cannot be ended', () => {
  /** A query that runs for about a second. */
  const unending = (database: ReadModelDatabase): Promise<unknown> =>
    database.read((trx) =>
      sql`with recursive counted (n) as (select 1 union all select n + 1 from counted where n < 5000000)
        select count(*) from counted`.execute(trx),
    );

  test('are reported by readiness while lists are refused, and leave the node able to serve records', async () => {
    const path = join(folder, 'docket.read-models.sqlite');
    const database = openSqliteReadModels(path, PROJECTIONS, { limitMs: 100, graceMs: 50 });
    const { records } = node.http;
    const otherNode = {
      ...node,
      readModels: database,
      http: { ...node.http, records: { ...records, readModels: database } },
    };
    const other = await createApp(otherNode, pino({ level: 'silent' }));
    try {
      // The first request of an app is slower than the reads wait.
      await other.inject({ url: '/api/recommendations/r-1', headers });
      // A read whose thread starts too late is not run.
      await untilTrue(async () => {
        await Promise.allSettled([unending(database), unending(database)]);
        return database.readsRefused() !== null;
      });
      const urls = ['/api/recommendations', '/api/recommendations/r-1', '/health/ready'];
      const answers = await Promise.all(urls.map((url) => other.inject({ url, headers })));
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([503, 200, 200]);
      const ready = answers[2] as (typeof answers)[number];
      expect(ready.json()).toMatchObject({
        checks: expect.arrayContaining([
          {
            name: 'read models',
            ok: true,
            detail: 'lists are refused: 2 earlier reads cannot be ended, and occupy every reader thread',
          },
        ]) as unknown,
      });
    } finally {
      await other.close();
      await database.close();
    }
  });
});

describe('a page of many events', () => {
  const many = 600;
  beforeAll(async () => {
    const ids = Array.from({ length: many }, (_, index) => `many-${index}`);
    const { type, data } = issuedEvent();
    await recordMany(node.store, ids, '2026-01-05', { type, data: { ...data, text: 'x'.repeat(5_000) } });
  });

  /** Returns how many chunks were read meanwhile. */
  async function piecesRead(send: () => Promise<void>): Promise<number> {
    let read = 0;
    const { logPages } = node.http;
    const page = logPages.page.bind(logPages);
    logPages.page = async function* (pageRequest) {
      for await (const piece of page(pageRequest)) {
        read += 1;
        yield piece;
      }
    };
    try {
      await send();
      return read;
    } finally {
      logPages.page = page;
    }
  }

  test('is byte for byte the content of the log, and is not read in the thread that sends it', async () => {
    const filter = { types: null, actors: null, correlations: null, recordedFrom: null, recordedTo: null };
    // Both events are in the first chunks, and a full page ends the read.
    const pageRequest = { after: '7', limit: 2, filter: { ...filter, records: ['many-3', 'many-9'] } };
    const here = Buffer.concat(await Array.fromAsync(logPage(node.store, pageRequest))).toString();
    const reads = (['readAll', 'readStream'] as const).map((name) => jest.spyOn(node.store, name));
    const query = 'limit=2&after=7&recommendation=many-3&recommendation=many-9';
    const body = await (await fetch(`${address}/api/events?${query}`, { headers })).text();
    // Excludes the read of the caller's own stream.
    const pageReads = reads.map(({ mock }) => mock.calls.filter(([from]) => from !== 'person-ann'));
    jest.restoreAllMocks();
    expect(pageReads).toEqual([[], []]);
    expect(body).toBe(here);
    expect((JSON.parse(body) as { items: unknown[] }).items).toHaveLength(2);
  });

  test('is stopped when its client disconnects', async () => {
    const path = `${address}/api/events?limit=10000`;
    const whole = await piecesRead(async () => {
      await (await fetch(path, { headers })).arrayBuffer();
    });
    const begun = await piecesRead(async () => {
      await new Promise<void>((resolve, reject) => {
        const clientRequest = request(path, { headers }, (answer) => {
          answer.once('data', () => {
            clientRequest.destroy();
            resolve();
          });
        });
        clientRequest.once('error', reject).end();
      });
      await new Promise((resolve) => setTimeout(resolve, 200));
    });
    expect(begun).toBeGreaterThan(0);
    expect(begun).toBeLessThan(whole);
  });
});
