import { beforeEach, describe, expect, test } from '@jest/globals';
import { events as eventTypes } from '#state-machines/inspection-recommendation/v1/events';
import { RecordLog } from '#test/support/record-log';
import { timelineOf } from './timeline.ts';
import { withoutTexts } from '#event-sourcing/erasure';
import { todaysEvents } from '#test/support/todays-events';
import type { AnyData } from '#state-machines/inspection-recommendation/v1/record-event';
import { lifecycles } from '#state-machines/lifecycles';
import type { ReadEvent } from '#lifecycle/lifecycles';

describe('a timeline', () => {
  let log: RecordLog;

  beforeEach(() => {
    log = new RecordLog();
    log.issue('a', { text: 'Keep records.' });
  });

  const linesOf = (events: readonly ReadEvent[], seesInternal = true) =>
    Array.fromAsync(timelineOf(lifecycles, events, { seesInternal, whole: (of) => Promise.resolve(of) }));
  const lines = (seesInternal = true) => linesOf(log.events, seesInternal);

  test('lists who did what, when, and the written text', async () => {
    expect(await lines()).toEqual([
      {
        eventId: log.events[0]!.eventId,
        version: 1,
        type: 'RecommendationIssued',
        effectiveOn: '2026-01-01',
        recordedAt: log.events[0]!.recordedAt,
        actor: 'ada',
        role: null,
        headline: 'Recommendation issued to avon',
        text: 'Keep records.',
        recipient: 'avon',
        status: 'awaiting-review',
      },
    ]);
  });

  test('is in effective order, and the status is the one in that order', async () => {
    log.add('a', 'RecommendationCompleted', { statement: 'Done.' }, { effectiveOn: '2026-03-10' });
    log.add('a', 'CommentAdded', { text: 'late', visibility: 'public' }, { effectiveOn: '2026-03-01' });
    log.add('a', 'CommentAdded', { text: 'same day', visibility: 'public' }, { effectiveOn: '2026-03-10' });
    expect((await lines()).map(({ version, status }) => [version, status])).toEqual([
      [1, 'awaiting-review'],
      [3, 'awaiting-review'],
      [2, 'complete'],
      [4, 'complete'],
    ]);
  });

  test('shows internal comments, and their redaction, only to users who may read them', async () => {
    const internal = log.comment('a', 'between us', 'internal');
    const open = log.comment('a', 'for all');
    log.redact('a', internal, '/data/text');
    log.redact('a', open, '/data/text');
    expect((await lines()).map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
    expect((await lines(false)).map(({ version }) => version)).toEqual([1, 3, 5]);
    expect((await lines(false))[1]).toMatchObject({ visibility: 'public' });
    expect((await lines())[1]).toMatchObject({ visibility: 'internal', text: 'between us' });
  });

  test('shows a comment that completes another one at its place, once', async () => {
    const first = log.comment('a', 'Work has be');
    log.comment('a', 'Another.');
    const second = log.add('a', 'CommentAdded', {
      text: 'Work has beg',
      visibility: 'public',
      completes: first.eventId,
    });
    log.add('a', 'CommentAdded', {
      text: 'Work has begun.',
      visibility: 'public',
      completes: second.eventId,
      reason: 'The register says so.',
    });
    expect((await lines(false)).map(({ version, text }) => [version, text])).toEqual([
      [1, 'Keep records.'],
      [5, 'Work has begun.'],
      [3, 'Another.'],
    ]);
    expect((await lines())[1]).toMatchObject({ completes: second.eventId, reason: 'The register says so.' });
  });

  test('a comment without a visibility is not public', async () => {
    log.add('a', 'CommentAdded', { text: 'x' });
    expect(await lines(false)).toHaveLength(1);
  });

  test('a text that was erased is null, and one that was never written is absent', async () => {
    const comment = log.comment('a', 'a name');
    log.erase(comment, '/data/text');
    log.add('a', 'ProgressStarted', {});
    const [, erased, without] = await lines();
    expect(erased).toMatchObject({ text: null });
    expect(without).not.toHaveProperty('text');
  });

  test('shows the reason beside the text, and the ids that name others', async () => {
    log.add('a', 'TextAmended', { text: 'Keep all records.', reason: 'Misread.' });
    log.add('a', 'ClosureRequested', { statement: 'Done.' });
    log.add('a', 'ClosureRefused', { reason: 'Too soon.' });
    log.add('a', 'DeadlineExtended', { deadlineId: 'd2', dueOn: '2026-06-30', decides: ['e-1', 'e-2'] });
    log.add('a', 'NoFurtherActionDecided', { reason: 'superseded', statement: 'See b.', supersededBy: 'b' });
    log.add('a', 'SupersedesRecorded', { supersedes: 'c' });
    log.add('a', 'CommentAdded', { text: 'In full.', visibility: 'public', completes: 'e-3' });
    expect((await lines()).slice(1)).toMatchObject([
      { text: 'Keep all records.', reason: 'Misread.' },
      { text: 'Done.' },
      { text: 'Too soon.', reason: 'Too soon.' },
      { deadlineId: 'd2', decides: ['e-1', 'e-2'] },
      { text: 'See b.', reason: 'superseded', supersededBy: 'b' },
      { supersedes: 'c' },
      { text: 'In full.', completes: 'e-3' },
    ]);
    expect((await lines())[2]).not.toHaveProperty('reason');
  });

  test('shows why a text was redacted only to users who read everything', async () => {
    const open = log.comment('a', 'for all');
    log.redact('a', open, '/data/text');
    const { reason }: AnyData = log.events.at(-1)!.data;
    expect((await lines()).at(-1)).toMatchObject({ type: 'CommentRedacted', redacts: open.eventId, reason });
    const seen = (await lines(false)).at(-1);
    expect(seen).toMatchObject({ type: 'CommentRedacted', redacts: open.eventId });
    expect(seen).not.toHaveProperty('reason');
    expect(seen).not.toHaveProperty('text');
  });

  test('a reason that was erased is null', async () => {
    log.add('a', 'ClosureRequested', { statement: 'Done.' });
    const refused = log.add('a', 'ClosureRefused', { reason: 'A name.' });
    log.erase(refused, '/data/reason');
    expect((await lines())[2]).toMatchObject({ reason: null, text: null });
  });

  test('an import is one line that shows nothing of its source', async () => {
    log.add('a', 'RegisterRecordImported', {
      source: 'c2VjcmV0',
      sourceSha256: 'ab',
      length: 6,
      anomalies: [],
    });
    expect(JSON.stringify((await lines())[1])).not.toContain('c2VjcmV0');
    expect((await lines())[1]).toMatchObject({ headline: 'Imported from a register record' });
  });

  test('dates and reasons are in words', async () => {
    log.deadline('a', 'd1', '2026-06-30');
    log.add('a', 'NoFurtherActionDecided', {
      reason: 'no-longer-applicable',
      statement: 'The unit has closed.',
    });
    expect((await lines()).slice(1)).toMatchObject([
      { headline: 'Deadline set: 30 June 2026' },
      { headline: 'No further action needed: no longer applicable' },
    ]);
  });

  test('marks a response as late, and names a found date', async () => {
    log.add('a', 'DeadlineProposed', { deadlineId: 'd1', suggestedOn: '2026-06-30', rule: 'duration' });
    log.add('a', 'ResponseRequired', {});
    log.add('a', 'ResponsePublished', {
      position: 'no-action',
      text: 'None.',
      dueOn: '2026-01-01',
      late: true,
    });
    log.add('a', 'CommentAdded', { text: 'In full.', visibility: 'public', completes: 'e-3' });
    expect((await lines()).slice(1)).toMatchObject([
      { headline: 'Possible deadline found in the text: 30 June 2026' },
      { headline: 'A response is required' },
      { headline: 'Response published late: no action' },
      { headline: 'Comment that replaces an earlier one' },
    ]);
  });

  test('every event of the lifecycle has a headline, with any missing data', async () => {
    const [issued] = log.events;
    for (const type of Object.keys(eventTypes)) {
      const [, line = (await lines())[0]!] = await linesOf(
        todaysEvents([issued!, { ...issued!, eventId: 'e-2', type, version: 2, data: {} }]),
      );
      expect([type, line.headline]).toEqual([type, expect.stringMatching(/^[A-Z][\w :]+$/)]);
      expect(line.headline).not.toMatch(/undefined|null|NaN|Invalid/);
    }
  });

  test("an event of a later version has its type's name as headline", async () => {
    const [issued] = log.events;
    const later = { ...issued!, eventId: 'e-2', type: 'EvidenceLost', version: 2, data: {}, commitments: {} };
    expect((await linesOf(todaysEvents([issued!, later])))[1]).toMatchObject({
      headline: 'Evidence lost',
    });
  });

  test('shows submitted evidence, where a response was published otherwise, and named people', async () => {
    const sha256 = 'a'.repeat(64);
    log.add('a', 'EvidenceSubmitted', { items: [{ name: 'plan.pdf', sha256 }, { sha256 }] });
    log.add('a', 'ResponseRequired', {});
    log.add('a', 'ResponsePublished', {
      position: 'action-taken',
      text: 'Done.',
      publishedElsewhere: 'On the pages of the body.',
      late: true,
    });
    log.add('a', 'OwnerAssigned', { owner: 'bob' });
    expect((await lines()).slice(1)).toMatchObject([
      { evidence: ['plan.pdf', null] },
      {},
      { position: 'action-taken', late: true, publishedElsewhere: 'On the pages of the body.' },
      { owner: 'bob' },
    ]);
  });

  test('reads texts page by page, and only existing texts that a line shows', async () => {
    for (let index = 0; index < 100; index += 1) {
      log.comment('a', `Remark ${index}`);
      log.add('a', 'DeadlineApproaching', { deadlineId: 'd1', dueOn: '2026-06-30' });
    }
    const erased = log.comment('a', 'a name');
    log.erase(erased, '/data/text');
    log.add('a', 'RegisterRecordImported', {
      source: 'c2VjcmV0',
      sourceSha256: 'a'.repeat(64),
      length: 6,
      anomalies: [],
    });
    const reads: (readonly ReadEvent[])[] = [];
    const items = await Array.fromAsync(
      timelineOf(
        lifecycles,
        log.events.map((event) => withoutTexts(event)),
        {
          seesInternal: true,
          whole: (events) => {
            reads.push(events);
            const ids = new Set(events.map(({ eventId }) => eventId));
            return Promise.resolve(log.events.filter(({ eventId }) => ids.has(eventId)));
          },
        },
      ),
    );
    expect(items).toEqual(await lines());
    expect(reads.flat().map(({ type }) => type)).toEqual([
      'RecommendationIssued',
      ...Array.from({ length: 100 }, () => 'CommentAdded'),
    ]);
    expect(reads.length).toBeLessThanOrEqual(Math.ceil(log.events.length / 16));
  });

  test('is empty before the issue', async () => {
    expect(await linesOf([])).toEqual([]);
  });
});
