import { describe, expect, test } from '@jest/globals';
import type { Envelope, JsonObject } from '#event-sourcing/envelope';
import { openReadModels } from '#projections/open-read-models';
import { events } from '#state-machines/inspection-recommendation/v1/events';
import type { EventType } from '#state-machines/inspection-recommendation/v1/events';
import { foldInParts, liveRows } from '#test/support/read-models';
import type { Row } from '#test/support/read-models';
import { RecordLog } from '#test/support/record-log';
import { PROJECTIONS } from './projections.ts';

const DUE = { deadlineId: 'd1', dueOn: '2026-06-30' };
const EVIDENCE = {
  items: [
    { name: 'minutes', url: 'https://example.org/minutes' },
    { name: 'a plan', url: 'https://example.org/plan' },
  ],
  note: 'both',
};

/** Events of one record: every type with sensitive data, with all its texts. */
const HISTORY: readonly (readonly [EventType, JsonObject])[] = [
  ['RegisterRecordImported', { source: 'a row' }],
  ['UnknownStatusRecorded', { status: 'Pending' }],
  ['OwnerAssigned', { owner: 'Ottoline' }],
  ['RecipientAssigned', { recipient: 'kent' }],
  ['TextAmended', {}],
  ['CommentAdded', { visibility: 'public' }],
  ['CommentAdded', { visibility: 'internal' }],
  ['CommentRedacted', { eventId: 'unknown', erased: [] }],
  ['DeadlineSet', { ...DUE, kind: 'action' }],
  ['ExtensionRequested', { ...DUE, dueOn: '2026-07-31' }],
  ['ExtensionRefused', { ...DUE }],
  ['DeadlineExtended', { ...DUE, dueOn: '2026-08-31' }],
  ['DeadlineDismissed', { deadlineId: 'd2' }],
  ['DeadlineSet', { deadlineId: 'd3', kind: 'response', dueOn: '2026-02-28' }],
  ['DeadlineWithdrawn', { deadlineId: 'd3' }],
  ['CorrectionRequested', { eventId: 'unknown', recipient: 'kent' }],
  ['CorrectionRefused', { eventId: 'unknown', decides: [] }],
  ['ResponseRequired', {}],
  ['ResponsePublished', {}],
  ['ProgressStarted', {}],
  ['ReturnedToReview', {}],
  ['ProgressStarted', {}],
  ['EvidenceSubmitted', EVIDENCE],
  ['EvidenceRejected', {}],
  ['EvidenceSubmitted', EVIDENCE],
  ['EvidenceAccepted', {}],
  ['ClosureRequested', {}],
  ['ClosureRefused', {}],
  ['RecommendationCompleted', {}],
  ['RecommendationReopened', {}],
  ['OwnerAssigned', { owner: 'Peverell' }],
  ['NoFurtherActionDecided', {}],
];

/** Returns every text member of an event type, except those in lists. */
const textsOf = (type: EventType): JsonObject =>
  Object.fromEntries(
    events[type].sensitive
      .filter((pointer) => !pointer.includes('*'))
      .map((pointer) => [pointer.split('/')[2] ?? '', 'words']),
  );

/** Adds a record with this history to the log, and returns its events. */
function addRecord(log: RecordLog, id: string, history: typeof HISTORY): RecordLog['events'] {
  const before = log.events.length;
  log.issue(id);
  for (const [type, data] of history) {
    if (events[type].kind === 'move') expect([type, log.accepts(id, type)]).toEqual([type, true]);
    log.add(id, type, { ...textsOf(type), ...data });
  }
  return log.events.slice(before);
}

/** Returns the rows of all read models, folded batch by batch. */
async function rowsOf(
  ...batches: readonly (readonly Envelope[])[]
): Promise<Record<string, Record<string, Row[]>>> {
  const database = await openReadModels({ kind: 'memory' }, PROJECTIONS);
  try {
    const rows: Record<string, Record<string, Row[]>> = {};
    await foldInParts(database, batches);
    for (const projection of PROJECTIONS) rows[projection.name] = await liveRows(database, projection);
    return rows;
  } finally {
    await database.close();
  }
}

describe('read models that saw a value before it was erased', () => {
  const patterns = (type: string, envelopes: readonly Envelope[]): Set<string> =>
    new Set(
      envelopes
        .filter((event) => event.type === type)
        .flatMap(({ commitments }) => Object.keys(commitments))
        .map((pointer) => pointer.replace(/\/\d+\//, '/*/')),
    );

  const all = addRecord(new RecordLog(), 'a', HISTORY);

  test('are tested with every sensitive value of any event', () => {
    for (const [type, { sensitive }] of Object.entries(events))
      expect([type, patterns(type, all)]).toEqual([type, new Set(sensitive)]);
  });

  const values = all.flatMap(({ version, commitments }) =>
    Object.keys(commitments).map((pointer) => ({ version, pointer })),
  );

  /** Each record loses one value, so that no other redaction hides a row that keeps it. */
  test.each([
    ['at once', HISTORY.length],
    ['while it is the last event', 0],
  ])(
    'are the same as if folded after the redaction, with the later events folded %s',
    async (_, following) => {
      const log = new RecordLog();
      const targets = values.map(({ version, pointer }) => {
        const id = `${version}${pointer.replaceAll('/', '-')}`;
        const own = addRecord(log, id, HISTORY.slice(0, version - 1 + following));
        return { id, pointer, target: own[version - 1] as Envelope };
      });
      const seen = [...log.events];
      for (const { id, pointer, target } of targets) {
        log.redact(id, target, pointer);
        log.erase(target, pointer);
      }
      // The following assertions rely on these rows.
      expect(await rowsOf(seen, log.events.slice(seen.length))).toEqual(await rowsOf(log.events));
    },
  );
});
