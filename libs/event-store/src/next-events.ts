import type { Envelope } from '#event-sourcing/envelope';
import { HistoryDiffersError, VersionConflictError } from '#event-sourcing/errors';
import type { AppendedEvent } from '#event-sourcing/event-store';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import type { StreamHead } from './seal-commit.ts';

type Head = Pick<StreamHead, 'version' | 'hash'>;

/**
 * Checks that each sealed event follows its stream, including the events before it in the list, and returns them
 * without the position that another store assigned. Stores nothing.
 * @throws VersionConflictError
 * @throws HistoryDiffersError if only the hash does not follow.
 */
export function nextEvents(
  events: readonly SealedEnvelope[],
  headOf: (streamId: string) => Head | undefined,
): SealedEnvelope[] {
  const heads = new Map<string, Head>();
  return events.map((event) => {
    const { position: _, ...sealed } = event as SealedEnvelope & Partial<Pick<Envelope, 'position'>>;
    const { streamId } = sealed;
    assertNext(sealed, heads.get(streamId) ?? headOf(streamId));
    heads.set(streamId, sealed);
    return sealed;
  });
}

function assertNext({ streamId, version, previousHash }: SealedEnvelope, head: Head | undefined): void {
  const actual = head?.version ?? 0;
  if (version !== actual + 1) throw new VersionConflictError(streamId, version - 1, actual);
  if (previousHash === (head?.hash ?? null)) return;
  throw new HistoryDiffersError(
    `version ${version} of ${streamId} does not follow version ${actual} of this store`,
  );
}

/** Returns events with the positions that the store assigned. */
export const appendedAt = (
  events: readonly SealedEnvelope[],
  positionOf: (index: number) => number | string | undefined,
): AppendedEvent[] =>
  events.map(({ eventId, streamId, type, version, recordedAt }, index) => {
    return { eventId, streamId, type, version, recordedAt, position: String(positionOf(index)) };
  });

/** Returns the id by which an event's command can be found; null for a command without an Idempotency-Key. */
export const keyOf = ({ command }: Pick<SealedEnvelope, 'command'>): string | null =>
  command.digest === null ? null : command.id;
