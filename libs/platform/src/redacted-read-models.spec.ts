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

/** Events of one record, of every type that has something sensitive, with all of it. */
const HISTORY: readonly (readonly [EventType, JsonObject])[] = [
  ['RegisterRecordImported', { source: 'a row', sourceSha256: 'abc' }],
  ['UnknownStatusRecorded', { status: 'Pending' }],
  ['OwnerAssigned', { owner: 'Ottoline', reason: 'r' }],
  ['RecipientAssigned', { recipient: 'kent', reason: 'r' }],
  ['TextAmended', { title: 'Better', text: 'Better text', reason: 'r' }],
  ['CommentAdded', { text: 'said', visibility: 'public', reason: 'r' }],
  ['CommentAdded', { text: 'said', visibility: 'internal' }],
  ['CommentRedacted', { eventId: 'unknown', erased: [], reason: 'r' }],
  ['DeadlineSet', { ...DUE, kind: 'action', note: 'n' }],
  ['ExtensionRequested', { ...DUE, dueOn: '2026-07-31', reason: 'r' }],
  ['ExtensionRefused', { ...DUE, reason: 'r' }],
  ['DeadlineExtended', { ...DUE, dueOn: '2026-08-31', reason: 'r' }],
  ['DeadlineDismissed', { deadlineId: 'd2', reason: 'r' }],
  ['DeadlineSet', { deadlineId: 'd3', kind: 'response', dueOn: '2026-02-28' }],
  ['DeadlineWithdrawn', { deadlineId: 'd3', reason: 'r' }],
  ['CorrectionRequested', { eventId: 'unknown', recipient: 'kent', reason: 'r' }],
  ['CorrectionRefused', { eventId: 'unknown', decides: [], reason: 'r' }],
  ['ResponseRequired', {}],
  ['ResponsePublished', { text: 'we agree', publishedElsewhere: 'https://example.org/answer' }],
  ['ProgressStarted', {}],
  ['ReturnedToReview', { reason: 'r' }],
  ['ProgressStarted', {}],
  ['EvidenceSubmitted', EVIDENCE],
  ['EvidenceRejected', { reason: 'r' }],
  ['EvidenceSubmitted', EVIDENCE],
  ['EvidenceAccepted', { note: 'n' }],
  ['ClosureRequested', { statement: 's' }],
  ['ClosureRefused', { reason: 'r' }],
  ['RecommendationCompleted', { statement: 's' }],
  ['RecommendationReopened', { reason: 'r' }],
  ['OwnerAssigned', { owner: 'Peverell', reason: 'r' }],
  ['NoFurtherActionDecided', { statement: 's' }],
];

function logOf(history: typeof HISTORY): RecordLog {
  const log = new RecordLog();
  log.issue('a');
  for (const [type, data] of history) {
    if (events[type].kind === 'move') expect([type, log.takes('a', type)]).toEqual([type, true]);
    log.add('a', type, data);
  }
  return log;
}

/** The rows of all read models, folded batch by batch. */
async function rowsOf(
  ...batches: readonly (readonly Envelope[])[]
): Promise<Record<string, Record<string, Row[]>>> {
  const database = await openReadModels({ kind: 'memory' });
  try {
    const rows: Record<string, Record<string, Row[]>> = {};
    for (const projection of PROJECTIONS) {
      await foldInParts(database, projection, batches);
      rows[projection.name] = await liveRows(database, projection);
    }
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

  test('are tried with everything that is sensitive in any event', () => {
    const log = logOf(HISTORY);
    for (const [type, { sensitive }] of Object.entries(events))
      expect([type, patterns(type, log.events)]).toEqual([type, new Set(sensitive)]);
  });

  const sensitive = logOf(HISTORY).events.flatMap(({ type, version, commitments }) =>
    Object.keys(commitments).map((pointer) => ({ type, version, pointer })),
  );

  describe.each([
    ['at once', HISTORY.length],
    ['while it is the last event', 0],
  ])('with what followed folded %s', (_, following) => {
    test.each(sensitive)('are as folded after it, given $type, version $version, $pointer', async (of) => {
      const { version, pointer } = of;
      const history = HISTORY.slice(0, version - 1 + following);
      const log = logOf(history);
      const seen = [...log.events];
      const target = log.events.find((event) => event.version === version) as Envelope;
      const redaction = log.redact('a', target, pointer);
      log.erase(target, pointer);
      const live = await rowsOf(seen, [redaction]);
      expect(live).toEqual(await rowsOf(log.events));
      // And whatever follows, after either.
      const more = log.deadline('a', 'd9', '2026-09-30');
      expect(await rowsOf(seen, [redaction], [more])).toEqual(await rowsOf(log.events));
    });
  });
});
