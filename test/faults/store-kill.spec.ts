import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StreamVerifier } from '#audit/verify';
import { logEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { dropStore, freshAddress, postgresqlUrl } from '../support/postgresql-stores.ts';
import { seededRandom } from '#server/demo/simulated-time';

const ROUNDS = Number(process.env['DOCKET_FAULT_ROUNDS'] ?? 2);
const SEED = Number(process.env['DOCKET_FAULT_SEED'] ?? Date.now() % 1_000_000);
const KILL_AFTER_MS_MAX = 200;

const WRITER = fileURLToPath(new URL('./store-writer.ts', import.meta.url));

type Acknowledged = readonly [streamId: string, version: number, eventId: string];

/**
 * Runs writers in another process, kills it some time after its first commit, and returns the acknowledged commands.
 */
async function writeUntilKilled(
  address: string,
  name: string,
  killAfterMs: number,
): Promise<Acknowledged[][]> {
  const child = spawn(process.execPath, [WRITER, address, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const acknowledged: Acknowledged[][] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (acknowledged.length === 0) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    // A truncated line was not acknowledged.
    if (line.endsWith(']]')) acknowledged.push(JSON.parse(line) as Acknowledged[]);
  }
  expect(await exit).toEqual([null, 'SIGKILL']);
  return acknowledged;
}

/** Returns the events of the log by command. Checks that every stream is complete, in order and verifies. */
async function checkedLog(store: EventStore): Promise<{ ids: Set<string>; commands: Map<string, number> }> {
  const ids = new Set<string>();
  const commands = new Map<string, number>();
  const verifier = new StreamVerifier();
  let position = 0n;
  for await (const event of logEvents(store)) {
    expect(verifier.add(event)).toBeNull();
    expect(BigInt(event.position)).toBeGreaterThan(position);
    position = BigInt(event.position);
    ids.add(`${event.streamId} ${event.version} ${event.eventId}`);
    commands.set(event.command.id, (commands.get(event.command.id) ?? 0) + 1);
  }
  expect(verifier.finish()).toEqual([]);
  return { ids, commands };
}

describe.each([
  ['SQLite', (folder: string) => Promise.resolve(`sqlite:${join(folder, 'store.db')}`)],
  ['PostgreSQL', async () => freshAddress(await postgresqlUrl())],
])(`writers on %s killed at random moments (DOCKET_FAULT_SEED=${SEED})`, (_, makeAddress) => {
  const random = seededRandom(SEED);
  const acknowledged: Acknowledged[][] = [];
  let folder: string;
  let address: string;

  beforeAll(async () => {
    folder = temporaryFolder();
    address = await makeAddress(folder);
  });

  afterAll(async () => {
    if (!address.startsWith('sqlite:')) await dropStore(address);
  });

  it.each(Array.from({ length: ROUNDS }, (_, index) => index + 1))(
    'have lost nothing that was acknowledged, and left nothing half: kill %d',
    async (round) => {
      // Every round continues with the store of the previous kills. In every second one, two processes write.
      const writers = round % 2 === 0 ? ['a', 'b'] : ['a'];
      const written = await Promise.all(
        writers.map((name) => writeUntilKilled(address, name, Math.floor(random() * KILL_AFTER_MS_MAX))),
      );
      acknowledged.push(...written.flat());

      const store = await openStore(parseStore(address, 'the address'), { create: false });
      const { ids, commands } = await checkedLog(store);
      await store.close();

      const lost = acknowledged.flat().filter((event) => !ids.has(event.join(' ')));
      expect(lost).toEqual([]);
      const half = [...commands.values()].filter((count) => count !== 6);
      expect(half).toEqual([]);
      expect(commands.size).toBeGreaterThanOrEqual(acknowledged.length);
    },
    60_000,
  );
});
