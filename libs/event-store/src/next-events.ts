import type { Envelope } from '#event-sourcing/envelope';
import { HistoryDiffersError, VersionConflictError } from '#event-sourcing/errors';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import type { StreamHead } from './seal-commit.ts';

type Head = Pick<StreamHead, 'version' | 'hash'>;

/**
 * Checks that each sealed event is the next of its stream, those before it counted in, and gives them without the position
 * that they may have from another store; nothing is stored yet.
 * @throws VersionConflictError, or HistoryDiffersError where only the hash does not follow.
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
    `version ${version} of ${streamId} follows another event than version ${actual} here`,
  );
}

/** The id under which an event's command is found again; null for a command without an Idempotency-Key. */
export const keyOf = ({ command }: Pick<SealedEnvelope, 'command'>): string | null =>
  command.digest === null ? null : command.id;
