import type { JsonObject, StateValue } from '#event-sourcing/envelope';
import type { Statechart } from '#lifecycle/statechart';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { DEADLINES_MAX } from '#state-machines/capabilities/deadlines';
import { EXTENDED_TO, PLAIN, PROPOSAL_PLACE, RESPONSE_DUE_ON, TEXT, titleOf } from './documented-commands.ts';
import type { Named, PersonName, Situation, SituationFacts, Standing } from './documented-commands.ts';

/** An event of a record, and its actor. */
export interface Happened {
  readonly type: string;
  readonly by: PersonName | 'another';
  readonly data: JsonObject;
}

/** Returns the pending events after a history, with these event ids. */
export function standingAfter(
  history: readonly { type: string; eventId: string; data: JsonObject }[],
): Standing {
  let closure: string[] = [];
  let submissions: string[] = [];
  let submitted: string[] = [];
  let beforeRequest: ReadonlySet<string> = new Set();
  let extension: string[] = [];
  let correction: string[] = [];
  for (const { type, eventId, data } of history) {
    if (type === 'ClosureRequested') {
      closure = [eventId];
      beforeRequest = new Set(submitted);
    }
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
    if (type === 'ExtensionRefused') extension = [];
    if (type === 'CorrectionRequested') correction = [eventId];
    if (/^Correction(Approved|Refused)$/.test(type)) correction = [];
  }
  const notConsidered = submissions.filter((eventId) => !beforeRequest.has(eventId));
  const considered = submitted.filter((eventId) => !notConsidered.includes(eventId));
  return { closure, submissions, considered, notConsidered, extension, correction };
}

/** A value that the machine can reach, and the events from the issue to it. */
interface Reachable {
  readonly value: StateValue;
  readonly path: readonly string[];
}

/** Returns every value that a machine can reach, each with one of its shortest paths. */
export function reachableValues(statechart: Statechart = inspectionRecommendation): Reachable[] {
  const { definition, initial } = statechart;
  const types = Object.keys(definition.events);
  const found: Reachable[] = [{ value: initial, path: [] }];
  const known = new Set([JSON.stringify(initial)]);
  // Iterating an array includes items that are added meanwhile.
  for (const { value, path } of found) {
    for (const type of types) {
      const next = statechart.valueAfter(value, type);
      if (next === null || known.has(JSON.stringify(next))) continue;
      known.add(JSON.stringify(next));
      found.push({ value: next, path: [...path, type] });
    }
  }
  return found;
}

/** Returns the pairs of values of two regions in a state. */
function pairsOf({ value }: Reachable): string[] {
  const parts = Object.entries(value).map((part) => part.join(' '));
  return parts.flatMap((part, index) => parts.slice(index + 1).map((other) => `${part}, ${other}`));
}

const isNearTheIssue = ({ value }: Reachable): boolean =>
  Object.entries(inspectionRecommendation.initial).filter(([region, first]) => value[region] !== first)
    .length < 2;

/**
 * Returns a selection: the values of each region with the first ones of the others and, in the long form, all pairs of
 * values of two regions.
 */
function meetingValues(): Reachable[] {
  const all = reachableValues();
  const chosen = all.filter(isNearTheIssue);
  if (process.env['DOCKET_TEST_LONG'] === undefined) return chosen;
  const missing = new Set(all.flatMap(pairsOf)).difference(new Set(chosen.flatMap(pairsOf)));
  const news = (value: Reachable) => pairsOf(value).filter((pair) => missing.has(pair)).length;
  while (missing.size > 0) {
    const best = all.reduce((most, each) => (news(each) > news(most) ? each : most));
    chosen.push(best);
    for (const pair of pairsOf(best)) missing.delete(pair);
  }
  return chosen;
}

/** The actors of the histories: the people that a rule can concern. */
const ACTORS: Readonly<Record<string, Happened['by']>> = {
  RecommendationIssued: 'issuer',
  CommentAdded: 'commenter',
  ClosureRequested: 'requester',
  EvidenceSubmitted: 'submitter',
  ExtensionRequested: 'extender',
  TextAmended: 'amender',
  DeadlineSet: 'setter',
  DeadlineWithdrawn: 'withdrawer',
  ExtensionRefused: 'decider',
  CorrectionRequested: 'claimant',
};

export const pastEvent = (type: string, data: JsonObject = {}): Happened => ({
  type,
  data,
  by: ACTORS[type] ?? 'another',
});

/** Variants of the plain record that each change one fact. */
export const VARIANTS: readonly (Partial<SituationFacts> & {
  readonly name: string;
  /** The number of states in which it is tested; the selected ones by default. */
  readonly states?: number | 'all';
})[] = [
  { name: 'a plain record', states: 'all' },
  { name: 'a record without a recipient', recipient: 'none' },
  { name: 'a record with an owner', owner: 'named' },
  { name: 'a record with an amended text', text: 'amended' },
  {
    name: 'a record whose pending closure is with no further action',
    ...{ closure: 'no-further-action', text: 'amended' },
  },
  { name: 'a record whose pending closure is as superseded', closure: 'superseded', text: 'amended' },
  { name: 'a record with a deadline', deadline: 'one' },
  { name: 'a record with a pending extension', deadline: 'one', extension: 'one', text: 'amended' },
  { name: 'a record with two deadlines', deadline: 'two' },
  { name: 'a record with two pending extensions', deadline: 'two', extension: 'two' },
  { name: 'a record with a deadline, and another one that was withdrawn', deadline: 'one', withdrawn: 'one' },
  { name: 'a record with a proposed deadline', proposal: 'waiting' },
  {
    name: 'a record with a proposed deadline, and one that was withdrawn',
    proposal: 'waiting',
    withdrawn: 'one',
  },
  { name: 'a record with a deadline for its response', responseDeadline: 'set' },
  { name: 'a record with a redacted comment', comment: 'redacted' },
  { name: "a record with an approver's comment", author: 'an approver' },
  { name: 'a record with a hundred deadlines', deadline: 'two', room: 'none', states: 1 },
  { name: 'a record whose deadline is recorded as passed', deadline: 'one', passing: 'passed' },
  { name: 'a record with an extension that was refused', deadline: 'one', request: 'decided', states: 6 },
  { name: 'a record with a correction that waits', correction: 'waiting' },
  { name: 'a record of an issue to several bodies', issue: 'to several', states: 6 },
];

/** A situation, and the events that produce its value. */
export interface ReachableSituation extends Situation {
  readonly path: readonly string[];
}

/**
 * Returns one variant in its states, with its fact. The long form includes all pairs of values of two regions, the most
 * that any rule reads.
 */
export function situationsOf({
  name: _,
  states,
  ...variant
}: (typeof VARIANTS)[number]): ReachableSituation[] {
  const values = states === undefined ? meetingValues() : reachableValues();
  return values.slice(0, states === 'all' ? undefined : states).map(({ value, path }) => {
    const isClosed = value['progress'] === 'complete' || value['progress'] === 'no-further-action-needed';
    // Closing drops what was requested before.
    const dropped = isClosed && { extension: 'none' as const, correction: 'none' as const };
    const facts = { ...PLAIN, ...variant, ...dropped };
    return { value, path, facts };
  });
}

/** Returns the data of a request for closure. An older one has no outcome. */
const closureData = (outcome: SituationFacts['closure'], successor: string): JsonObject => {
  if (outcome === 'complete') return {};
  return outcome === 'superseded' ? { outcome, supersededBy: successor } : { outcome, reason: 'merged' };
};

const numbers = { none: 0, one: 1, two: 2 };
const deadlineIds = (count: 'none' | 'one' | 'two'): string[] => ['d1', 'd2'].slice(0, numbers[count]);

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `d${from + index}`);
const dueLater = (deadlineId: string): JsonObject => ({ deadlineId, kind: 'action', dueOn: '2027-12-31' });

/** Returns the issue of a record to several bodies: that of wiltshire, and another one for devon. */
export const issueOf = (record: string): string => record.slice(0, record.lastIndexOf('.'));

/**
 * Returns the history of a record in a situation. The facts come first, so that closing drops what it should.
 * Extensions are requested wherever the variant has them.
 */
export function historyOf(
  variant: Partial<SituationFacts>,
  path: readonly string[],
  {
    record,
    comment,
    issued,
    request: refused,
    successor,
  }: Pick<Named, 'record' | 'comment' | 'issued' | 'request' | 'successor'>,
): Happened[] {
  const {
    recipient,
    owner,
    text,
    closure,
    deadline,
    extension,
    withdrawn,
    room,
    passing,
    request,
    issue,
    proposal,
    responseDeadline,
    comment: said,
    correction,
  } = {
    ...PLAIN,
    ...variant,
  };
  return [
    pastEvent('RecommendationIssued', {
      title: titleOf(record),
      text: TEXT,
      recipient: recipient === 'given' ? 'wiltshire' : null,
      issue: issue === 'to several' ? issueOf(record) : null,
    }),
    pastEvent('CommentAdded', { text: 'Ann Smith called.', visibility: 'public' }),
    ...(said === 'redacted'
      ? [pastEvent('CommentRedacted', { eventId: comment, erased: ['/data/text'], reason: 'a reason' })]
      : []),
    ...(text === 'amended' ? [pastEvent('TextAmended', { text: TEXT, reason: 'a reason' })] : []),
    ...(owner === 'named' ? [pastEvent('OwnerAssigned', { owner: 'the first owner' })] : []),
    ...deadlineIds(deadline).map((deadlineId) =>
      pastEvent('DeadlineSet', { deadlineId, kind: 'action', dueOn: '2026-06-30' }),
    ),
    ...(room === 'none'
      ? numbered(3, DEADLINES_MAX).map((id) => pastEvent('DeadlineSet', dueLater(id)))
      : []),
    ...(passing === 'passed' ? [pastEvent('DeadlinePassed', { deadlineId: 'd1' })] : []),
    ...(request === 'decided'
      ? [
          pastEvent('ExtensionRequested', { deadlineId: 'd1', dueOn: EXTENDED_TO, reason: 'a reason' }),
          pastEvent('ExtensionRefused', { deadlineId: 'd1', reason: 'a reason', decides: [refused] }),
        ]
      : []),
    ...deadlineIds(extension).map((deadlineId) =>
      pastEvent('ExtensionRequested', { deadlineId, dueOn: EXTENDED_TO, reason: 'a reason' }),
    ),
    ...(proposal === 'waiting'
      ? [
          pastEvent('DeadlineProposed', {
            deadlineId: 'd1',
            kind: 'action',
            suggestedOn: '2027-07-01',
            rule: 'months',
            source: { eventId: comment, ...PROPOSAL_PLACE },
          }),
        ]
      : []),
    ...(responseDeadline === 'set'
      ? [pastEvent('DeadlineSet', { deadlineId: 'd1', kind: 'response', dueOn: RESPONSE_DUE_ON })]
      : []),
    ...(withdrawn === 'one'
      ? [
          pastEvent('DeadlineSet', { deadlineId: 'd2', kind: 'action', dueOn: '2026-06-30' }),
          pastEvent('DeadlineWithdrawn', { deadlineId: 'd2', reason: 'a reason' }),
        ]
      : []),
    ...(correction === 'waiting'
      ? [pastEvent('CorrectionRequested', { eventId: issued, recipient: 'kent', reason: 'a reason' })]
      : []),
    ...path.map((type) =>
      pastEvent(type, type === 'ClosureRequested' ? closureData(closure, successor) : {}),
    ),
  ];
}
