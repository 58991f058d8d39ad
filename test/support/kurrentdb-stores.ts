import { randomUUID } from 'node:crypto';
import { createSealer } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import { parseKurrentdbAddress } from '#event-store/kurrentdb/address';
import { openKurrentdbEventStore } from '#event-store/kurrentdb/kurrentdb-event-store';
import type { KurrentdbEventStoreOptions } from '#event-store/kurrentdb/kurrentdb-event-store';
import { controlAt } from './kurrentdb/control.ts';
import type { Control } from './kurrentdb/control.ts';
import { needDouble } from './journey-store.ts';

/**
 * Returns the URL of the server that all specs of a run share: `KURRENTDB_URL`, or the run's own test double. Other
 * specs write to it concurrently, so each spec needs its own prefix.
 */
export async function kurrentdbUrl(): Promise<string> {
  return process.env['KURRENTDB_URL'] ?? (await sharedServer()).url;
}

/**
 * Returns the controls of the run's own server. Faults affect other specs too, so specs with faults use their own
 * server.
 */
export async function kurrentdbControl(): Promise<Control> {
  needDouble();
  return controlAt((await sharedServer()).controlUrl);
}

async function sharedServer(): Promise<{ readonly url: string; readonly controlUrl: string }> {
  const answer = await fetch(`${process.env['DOCKET_TEST_RUN'] ?? ''}/kurrentdb`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the run has no KurrentDB server: ${text}`);
  return JSON.parse(text) as { url: string; controlUrl: string };
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
