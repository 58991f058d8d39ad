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
 * The server that all specs of a run share: the one that `KURRENTDB_URL` names, else one of the run's own that speaks the
 * protocol. Others write to it at the same time, so that a spec gives its streams a prefix that is nobody else's.
 */
export async function kurrentdbUrl(): Promise<string> {
  return process.env['KURRENTDB_URL'] ?? (await sharedServer()).url;
}

/** What the run's own server can be told. A fault meets the other specs too: one of its own is for those. */
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

/** The address of a store that nobody else uses, on a server of any version. */
export const freshKurrentdbAddress = (server: string): string =>
  `${server}${server.includes('?') ? '&' : '?'}acceptOlder=true&prefix=test_${randomUUID().replaceAll('-', '')}`;

/** Opens a store, made where it is missing. */
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
