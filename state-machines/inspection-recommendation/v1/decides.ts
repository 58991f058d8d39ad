import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { changesSince, idsOf } from '../../capabilities/decides.ts';
import type { DecisionEvents, ReliesOn } from '../../capabilities/decides.ts';
import { closureCapability } from './closure-capability.ts';
import type { PendingCorrection } from './corrected-facts.ts';
import type { Facts } from './facts.ts';
import type { Request } from '../../capabilities/persons.ts';

type State = LifecycleState<Facts>;

/**
 * Returns the inspectorate's changes to the successor since the request to supersede, because its text and dates will
 * then count. Events of different streams are compared by time, the only order that they have.
 */
export const successorChanges = (
  { facts: { closure } }: State,
  successor: State | null | undefined,
): readonly string[] =>
  closure === null || !successor
    ? []
    : idsOf(
        successor.facts.written.filter(
          ({ isChange, recordedAt }) => isChange && recordedAt > closure.recordedAt,
        ),
      );

/** Returns the events of a decision on a pending supersession, by the successor's current state. */
export function supersessionEvents(state: State, successor: State | null | undefined): DecisionEvents {
  const { changes, ...closure } = closureCapability.decisionEvents(state);
  return { ...closure, changes: [...changes, ...successorChanges(state, successor)] };
}

/** Returns the events of a decision on the extension of one deadline. */
export function extensionEvents(
  state: State,
  extension: Request & { readonly deadlineId: string },
): DecisionEvents {
  const { eventId, version, deadlineId } = extension;
  const changes = changesSince(state, version, ({ of }) => ['text', 'recipient', deadlineId].includes(of));
  // It replaces the date itself.
  const reliesOn: ReliesOn = ({ of }) => of === 'text' || of === 'recipient';
  return { needed: [eventId], changes, others: [], reliesOn };
}

/** Returns the events of a decision on a correction, including later changes to the corrected value. */
export function correctionEvents(state: State, pending: PendingCorrection): DecisionEvents {
  const { eventId, version } = pending;
  const corrected = correctedPart(state, pending);
  return {
    needed: [eventId],
    changes: changesSince(state, version, ({ of }) => of === corrected),
    others: [],
    // It replaces the value, so only later changes count.
    reliesOn: () => false,
  };
}

/** Returns the part that a correction changes; undefined for a claim. */
function correctedPart({ facts }: State, { corrects, correction }: PendingCorrection): string | undefined {
  if (correction.recipient !== undefined) return 'recipient';
  if (correction.publishedOn !== undefined) return 'publication';
  if (correction.dueOn === undefined) return undefined;
  return facts.written.find(({ eventId }) => eventId === corrects)?.of;
}
