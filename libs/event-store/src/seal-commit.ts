import type { Envelope } from '#event-sourcing/envelope';
import { VersionConflictError } from '#event-sourcing/errors';
import type { Commit, StreamAppend } from '#event-sourcing/event-store';
import { FORM } from '#event-sourcing/forms';
import type { SealedEnvelope, Sealer } from '#event-sourcing/sealer';

/** The members of an event on which the next one of its stream depends. */
export type StreamHead = Pick<Envelope, 'version' | 'hash' | 'recordedAt'>;

type HeadOf = (streamId: string) => StreamHead | undefined;

/** A sealed commit: all events to store, in order, those of the commit itself last. */
interface SealedCommit {
  readonly sealed: readonly SealedEnvelope[];
  readonly own: readonly SealedEnvelope[];
}

/**
 * Returns the sealed events of a commit and the commits that precede it. Checks the expected versions, and stores
 * nothing.
 * @throws VersionConflictError if a stream is not at its expected version.
 */
export function sealCommit(commit: Commit, headOf: HeadOf, sealer: Sealer): SealedCommit {
  const { preceding = [] } = commit;
  if (preceding.length === 0) {
    const own = sealOne(commit, headOf, sealer);
    return { sealed: own, own };
  }
  const heads = new Map<string, StreamHead>();
  const headNow: HeadOf = (streamId) => heads.get(streamId) ?? headOf(streamId);
  const before = preceding.flatMap((one) => {
    const sealed = sealOne(one, headNow, sealer);
    for (const event of sealed) heads.set(event.streamId, event);
    return sealed;
  });
  const own = sealOne(commit, headNow, sealer);
  return { sealed: [...before, ...own], own };
}

/**
 * Returns the sealed events of one commit. All get the same `recordedAt`, not before the last event of any of their
 * streams, so that a command becomes known as a whole.
 */
function sealOne(commit: Commit, headOf: HeadOf, sealer: Sealer): SealedEnvelope[] {
  const heads = commit.appends.map((append) => headAsExpected(append, headOf));
  if (new Set(commit.appends.map(({ streamId }) => streamId)).size < commit.appends.length) {
    throw new RangeError(`command ${commit.command.id} names a stream twice`);
  }
  let { recordedAt } = commit;
  commit.appends.forEach(({ events }, index) => {
    const before = heads[index]?.recordedAt ?? '';
    if (events.length > 0 && before > recordedAt) recordedAt = before;
  });
  // Events are numbered over all streams in order, because the command may already have computed their ids.
  const sealed: SealedEnvelope[] = [];
  commit.appends.forEach((append, index) => {
    let previous = heads[index];
    for (const event of append.events) {
      const unsealed = {
        envelope: FORM,
        eventId: sealer.eventId(commit.command.id, sealed.length),
        type: event.type,
        schemaVersion: event.schemaVersion,
        streamId: append.streamId,
        version: (previous?.version ?? 0) + 1,
        recordedAt,
        effectiveOn: event.effectiveOn,
        actor: commit.actor,
        command: commit.command,
        decision: commit.decision,
        correlationId: commit.correlationId,
        causationId: commit.causationId,
        origin: commit.origin,
        // An event without a state belongs to a stream without a lifecycle.
        lifecycle: event.state === null ? null : (append.lifecycle ?? commit.lifecycle),
        state: event.state,
        data: event.data,
        previousHash: previous?.hash ?? null,
      };
      previous = sealer.seal(unsealed, event.sensitive, commit.command.request);
      sealed.push(previous as SealedEnvelope);
    }
  });
  return sealed;
}

function headAsExpected({ streamId, expectedVersion }: StreamAppend, headOf: HeadOf): StreamHead | undefined {
  const head = headOf(streamId);
  const version = head?.version ?? 0;
  if (version !== expectedVersion) throw new VersionConflictError(streamId, expectedVersion, version);
  return head;
}
