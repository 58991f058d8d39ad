import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { changesSince, idsOf } from '../../capabilities/decides.ts';
import type { Standing } from '../../capabilities/decides.ts';
import { closing } from './closing.ts';
import type { PendingCorrection } from './corrected-facts.ts';
import type { Facts } from './facts.ts';
import type { Request } from '../../capabilities/persons.ts';

type State = LifecycleState<Facts>;

/**
 * What the inspectorate changed on the successor after the request that it takes this record's place: its text and its dates are then
 * those that count. Streams have no common order but their times.
 */
export const successorChanges = (
  { facts: { closure } }: State,
  successor: State | null | undefined,
): readonly string[] =>
  closure === null || !successor
    ? []
    : idsOf(successor.facts.changes.filter(({ recordedAt }) => recordedAt > closure.recordedAt));

/** A pending closure as superseded, with its successor as it is now. */
export function supersessionStanding(state: State, successor: State | null | undefined): Standing {
  const { changes, ...closure } = closing.standing(state);
  return { ...closure, changes: [...changes, ...successorChanges(state, successor)] };
}

/** A later date for one deadline. */
export function extensionStanding(
  state: State,
  extension: Request & { readonly deadlineId: string },
): Standing {
  const { eventId, version, deadlineId } = extension;
  const changes = changesSince(state, version, ({ of }) => ['text', 'recipient', deadlineId].includes(of));
  return { needed: [eventId], changes, others: [] };
}

/** A correction, and what was changed since of the one thing that it corrects. */
export function correctionStanding(state: State, pending: PendingCorrection): Standing {
  const { eventId, version } = pending;
  const corrected = correctedBy(state, pending);
  return {
    needed: [eventId],
    changes: changesSince(state, version, ({ of }) => of === corrected),
    others: [],
  };
}

/** As changes name it; undefined for a claim, which a change leaves as it is. */
function correctedBy({ facts }: State, { corrects, correction }: PendingCorrection): string | undefined {
  if (correction.recipient !== undefined) return 'recipient';
  if (correction.publishedOn !== undefined) return 'publication';
  if (correction.dueOn === undefined) return undefined;
  return facts.changes.find(({ eventId }) => eventId === corrects)?.of;
}
