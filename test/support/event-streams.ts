import { setTimeout as delay } from 'node:timers/promises';
import { MerkleTree } from '#audit/merkle-tree';
import type { Envelope } from '#event-sourcing/envelope';
import { logEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';

/** Returns the whole log, for tests with few events. */
export async function collectLog(store: EventStore): Promise<Envelope[]> {
  const events: Envelope[] = [];
  for await (const event of logEvents(store)) events.push(event);
  return events;
}

/** Returns the size and the root of the log. */
export async function headOfLog(
  store: EventStore,
): Promise<{ readonly size: number; readonly root: string }> {
  const tree = new MerkleTree();
  for (const { hash } of await store.readAll()) tree.appendHash(hash);
  return { size: tree.size, root: tree.rootHex() };
}

const WAIT_MS_MAX = 20_000;

/** Waits until a condition is true. The limit only ends a hanging test. */
export async function untilTrue(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const until = Date.now() + WAIT_MS_MAX;
  while (!(await isSo())) {
    if (Date.now() > until) throw new Error(`still not so after ${WAIT_MS_MAX} ms: ${isSo.toString()}`);
    await delay(2);
  }
}
