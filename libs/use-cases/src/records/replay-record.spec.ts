import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Envelope } from '#event-sourcing/envelope';
import { append, commit, draft } from '#test/support/event-commits';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { createSealer } from '#audit/seal';
import type { EventDraft } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import type { DecidedEvent } from '#lifecycle/decide';
import { replayRecord } from './replay-record.ts';
import { event, recordOn } from '#test/support/records';
import { todaysEvents } from '#test/support/todays-events';
import type { RecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import { lifecycles } from '#state-machines/lifecycles';

const STREAM = recordStream('730');
const TODAY = '2026-11-24';
const STREAM_ORDER = { effectiveOn: null, knownAt: null };
const actor = { subject: 'an-inspector', roles: ['inspector'] };

let store: MemoryEventStore;
beforeEach(() => {
  store = new MemoryEventStore(createSealer());
});

const stream = async (): Promise<readonly RecordEvent<Envelope>[]> =>
  todaysEvents(await store.readStream(STREAM));

async function stored(day: string, drafts: readonly EventDraft[]): Promise<void> {
  const { length } = await stream();
  const made = commit([append(STREAM, length, ...drafts)], { recordedAt: `${day}T12:00:00.000Z` });
  await store.append({ ...made, actor });
}

const recordedOn = (day: string, ...events: DecidedEvent[]): Promise<void> =>
  recordOn(store, '730', day, ...events);

const issued = event('RecommendationIssued', undefined, { title: 't', text: 't', recipient: 'avon' });
const due = event('DeadlineSet', undefined, { deadlineId: 'd1', kind: 'action', dueOn: '2026-03-31' });

/** `version type status/deadline legal` */
const short = (replay: ReturnType<typeof replayRecord>): string[] =>
  replay!.lines.map(
    ({ version, type, status, state, legal }) =>
      `${version} ${type} ${status}/${state['deadline']} ${legal ? 'legal' : 'illegal'}`,
  );

describe('in stream order', () => {
  test('given events, then each is a line with the state after it, and the deadline on its own day', async () => {
    await recordedOn('2026-01-10', issued, due);
    await recordedOn('2026-04-12', event('DeadlinePassed', '2026-04-01'), event('ProgressStarted'));

    const replay = replayRecord(lifecycles, await stream(), STREAM_ORDER, TODAY)!;

    expect(short(replay)).toEqual([
      '1 RecommendationIssued awaiting-review/none legal',
      '2 DeadlineSet awaiting-review/on-track legal',
      '3 DeadlinePassed awaiting-review/overdue legal',
      '4 ProgressStarted being-progressed/overdue legal',
    ]);
    expect(replay.lines[3]).toEqual({
      eventId: (await stream())[3]?.eventId,
      version: 4,
      type: 'ProgressStarted',
      effectiveOn: '2026-04-12',
      recordedAt: '2026-04-12T12:00:00.000Z',
      actor: 'an-inspector',
      status: 'being-progressed',
      state: {
        progress: 'being-progressed',
        closure: 'none',
        evidence: 'none',
        response: 'not-required',
        deadline: 'overdue',
      },
      legal: true,
      origin: 'command',
      role: 'inspector',
      guards: ['text-not-blank'],
      lifecycle: lifecycles.current('inspection-recommendation').reference,
    });
  });

  test('given grounds and names, then the lines contain them; erased values are null', async () => {
    await recordedOn('2026-01-10', issued, due);
    await recordedOn(
      '2026-02-10',
      event('ExtensionRequested', undefined, { deadlineId: 'd1', dueOn: '2026-06-30', reason: 'Staff.' }),
      event('RecommendationCompleted', undefined, { statement: 'Done.', decides: ['e-1'] }),
    );
    await store.erase(STREAM, 3, ['/data/reason']);

    const [first, , requested, completed] = replayRecord(
      lifecycles,
      await stream(),
      STREAM_ORDER,
      TODAY,
    )!.lines;
    expect(requested).toMatchObject({ reason: null, deadlineId: 'd1' });
    expect(completed).toMatchObject({ statement: 'Done.', decides: ['e-1'] });
    expect(completed).not.toHaveProperty('reason');
    expect(first).not.toHaveProperty('deadlineId');
  });

  test('given other members of events, then the lines contain them, whatever the type; erased values are null', async () => {
    await recordedOn(
      '2026-01-10',
      issued,
      event('OwnerAssigned', undefined, { owner: 'bob' }),
      event('OwnerAssigned', undefined, { owner: 'ann' }),
      event('ResponseRequired'),
      event('ResponsePublished', undefined, {
        position: 'no-action',
        text: 'None.',
        publishedElsewhere: 'A letter.',
        late: false,
      }),
      event('EvidenceSubmitted', undefined, { items: [{ name: 'a.pdf', sha256: '0'.repeat(64) }] }),
      event('UnknownStatusRecorded', undefined, { status: 'parked' }),
    );
    await store.erase(STREAM, 3, ['/data/owner']);

    const [first, ...lines] = replayRecord(lifecycles, await stream(), STREAM_ORDER, TODAY)!.lines;
    expect(first).toHaveProperty('recipient');
    expect(lines).toMatchObject([
      { owner: 'bob' },
      { owner: null },
      {},
      { position: 'no-action', late: false, publishedElsewhere: 'A letter.' },
      { evidence: ['a.pdf'] },
      { unknownStatus: 'parked' },
    ]);
  });

  test('given events, then the view is the present: the last version, and the deadline as of today', async () => {
    await recordedOn('2026-01-10', issued, due);

    expect(replayRecord(lifecycles, await stream(), STREAM_ORDER, TODAY)).toMatchObject({
      view: STREAM_ORDER,
      version: 2,
      status: 'awaiting-review',
      state: { progress: 'awaiting-review', deadline: 'escalated' },
    });
  });

  test('given no events, then it has nothing to replay', () => {
    expect(replayRecord(lifecycles, [], STREAM_ORDER, TODAY)).toBeNull();
    expect(replayRecord(lifecycles, [], { effectiveOn: TODAY, knownAt: null }, TODAY)).toBeNull();
  });

  test.each([
    ['a move that its region does not accept', 'RecommendationReopened'],
    ['an event that the lifecycle does not know', 'SomethingElse'],
    ['a second issue', 'RecommendationIssued'],
  ])('given %s, then it is not legal, moves nothing, and the replay continues', async (_, type) => {
    await recordedOn('2026-01-10', issued);
    await stored('2026-01-11', [
      draft('t', { type, effectiveOn: '2026-01-11', data: { recipient: 'kent' } }),
    ]);
    await stored('2026-01-12', [
      draft('t', { type: 'ProgressStarted', effectiveOn: '2026-01-12', data: {} }),
    ]);

    const replay = replayRecord(lifecycles, await stream(), STREAM_ORDER, TODAY)!;

    expect(short(replay)).toEqual([
      '1 RecommendationIssued awaiting-review/none legal',
      `2 ${type} awaiting-review/none illegal`,
      '3 ProgressStarted being-progressed/none legal',
    ]);
    expect(replay.last.body).toBe('avon');
  });

  test('given a stream that does not begin with the issue, then earlier events are not legal', async () => {
    await stored('2026-01-10', [draft('a note'), draft('t', { type: 'RecommendationIssued' })]);

    expect(short(replayRecord(lifecycles, await stream(), STREAM_ORDER, TODAY))).toEqual([
      '1 CommentAdded awaiting-review/none illegal',
      '2 RecommendationIssued awaiting-review/none legal',
    ]);
  });
});

describe('as effective and known', () => {
  beforeEach(async () => {
    await recordedOn('2026-01-10', issued, due);
    await recordedOn('2026-03-02', event('ProgressStarted'), event('ClosureRequested'));
    await recordedOn('2026-03-20', event('RecommendationCompleted', '2026-03-10'));
    await recordedOn('2026-03-21', event('CommentAdded', '2026-02-01', { text: 'Backdated.' }));
  });

  test('given a day, then the lines follow their effective dates, each with the state in that order', async () => {
    const view = { effectiveOn: '2026-03-10', knownAt: null };
    const replay = replayRecord(lifecycles, await stream(), view, TODAY)!;

    expect(short(replay)).toEqual([
      '1 RecommendationIssued awaiting-review/none legal',
      '2 DeadlineSet awaiting-review/on-track legal',
      '6 CommentAdded awaiting-review/on-track legal',
      '3 ProgressStarted being-progressed/on-track legal',
      '4 ClosureRequested being-progressed/on-track legal',
      '5 RecommendationCompleted complete/settled legal',
    ]);
    expect(replay).toMatchObject({ view, version: 6, status: 'complete', state: { deadline: 'settled' } });
  });

  test('given an instant, then later stored events are left out', async () => {
    const view = { effectiveOn: null, knownAt: '2026-03-20T12:00:00.000Z' };
    const replay = replayRecord(lifecycles, await stream(), view, TODAY)!;

    expect(replay.lines.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
    expect(replay).toMatchObject({ view, version: 5, status: 'complete' });
  });

  test('given both, then the version is that of the latest included event, and the deadline that of the day', async () => {
    const view = { effectiveOn: '2026-03-17', knownAt: '2026-03-15T00:00:00.000Z' };

    expect(replayRecord(lifecycles, await stream(), view, TODAY)).toMatchObject({
      version: 4,
      status: 'being-progressed',
      state: { closure: 'requested', deadline: 'approaching' },
    });
  });

  test('given a day before the issue, or an instant before it was stored, then it is empty', async () => {
    const events = await stream();

    expect(replayRecord(lifecycles, events, { effectiveOn: '2026-01-09', knownAt: null }, TODAY)).toBeNull();
    expect(
      replayRecord(lifecycles, events, { effectiveOn: null, knownAt: '2026-01-10T11:59:59.999Z' }, TODAY),
    ).toBeNull();
  });

  test('given an event that is not legal in stream order, then its line says so in effective order too', async () => {
    await stored('2026-03-22', [
      draft('t', { type: 'ProgressStarted', effectiveOn: '2026-01-20', data: {} }),
    ]);

    const view = { effectiveOn: '2026-02-01', knownAt: null };
    expect(short(replayRecord(lifecycles, await stream(), view, TODAY))).toContain(
      '7 ProgressStarted being-progressed/on-track illegal',
    );
  });

  test('given an event that only the order of the stream makes legal, then it is legal in effective order too', async () => {
    await recordedOn('2026-04-01', event('RecommendationReopened', '2026-03-05'));

    const view = { effectiveOn: '2026-03-05', knownAt: null };
    expect(short(replayRecord(lifecycles, await stream(), view, TODAY)).at(-1)).toBe(
      '7 RecommendationReopened being-progressed/on-track legal',
    );
  });
});
