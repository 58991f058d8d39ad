import { eventData } from '#lifecycle/capability';
import { describe, expect, test } from '@jest/globals';
import { eraseFromEnvelope } from '#event-sourcing/erasure';
import { RecordLog } from '#test/support/record-log';
import { judgingCommand } from './decided-events.ts';
import { DismissDeadlinePayload, EmptyPayload, ReasonPayload } from './payloads.ts';
import { asRecordEvent } from './record-event.ts';
import type {
  AnyData,
  DecidedRecordEvent,
  ImportedRecordEvent,
  RecordEnvelope,
  RecordEvent,
} from './record-event.ts';
import { memberValue } from './line-members.ts';

// The compiler checks this file: `npm run lint` fails if a line below a @ts-expect-error compiles.

const decided = (...events: readonly DecidedRecordEvent[]) => events;
const imported = (...events: readonly ImportedRecordEvent[]) => events;
const row = { summary: 'Does something.', roles: ['inspector'], emits: ['ReturnedToReview'] } as const;

/** Decisions that the compiler refuses. */
export const refusedDecisions = [
  decided(
    { type: 'OwnerAssigned', data: { owner: 'ann' } },
    // @ts-expect-error -- a member is misspelt
    { type: 'OwnerAssigned', data: { owner: 'ann', reasn: 'She left.' } },
  ),
  // @ts-expect-error -- a sensitive member is missing
  decided({ type: 'OwnerAssigned', data: {} }),
  // @ts-expect-error -- a command requires a reason
  decided({ type: 'ReturnedToReview', data: {} }),
  // @ts-expect-error -- a decision lists the events that it decides
  decided({ type: 'EvidenceRejected', data: { reason: 'Not this.' } }),
  // @ts-expect-error -- a member has another type
  decided({ type: 'DeadlineSet', data: { deadlineId: 'd1', kind: 'action', dueOn: 20260630 } }),
  // @ts-expect-error -- no deadline is of this kind
  decided({ type: 'DeadlineSet', data: { deadlineId: 'd1', kind: 'urgent', dueOn: '2026-06-30' } }),
  // @ts-expect-error -- the member belongs to another type of event
  decided({ type: 'ClosureRequested', data: { statement: 'Done.', dueOn: '2026-06-30' } }),
  // @ts-expect-error -- there is no such type
  decided({ type: 'OwnerNamed', data: { owner: 'ann' } }),
  judgingCommand({
    ...row,
    payload: ReasonPayload,
    events: (_, payload) => [{ type: 'ReturnedToReview', data: eventData(payload) }],
  }),
  judgingCommand({
    ...row,
    payload: EmptyPayload,
    // @ts-expect-error -- the payload has no reason
    events: (_, payload) => [{ type: 'ReturnedToReview', data: eventData(payload) }],
  }),
  judgingCommand({
    ...row,
    payload: DismissDeadlinePayload,
    // @ts-expect-error -- the payload may have no reason
    events: (_, payload) => [{ type: 'DeadlineWithdrawn', data: eventData(payload) }],
  }),
];

/** Imports that the compiler refuses, next to valid ones: a register has no reasons. */
export const refusedImports = [
  imported({ type: 'ReturnedToReview', data: {} }, { type: 'RecommendationCompleted', data: {} }),
  imported({ type: 'NoFurtherActionDecided', data: { statedOn: '2030-01-01' } }),
  // @ts-expect-error -- a member is misspelt
  imported({ type: 'NoFurtherActionDecided', data: { statedon: '2030-01-01' } }),
  // @ts-expect-error -- a comment has a text
  imported({ type: 'CommentAdded', data: { visibility: 'public' } }),
];

/** Reads that the compiler refuses. */
export function refusedReads(event: RecordEvent): (string | undefined)[] {
  const { reason, owner }: AnyData = event.data;
  // @ts-expect-error -- no event has such a member
  memberValue(event as RecordEnvelope, 'ownr');
  // @ts-expect-error -- not every event has this member
  const anyText = String(event.data.text);
  const read: (string | undefined)[] = [reason, owner, anyText];
  switch (event.type) {
    case 'OwnerAssigned': {
      // @ts-expect-error -- the owner can be erased
      const always: string = event.data.owner;
      return [...read, always];
    }
    case 'RecommendationIssued': {
      const { report } = event.data;
      // @ts-expect-error -- the name of the report can be erased
      const always: string | undefined = report?.name.trim();
      // The publication date cannot be erased.
      return [...read, always, report?.publishedOn.trim()];
    }
    case 'EvidenceSubmitted': {
      const [item] = event.data.items;
      // @ts-expect-error -- the names of submitted items can be erased
      const always: string | undefined = item?.name.trim();
      // The digests of submitted items cannot be erased.
      return [...read, always, item?.sha256.trim()];
    }
    case 'NoFurtherActionDecided': {
      // @ts-expect-error -- an imported event has no reason
      const always: string = event.data.reason;
      return [...read, always];
    }
    case 'DeadlineSet':
      return [...read, event.data.dueOn.trim()];
    // @ts-expect-error -- there is no such type
    case 'OwnerNamed':
      return read;
    default:
      return read;
  }
}

describe('an event of a record', () => {
  test('is typed at no cost: it is the same object', () => {
    const event = new RecordLog().issue('a');
    expect(asRecordEvent(event)).toBe(event);
  });

  test('lacks its erased values, as its type says', () => {
    const log = new RecordLog();
    log.issue('a');
    const comment = log.comment('a', 'a text');
    const event = asRecordEvent(eraseFromEnvelope(comment, ['/data/text']));
    expect(event.type === 'CommentAdded' && event.data.text === undefined).toBe(true);
    expect(event.type === 'CommentAdded' && event.data.visibility).toBe('public');
  });

  test('has of a payload neither the effective date nor the members that are only compared', () => {
    const payload = { effectiveOn: '2026-01-01', decides: ['e-1'], reason: 'Why.' };
    expect(eventData(payload)).toEqual({ reason: 'Why.' });
  });
});
