import { randomUUID } from 'node:crypto';
import { createSealer } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import { parseKurrentdbAddress } from '#event-store/kurrentdb/address';
import { openKurrentdbEventStore } from '#event-store/kurrentdb/kurrentdb-event-store';
import type { KurrentdbEventStoreOptions } from '#event-store/kurrentdb/kurrentdb-event-store';
import { needDouble } from './journey-store.ts';

/**
 * Returns the URL of the server that all specs of a run share: `KURRENTDB_URL`, or the run's own test double. Other
 * specs write to it concurrently, so each spec needs its own prefix.
 */
export const kurrentdbUrl = async (): Promise<string> =>
  process.env['KURRENTDB_URL'] ?? (await sharedServer(''));

/** Scavenges the run's own server, or locks or unlocks the streams with a prefix. */
export async function controlKurrentdb(how: 'scavenge' | 'lock' | 'unlock', prefix = ''): Promise<void> {
  needDouble();
  await sharedServer(`/${how}/${prefix}`);
}

async function sharedServer(path: string): Promise<string> {
  const answer = await fetch(`${process.env['DOCKET_TEST_RUN'] ?? ''}/kurrentdb${path}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the run has no KurrentDB server: ${text}`);
  return text;
}

/** Returns the address of an unused store, on a server of any version. */
export const freshKurrentdbAddress = (server: string): string =>
  `${server}${server.includes('?') ? '&' : '?'}acceptOlder=true&prefix=test_${randomUUID().replaceAll('-', '')}`;

/** Opens a store, and creates a missing one. */
export const openKurrentdbStoreAt = (
  address: string,
  options: Partial<KurrentdbEventStoreOptions> = {},
): Promise<EventStore> =>
  openKurrentdbEventStore({
    address: parseKurrentdbAddress(address),
    sealer: createSealer(),
    create: true,
    ...options,
  });
