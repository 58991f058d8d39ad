import { asRule } from '#lifecycle/decide';
import type { LifecycleState, OtherRecord } from '#lifecycle/lifecycle-definition';
import type { Foreseen, OtherStates, Rule } from '#lifecycle/decide';
import { isOpen } from './deadlines.ts';
import type { Facts } from './facts.ts';
import type { SupersedePayload } from './payloads.ts';
import { personOf } from '../../capabilities/persons.ts';
import { recordIdOf, recordStream } from '../kind.ts';
import type { DecidedRecordEvent } from './record-event.ts';

/** The successor, its own successor, and so on: the next of them that is not loaded, until a record that has none. */
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

/** A record's successor exists, is open, is not the record itself, and does not lead back to it. */
export const successorRules = <Payload>(
  successorOf: (payload: Payload) => string | undefined,
): readonly Rule<Facts, Payload>[] => {
  const named = (payload: Payload): string => successorOf(payload) ?? '';
  const rule = (
    code: string,
    holds: (stream: string, streamId: string, others: OtherStates<Facts>) => boolean,
    detail: (successor: string) => string,
  ): Rule<Facts, Payload> => ({
    code,
    holds: (_, payload, { streamId, others }) => {
      const successor = successorOf(payload);
      return successor === undefined || holds(recordStream(successor), streamId, others);
    },
    detail: (_, payload) => detail(named(payload)),
  });
  return [
    rule(
      'successor-is-itself',
      (stream, streamId) => stream !== streamId,
      () => 'A record cannot take its own place; name another one',
    ),
    rule(
      'successor-not-found',
      (stream, streamId, others) => stream === streamId || !!others.get(stream),
      (successor) => `There is no record ${successor} that could take the place of this one`,
    ),
    // A chain that leads back here would leave no record that counts.
    rule(
      'supersede-cycle',
      (_, streamId, others) =>
        [...others.values()].every((state) => {
          const successor = state?.facts.supersededBy ?? null;
          return successor === null || recordStream(successor) !== streamId;
        }),
      (successor) =>
        `Record ${successor} was itself superseded, in the end by this record; reopen one of them first`,
    ),
    rule(
      'successor-closed',
      (stream, streamId, others) => {
        const state = others.get(stream);
        return stream === streamId || !state || isOpen(state.value);
      },
      (successor) => `Record ${successor} is closed itself; name one that is open, or reopen it first`,
    ),
  ];
};

/** Whoever made the successor or gave it its dates would else move the dates of this record alone. */
export const notItsMaker: Rule<Facts, SupersedePayload> = {
  code: 'not-the-maker-of-the-successor',
  kind: 'people',
  holds: (_, { by }, { actor, others }) => !isMaker(others.get(recordStream(by)), actor.subject),
  detail: (_, { by }) => makerDetail(by),
};

const isMaker = (
  successor: Pick<LifecycleState<Facts>, 'facts'> | null | undefined,
  subject: string,
): boolean => successor?.facts.makers.includes(personOf(subject)) === true;

const makerDetail = (by: string): string =>
  `You issued or imported record ${by}, or decided on one of its dates; another person must approve that it takes the place of this one`;

/** The same before it is given, of the successor that was asked for. */
export const requestedSuccessor: OtherRecord<Facts> = {
  idOf: ({ facts }) => facts.closure?.supersededBy ?? null,
  against: ({ id, state }, { actor }) =>
    isMaker(state, actor.subject)
      ? { code: 'separation-of-duties', detail: makerDetail(id), guard: notItsMaker.code }
      : null,
};

/** The same afterwards: whoever approved that a record takes the place of another does not alone say by when it is due. */
export const supersederForeseen: Foreseen<Facts> = {
  code: 'not-the-approver-of-the-supersession',
  kind: 'people',
  holds: ({ facts }, { actor }) => !facts.successionApprovers.includes(personOf(actor.subject)),
  detail: () =>
    'You approved that this record takes the place of another one; another person must decide on its dates',
};

export const notItsSuperseder: Rule<Facts, unknown> = asRule(supersederForeseen);

/**
 * On the successor, whose place it takes.
 * @throws Error where the stream is no record's: the note would name none.
 */
export function supersedesRecorded(successor: string, streamId: string): DecidedRecordEvent {
  const supersedes = recordIdOf(streamId);
  if (supersedes === null)
    throw new Error(`Stream ${streamId} is no record's, and only a record is superseded`);
  return { type: 'SupersedesRecorded', data: { supersedes }, streamId: recordStream(successor) };
}
