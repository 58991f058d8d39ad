import { REDACTION } from '#event-sourcing/erasure';
import { asRule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { CommandDefinition, CommandTable, Precondition, OtherStates, Rule } from '#lifecycle/decide';
import { isOpen } from './deadlines.ts';
import type { Facts } from './facts.ts';
import type { SupersedePayload } from './payloads.ts';
import { hasWritten } from '../../capabilities/authors.ts';
import { isSamePerson } from '../../capabilities/persons.ts';
import type { Shape } from '#lifecycle/shapes';
import { events } from './events.ts';
import { recordIdOf, recordStream } from '../kind.ts';
import type { DecidedRecordEvent } from './record-event.ts';

/** Returns the next unloaded record in the chain of successors; null at its end. */
export function nextSuccessor(
  successor: string | undefined,
  streamId: string,
  loaded: OtherStates<Facts>,
): string | null {
  let next = successor === undefined ? null : recordStream(successor);
  while (next !== null && next !== streamId) {
    const state = loaded.get(next);
    if (state === undefined) return next;
    const after: string | null = state?.facts.supersededBy ?? null;
    next = after && recordStream(after);
  }
  return null;
}

type AllowsSuccessor = (
  stream: string,
  streamId: string,
  others: OtherStates<Facts>,
  own: LifecycleState<Facts>,
) => boolean;

/**
 * Returns the rules for a successor: it exists, is open, belongs to the same body, is not the record itself, and does not
 * form a cycle.
 */
export const successorRules = <Payload>(
  successorOf: (payload: Payload) => string | undefined,
): readonly Rule<Facts, Payload>[] => {
  const named = (payload: Payload): string => successorOf(payload) ?? '';
  const rule = (
    code: string,
    isAllowed: AllowsSuccessor,
    detail: (successor: string) => string,
  ): Rule<Facts, Payload> => ({
    code,
    isMet: (own, payload, { streamId, others }) => {
      const successor = successorOf(payload);
      return successor === undefined || isAllowed(recordStream(successor), streamId, others, own);
    },
    detail: (_, payload) => detail(named(payload)),
  });
  return [
    rule(
      'successor-is-itself',
      (stream, streamId) => stream !== streamId,
      () => 'A record cannot replace itself; enter a different record',
    ),
    rule(
      'successor-not-found',
      (stream, streamId, others) => stream === streamId || !!others.get(stream),
      (successor) => `There is no record ${successor}`,
    ),
    // A cycle would leave no record in force.
    rule(
      'supersede-cycle',
      (_, streamId, others) =>
        [...others.values()].every((state) => {
          const successor = state?.facts.supersededBy ?? null;
          return successor === null || recordStream(successor) !== streamId;
        }),
      (successor) =>
        `Record ${successor} was superseded by this record, directly or through others; reopen one of them first`,
    ),
    rule(
      'successor-closed',
      (stream, streamId, others) => {
        const state = others.get(stream);
        return stream === streamId || !state || isOpen(state.value);
      },
      (successor) => `Record ${successor} is closed; enter an open record, or reopen this one first`,
    ),
    // People of the body could not open a record of another one.
    rule(
      'successor-of-another-body',
      (stream, streamId, others, { body }) => {
        const state = others.get(stream);
        return stream === streamId || !state || state.body === body;
      },
      (successor) =>
        `Record ${successor} is not for the same body; enter a record of the same body, or assign that body first`,
    ),
  ];
};

/** Refuses the authors of the successor, who would otherwise alone change the text and the dates of this record. */
export const notItsMaker: Rule<Facts, SupersedePayload> = {
  code: 'not-the-maker-of-the-successor',
  kind: 'people',
  isMet: (_, { by }, { actor, others }) => !isMaker(others.get(recordStream(by)), actor.subject),
  detail: (_, { by }) => makerDetail(by),
};

const isMaker = (
  successor: Pick<LifecycleState<Facts>, 'facts'> | null | undefined,
  subject: string,
): boolean =>
  !!successor &&
  hasWritten(
    successor.facts,
    subject,
    ({ of, isChange }) => isChange || !['evidence', 'succession', 'request', 'closing'].includes(of),
  );

const makerDetail = (by: string): string =>
  `You issued or imported record ${by}, or changed its text, its body or one of its dates; another person must approve that it replaces this record`;

/** Refuses the person who approved the supersession, who would otherwise alone empty this record. */
const notItsSuperseder: Precondition<Facts> = {
  code: 'not-the-approver-of-the-supersession',
  kind: 'people',
  isMet: ({ facts: { successionApprovers } }, { actor }) =>
    !successionApprovers.some((each) => isSamePerson(each, actor.subject)),
  detail: () =>
    'You approved that this record replaces another one; another person must change its text, its body or its dates',
};

/** Refuses the person who closed the record, who would otherwise alone change what was closed. */
const notItsCloser: Precondition<Facts> = {
  code: 'not-the-closer',
  kind: 'people',
  isMet: ({ facts, value }, { actor }) =>
    isOpen(value) || !hasWritten(facts, actor.subject, ({ of, isOfIssue }) => of === 'closing' && !isOfIssue),
  detail: () => 'You closed this record; another person must change its text, its body or its dates',
};

const SECOND_PERSON = [notItsSuperseder, notItsCloser];

/** Returns the commands. Those that change a part of the record refuse the approver of its succession and who closed it. */
export const withSuccession = <Table extends CommandTable<Facts>>(table: Table): Table =>
  Object.fromEntries(
    Object.entries<CommandDefinition<Facts>>(table).map(([name, row]) => [
      name,
      row.emits.some((type) => CHANGES.has(type))
        ? {
            ...row,
            preconditions: [...(row.preconditions ?? []), ...SECOND_PERSON],
            rules: [...(row.rules ?? []), ...SECOND_PERSON.map((each) => asRule(each))],
          }
        : row,
    ]),
  ) as Table;

/** Erasure is left out: the law may ask for it, and it names its reason. */
const CHANGES: ReadonlySet<string> = new Set(
  Object.entries<Shape>(events).flatMap(([type, { writes }]) =>
    writes?.isChange && type !== REDACTION ? [type] : [],
  ),
);

/**
 * Returns the note for the successor.
 * @throws Error for a stream of another type.
 */
export function supersedesRecorded(successor: string, streamId: string): DecidedRecordEvent {
  const supersedes = recordIdOf(streamId);
  if (supersedes === null)
    throw new Error(`Stream ${streamId} is not a record’s stream, and only records can be superseded`);
  return { type: 'SupersedesRecorded', data: { supersedes }, streamId: recordStream(successor) };
}
