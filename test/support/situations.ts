import type { JsonObject, StateValue } from '../../libs/event-sourcing/src/envelope.ts';
import { inspectionRecommendation } from '../../state-machines/inspection-recommendation/v1/lifecycle.ts';
import { EXTENDED_TO, PLAIN, PROPOSAL_PLACE, RESPONSE_DUE_ON } from './documented-commands.ts';
import type { Named, PersonName, Situation, SituationFacts, Standing } from './documented-commands.ts';

/** Something that happened to a record, and who did it. */
export interface Happened {
  readonly type: string;
  readonly by: PersonName | 'another';
  readonly data: JsonObject;
}

/** What waits to be decided after a history, whose events have these ids. */
export function standingAfter(
  history: readonly { type: string; eventId: string; data: JsonObject }[],
): Standing {
  let closure: string[] = [];
  let submissions: string[] = [];
  let submitted: string[] = [];
  let extension: string[] = [];
  for (const { type, eventId, data } of history) {
    if (type === 'ClosureRequested') closure = [eventId];
    if (type === 'EvidenceSubmitted') {
      submissions = [...submissions, eventId];
      submitted = [...submitted, eventId];
    }
    if (type === 'EvidenceAccepted' || type === 'EvidenceRejected') submissions = [];
    if (type === 'RecommendationReopened') {
      submissions = [];
      submitted = [];
    }
    if (type === 'ExtensionRequested' && data['deadlineId'] === 'd1') extension = [eventId];
  }
  return { closure, submissions, submitted, extension };
}

/** A value that the machine can reach, and the moves that lead there from the issue. */
export interface Reachable {
  readonly value: StateValue;
  readonly path: readonly string[];
}

/** Every value that the machine can reach, each by one of its shortest paths. */
export function reachableValues(): Reachable[] {
  const { definition, table } = inspectionRecommendation;
  const types = Object.keys(definition.events);
  const found: Reachable[] = [{ value: table.initial, path: [] }];
  const known = new Set([JSON.stringify(table.initial)]);
  // An array visits what is added while it is walked, so this runs until nothing new is reached.
  for (const { value, path } of found) {
    for (const type of types) {
      const next = table.step(value, type);
      if (next === null || known.has(JSON.stringify(next))) continue;
      known.add(JSON.stringify(next));
      found.push({ value: next, path: [...path, type] });
    }
  }
  return found;
}

/** Who does what in the histories: the people whom a rule about people can mean. */
const ACTORS: Readonly<Record<string, Happened['by']>> = {
  RecommendationIssued: 'issuer',
  CommentAdded: 'commenter',
  ClosureRequested: 'requester',
  EvidenceSubmitted: 'submitter',
  ExtensionRequested: 'extender',
  DeadlineSet: 'setter',
};

export const happened = (type: string, data: JsonObject = {}): Happened => ({
  type,
  data,
  by: ACTORS[type] ?? 'another',
});

/** One fact at a time beside the plain record; closing drops a pending extension. */
export const VARIANTS: readonly (Partial<SituationFacts> & { readonly name: string })[] = [
  { name: 'a plain record' },
  { name: 'a record without a recipient', recipient: 'none' },
  { name: 'a record with an owner', owner: 'named' },
  { name: 'a record with a deadline', deadline: 'one' },
  { name: 'a record with a pending extension', deadline: 'one', extension: 'one' },
  { name: 'a record with two deadlines', deadline: 'two' },
  { name: 'a record with two pending extensions', deadline: 'two', extension: 'two' },
  { name: 'a record with a proposed deadline', proposal: 'waiting' },
  { name: 'a record with a deadline for its response', responseDeadline: 'set' },
  { name: 'a record with a redacted comment', comment: 'redacted' },
  { name: "a record with an approver's comment", author: 'an approver' },
];

/** A situation, and the moves that lead to its value. */
export interface ReachableSituation extends Situation {
  readonly path: readonly string[];
}

/** Every reachable value in one variant. */
export function situationsOf({ name: _, ...variant }: (typeof VARIANTS)[number]): ReachableSituation[] {
  return reachableValues().map(({ value, path }) => {
    const isClosed = value['progress'] === 'complete' || value['progress'] === 'no-further-action-needed';
    const facts = { ...PLAIN, ...variant, ...(isClosed && { extension: 'none' as const }) };
    return { value, path, facts };
  });
}

const numbers = { none: 0, one: 1, two: 2 };
const deadlineIds = (count: 'none' | 'one' | 'two'): string[] => ['d1', 'd2'].slice(0, numbers[count]);

/**
 * What happened to a record that is in a situation. The facts come first, so that the moves which close it drop what
 * closing drops; extensions are asked for wherever the variant has them.
 */
export function historyOf(
  variant: Partial<SituationFacts>,
  path: readonly string[],
  { record, comment }: Pick<Named, 'record' | 'comment'>,
): Happened[] {
  const {
    recipient,
    owner,
    deadline,
    extension,
    proposal,
    responseDeadline,
    comment: said,
  } = {
    ...PLAIN,
    ...variant,
  };
  return [
    happened('RecommendationIssued', {
      title: `Recommendation ${record}`,
      text: 'Within six months every force should publish a plan.',
      recipient: recipient === 'given' ? 'wiltshire' : null,
    }),
    happened('CommentAdded', { text: 'Ann Smith called.', visibility: 'public' }),
    ...(said === 'redacted'
      ? [happened('CommentRedacted', { eventId: comment, erased: ['/data/text'], reason: 'a reason' })]
      : []),
    ...(owner === 'named' ? [happened('OwnerAssigned', { owner: 'the first owner' })] : []),
    ...deadlineIds(deadline).map((deadlineId) =>
      happened('DeadlineSet', { deadlineId, kind: 'action', dueOn: '2026-06-30' }),
    ),
    ...deadlineIds(extension).map((deadlineId) =>
      happened('ExtensionRequested', { deadlineId, dueOn: EXTENDED_TO, reason: 'a reason' }),
    ),
    ...(proposal === 'waiting'
      ? [
          happened('DeadlineProposed', {
            deadlineId: 'd1',
            kind: 'action',
            suggestedOn: '2026-07-01',
            rule: 'months',
            source: { eventId: comment, ...PROPOSAL_PLACE },
          }),
        ]
      : []),
    ...(responseDeadline === 'set'
      ? [happened('DeadlineSet', { deadlineId: 'd1', kind: 'response', dueOn: RESPONSE_DUE_ON })]
      : []),
    ...path.map((type) => happened(type)),
  ];
}
