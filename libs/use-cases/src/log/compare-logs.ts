import { isDeepStrictEqual } from 'node:util';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { eraseFromEnvelope } from '#event-sourcing/erasure';
import { logEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import type { HistoryDivergence } from './verify-history.ts';

/** Yields the target's events in order, each with the source's event at the same place (undefined after its end). */
export async function* pairedEvents(
  source: EventStore,
  target: EventStore,
): AsyncGenerator<readonly [theirs: Envelope, ours: Envelope | undefined]> {
  const ours = logEvents(source);
  for await (const theirs of logEvents(target)) {
    const next = await ours.next();
    yield [theirs, next.done === true ? undefined : next.value];
  }
}

const nameOf = ({ streamId, version, type }: Envelope): string =>
  `${type}, version ${version} of ${streamId}`;

/** Returns a divergence at the place of a target's event. */
export const divergenceAt = (
  { position, streamId, version }: Envelope,
  code: HistoryDivergence['code'],
  detail: string,
): HistoryDivergence => ({ position, streamId, version, code, detail });

/** Returns the divergence of a target's event from the source's; null if there is none. The hash covers everything that is sealed. */
export function otherHistory(theirs: Envelope, ours: Envelope | undefined): HistoryDivergence | null {
  if (ours === undefined) {
    return divergenceAt(theirs, 'other-history', `it has ${nameOf(theirs)}, but the source ends before it`);
  }
  const isSame =
    theirs.hash === ours.hash &&
    theirs.eventId === ours.eventId &&
    theirs.streamId === ours.streamId &&
    theirs.version === ours.version;
  if (isSame) return null;
  const detail = `it has ${nameOf(theirs)} (${theirs.hash}), but the source has ${nameOf(ours)} (${ours.hash})`;
  return divergenceAt(theirs, 'other-history', detail);
}

/** Returns pointers to the sensitive values and salts that one copy of an event has and the other lacks. */
export const erasedFrom = (one: Envelope, other: Envelope): Pointer[] =>
  Object.keys(one.salts).filter(
    (pointer) =>
      !Object.hasOwn(other.salts, pointer) &&
      (pointer === COMMAND_DIGEST || Object.hasOwn(one.commitments, pointer)),
  );

/** Returns the divergence of a target's sensitive values from the source's; null if there is none. Ignores values erased in the target. */
export function otherValues(theirs: Envelope, ours: Envelope): HistoryDivergence | null {
  const { position: _ours, ...expected } = eraseFromEnvelope(ours, erasedFrom(ours, theirs));
  const { position: _theirs, ...actual } = theirs;
  if (isDeepStrictEqual(actual, expected)) return null;
  return divergenceAt(theirs, 'other-values', `the content of ${nameOf(theirs)} differs from the source`);
}
