import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'pg';
import type { EventStore } from '#event-sourcing/event-store';
import { PROJECTION_NAMES } from '#platform/projections';
import { besideAddress, parsePostgresqlAddress } from '#postgresql/address';
import { runDocket } from '../support/command-line.ts';
import { postgresqlSettings } from '../support/journey-store.ts';
import { connectIn, dropStore, openStoreAt, postgresqlUrl } from '../support/postgresql-stores.ts';
import { due, issuedEvent, recordMany } from '../support/records.ts';
import { eventually, settingsIn, startScript } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Started } from '../support/service-child.ts';

const ROUNDS = Number(process.env['DOCKET_FAULT_ROUNDS'] ?? 1);
const RECORDS_A_ROUND = 300;

describe('two nodes that fold one log into the same read models, one or the other killed midway', () => {
  let folder: string;
  let env: Record<string, string>;
  let store: EventStore;
  let readModels: Client;

  beforeAll(async () => {
    folder = temporaryFolder();
    env = postgresqlSettings(folder, await postgresqlUrl());
    store = await openStoreAt(env['DOCKET_STORE']!);
    readModels = await connectIn(besideAddress(parsePostgresqlAddress(env['DOCKET_STORE']!), 'read_models'));
  }, 60_000);
  afterAll(async () => {
    await readModels.end();
    await store.close();
    await dropStore(env['DOCKET_STORE']!);
  });

  const node = async (): Promise<Started> => {
    const settings = settingsIn(folder, { ...env, DOCKET_SWEEP: 'off', PORT: '0' });
    const started = startScript('apps/server/src/main.js', settings, folder);
    await started.printed(/^Docket is ready/m);
    return started;
  };
  /** Returns the number of events that each projection has counted. */
  const counted = async (): Promise<number[]> => {
    const { rows } = await readModels.query<{ events: string }>('SELECT events FROM generations');
    return rows.map(({ events }) => Number(events));
  };

  it('counts each event once, and is not delayed', async () => {
    let nodes = [await node(), await node()];
    let total = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const ids = Array.from({ length: RECORDS_A_ROUND }, (_, index) => `r-${round}-${index}`);
      const written = recordMany(store, ids, '2016-01-10', issuedEvent(), due('2016-06-30'));
      const before = total;
      await eventually(counted, (each) => each.some((count) => count > before), 20_000);
      const [killed, survivor] = round % 2 === 0 ? nodes : nodes.toReversed();
      expect(await killed!.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
      await written;
      total += 2 * RECORDS_A_ROUND;
      await eventually(counted, (each) => each.length > 0 && each.every((count) => count === total), 20_000);
      nodes = [survivor!, ...(round < ROUNDS - 1 ? [await node()] : [])];
    }
    expect(Number(await store.lastPosition())).toBe(total);
    // It projects the log again, and compares the results.
    const rebuilt = await runDocket(['rebuild'], { folder, env });
    expect(rebuilt).toMatchObject({ code: 0 });
    expect(
      rebuilt.stdout.match(/: rebuilt from (\d+) events; equal to the previous read model$/gm),
    ).toHaveLength(PROJECTION_NAMES.length);
    expect(await counted()).toEqual(Array<number>(PROJECTION_NAMES.length).fill(total));
    for (const one of nodes) expect(await one.end('SIGTERM')).toEqual({ code: 0, signal: null });
  }, 120_000);
});
