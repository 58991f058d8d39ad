import type { Rule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { changesSince, idsOf, listed, missingFrom, NOTHING, refusing } from '../../capabilities/decides.ts';
import type { Naming, Standing } from '../../capabilities/decides.ts';
import type { PendingCorrection } from './corrected-facts.ts';
import type { Facts } from './facts.ts';
import type { Request } from '../../capabilities/persons.ts';

type State = LifecycleState<Facts>;

/** The submissions since the last decision on evidence. */
export const submissionsStanding = ({ facts }: State): readonly string[] => idsOf(facts.submissions);

/** Evidence was submitted for a text: who accepts it says that they know the text of today. */
export const acceptanceStanding = (state: State): Standing => {
  const since = Math.min(...state.facts.submissions.map(({ version }) => version));
  const changes = changesSince(state, since, ({ of }) => of === 'text');
  return { needed: submissionsStanding(state), changes, others: [] };
};

export const rejectionStanding = (state: State): Standing => refusing(acceptanceStanding(state));

/** The pending closure; what was submitted after it blocks nothing, and need not be named. */
export function closureStanding(state: State): Standing {
  const { closure, submitted } = state.facts;
  if (closure === null) return NOTHING;
  const { eventId, version, considers } = closure;
  const considered = new Set(
    considers ?? idsOf(submitted.filter((submission) => submission.version < version)),
  );
  return {
    needed: [eventId, ...considered],
    changes: changesSince(state, version),
    others: idsOf(submitted).filter((each) => !considered.has(each)),
  };
}

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
  const { changes, ...closure } = closureStanding(state);
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

/** A refusal of a closure is about the request alone. */
export const closureRefusalStanding = (state: State): Standing => {
  const { needed, changes, others } = closureStanding(state);
  const [request, submissions] = [needed.slice(0, 1), needed.slice(1)];
  return refusing({ needed: request, changes, others: [...submissions, ...others] });
};

/**
 * What an approval of the pending closure decides on, and which submissions it leaves aside: those that came after the request,
 * that nobody has decided since, and that the approval does not name.
 */
export function closureDecided(
  state: State,
  { decides = [] }: Naming,
  standing = closureStanding(state),
): { readonly decides: readonly string[]; readonly notConsidered?: readonly string[] } {
  const named = new Set(decides);
  const undecided = new Set(submissionsStanding(state));
  const isLeftAside = (eventId: string) => undecided.has(eventId) && !named.has(eventId);
  const notConsidered = standing.others.filter(isLeftAside);
  return {
    decides: [
      ...standing.needed,
      ...standing.others.filter((eventId) => !isLeftAside(eventId)),
      ...standing.changes,
    ],
    ...(notConsidered.length > 0 && { notConsidered }),
  };
}

/** The submissions that a request for closure takes into account: those it names, and those that were decided. */
export function consideredBy(state: State, { decides }: Naming): readonly string[] {
  const named = new Set(decides);
  const undecided = new Set(submissionsStanding(state));
  return idsOf(state.facts.submitted).filter((eventId) => named.has(eventId) || !undecided.has(eventId));
}

const skipped = ({ facts: { submissions } }: State, { decides }: Naming): readonly string[] => {
  if (decides === undefined) return [];
  const named = new Set(decides);
  const last = submissions.findLastIndex(({ eventId }) => named.has(eventId));
  return submissions
    .slice(0, Math.max(last, 0))
    .flatMap(({ eventId }) => (named.has(eventId) ? [] : eventId));
};

/** A request for closure without `decides` needs all evidence decided; with it, only later submissions may be left out. */
export const evidenceConsidered: readonly Rule<Facts, Naming>[] = [
  {
    code: 'evidence-decided',
    kind: 'state',
    holds: ({ value }, { decides }) => value['evidence'] !== 'submitted' || decides !== undefined,
    detail: () =>
      'Evidence was submitted and is not decided. Accept or reject it first, or name in "decides" every submission that you considered',
  },
  {
    code: 'evidence-considered',
    kind: 'state',
    holds: ({ facts }, { decides = [] }) => missingFrom(idsOf(facts.submitted), decides).length === 0,
    detail: ({ facts }, { decides = [] }) =>
      `"decides" names what is no submission of evidence since the record was last opened: ${listed(missingFrom(idsOf(facts.submitted), decides))}`,
  },
  {
    code: 'decides-outdated',
    kind: 'state',
    hasOwnCode: true,
    holds: (state, payload) => skipped(state, payload).length === 0,
    detail: (state, payload) =>
      `Only submissions after the last one that you considered can be left out; name in "decides" also ${listed(skipped(state, payload))}`,
    members: (state, payload) => ({ events: skipped(state, payload) }),
  },
];
