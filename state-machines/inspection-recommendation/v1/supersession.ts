import type { OtherStates, Rule } from '#lifecycle/decide';
import { isOpen } from './deadlines.ts';
import type { Facts } from './facts.ts';
import type { SupersedePayload } from './payloads.ts';
import { recordIdOf, recordStream } from '../../record-streams.ts';
import type { DecidedRecordEvent } from './record-event.ts';

/** The successor, its own successor, and so on: the next of them that is not loaded, until a record that has none. */
export function nextSuccessor(
  { by }: SupersedePayload,
  streamId: string,
  loaded: OtherStates<Facts>,
): string | null {
  let next: string | null = recordStream(by);
  while (next !== null && next !== streamId) {
    const state = loaded.get(next);
    if (state === undefined) return next;
    const successor: string | null = state?.facts.supersededBy ?? null;
    next = successor && recordStream(successor);
  }
  return null;
}

export const anotherRecord: Rule<Facts, SupersedePayload> = {
  code: 'successor-is-itself',
  holds: (_, { by }, { streamId }) => recordStream(by) !== streamId,
  detail: () => 'A record cannot take its own place; name another one in "by"',
};

export const successorExists: Rule<Facts, SupersedePayload> = {
  code: 'successor-not-found',
  holds: (_, { by }, { streamId, others }) => recordStream(by) === streamId || !!others.get(recordStream(by)),
  detail: (_, { by }) => `There is no record ${by} that could take the place of this one`,
};

export const successorOpen: Rule<Facts, SupersedePayload> = {
  code: 'successor-closed',
  holds: (_, { by }, { streamId, others }) => {
    const successor = others.get(recordStream(by));
    return recordStream(by) === streamId || !successor || isOpen(successor.value);
  },
  detail: (_, { by }) => `Record ${by} is closed itself; name one that is open, or reopen it first`,
};

/** A chain that leads back here would leave no record that counts. */
export const noCycle: Rule<Facts, SupersedePayload> = {
  code: 'supersede-cycle',
  holds: (_, __, { streamId, others }) =>
    [...others.values()].every((state) => {
      const successor = state?.facts.supersededBy ?? null;
      return successor === null || recordStream(successor) !== streamId;
    }),
  detail: (_, { by }) =>
    `Record ${by} was itself superseded, in the end by this record; reopen one of them first`,
};

/**
 * The decision here, and on the successor a note that says whose place it takes: both are stored, or neither.
 * @throws Error where the stream is no record's: the note would name none.
 */
export function supersededBy(
  { by, statement }: SupersedePayload,
  streamId: string,
): readonly DecidedRecordEvent[] {
  const supersedes = recordIdOf(streamId);
  if (supersedes === null)
    throw new Error(`Stream ${streamId} is no record's, and only a record is superseded`);
  return [
    { type: 'NoFurtherActionDecided', data: { reason: 'superseded', statement, supersededBy: by } },
    { type: 'SupersedesRecorded', data: { supersedes }, streamId: recordStream(by) },
  ];
}
