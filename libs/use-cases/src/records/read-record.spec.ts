import { beforeEach, describe, expect, test } from '@jest/globals';
import { atOnce } from '#event-sourcing/folding';
import type { Envelope } from '#event-sourcing/envelope';
import { commands } from '#state-machines/inspection-recommendation/v1/policy';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { createSealer } from '#audit/seal';
import type { Origin } from '#event-sourcing/envelope';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { reasonsBeforehand } from '#lifecycle/reasons-beforehand';
import type { DecidedEvent } from '#lifecycle/decide';
import { currentState, readRecord } from './read-record.ts';
import { replayRecord } from './replay-record.ts';
import { event, extended, issuedEvent, recordDecided } from '#test/support/records';
import { todaysEvents } from '#test/support/todays-events';
import type { RecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import { lifecycles } from '#state-machines/lifecycles';

const STREAM = recordStream('730');
const TODAY = '2026-11-24';
const NOW_VIEW = { effectiveOn: null, knownAt: null };

let store: MemoryEventStore;
beforeEach(() => {
  store = new MemoryEventStore(createSealer());
});

const stream = async (): Promise<readonly RecordEvent<Envelope>[]> =>
  todaysEvents(await store.readStream(STREAM));

/** Appends events, recorded at noon of a day and effective on that day by default. */
const recordedOn = (day: string, events: DecidedEvent[], origin?: Origin): Promise<void> =>
  recordDecided(store, '730', `${day}T12:00:00.000Z`, events, origin);

const issued = (effectiveOn?: string): DecidedEvent => {
  const { type, data } = issuedEvent();
  const report = { name: 'A report', publishedOn: '2026-01-01' };
  return event(type, effectiveOn, { ...data, report });
};
const due = (dueOn: string, deadlineId = 'd1', effectiveOn?: string): DecidedEvent =>
  event('DeadlineSet', effectiveOn, { deadlineId, kind: 'action', dueOn });
const swept = (type: string, effectiveOn: string): DecidedEvent =>
  event(type, effectiveOn, { deadlineId: 'd1' });

/**
 * Returns the regions in the notation of the worked examples, on a day and as known at the end of another;
 * 404 if there is no record. Asserts that the read and the replayed record are equal.
 */
async function viewOf(effectiveOn: string | null, knownOn: string | null = null): Promise<string> {
  const view = { effectiveOn, knownAt: knownOn && `${knownOn}T23:59:59.999Z` };
  const events = await stream();
  const read = atOnce(readRecord(lifecycles, events, view, TODAY));
  const replayed = replayRecord(lifecycles, events, view, TODAY);
  const seen = read && { status: read.status, state: read.state, version: read.version };
  expect(replayed && { status: replayed.status, state: replayed.state, version: replayed.version }).toEqual(
    seen,
  );
  if (read === null) return '404';
  expect(read.status).toBe(read.state['progress']);
  return ['progress', 'closure', 'evidence', 'deadline'].map((region) => read.state[region]).join('/');
}

describe('a record whose undated issue an import put on its own day', () => {
  beforeEach(async () => {
    await recordedOn('2026-06-01', [issued()], 'import');
    await recordedOn(
      '2026-06-02',
      [event('ProgressStarted', '2019-01-01'), event('RecommendationCompleted', '2020-06-05')],
      'import',
    );
  });

  test('exists from its earliest event on, known or not, and names its subject', async () => {
    expect(await viewOf('2018-12-31')).toBe('404');
    expect(await viewOf('2019-01-01')).toBe('being-progressed/none/none/none');
    expect(await viewOf('2020-06-05')).toBe('complete/none/none/none');
    expect(await viewOf('2020-06-05', '2026-06-01')).toBe('404');
    expect(await viewOf('2020-06-05', '2026-05-31')).toBe('404');
    expect(await viewOf('2026-06-01', '2026-06-01')).toBe('awaiting-review/none/none/none');
    expect(
      atOnce(readRecord(lifecycles, await stream(), { effectiveOn: '2020-06-05', knownAt: null }, TODAY)),
    ).toMatchObject({
      title: 'A title',
      text: 'A text',
      recipient: 'avon',
      statusOrigin: 'import',
    });
  });
});

describe('effective and known, the worked examples', () => {
  test('1: given record 730, imported and swept on one day, then each day before shows what was effective on it', async () => {
    await recordedOn(
      '2026-11-24',
      [
        issued('2015-11-30'),
        due('2016-06-30', 'd1', '2015-11-30'),
        event('ProgressStarted', '2016-09-30'),
        event('CommentAdded', '2016-09-30', { text: 'One.', visibility: 'public' }),
        event('CommentAdded', '2018-08-14', { text: 'Two.', visibility: 'public' }),
      ],
      'import',
    );
    await recordedOn(
      '2026-11-24',
      [
        swept('DeadlineApproaching', '2016-06-16'),
        swept('DeadlinePassed', '2016-07-01'),
        swept('DeadlineEscalated', '2016-07-30'),
      ],
      'sweep',
    );

    expect(await viewOf('2015-11-29')).toBe('404');
    expect(await viewOf('2015-11-30')).toBe('awaiting-review/none/none/on-track');
    expect(await viewOf('2016-06-15')).toBe('awaiting-review/none/none/on-track');
    expect(await viewOf('2016-06-16')).toBe('awaiting-review/none/none/approaching');
    expect(await viewOf('2016-06-30')).toBe('awaiting-review/none/none/approaching');
    expect(await viewOf('2016-07-01')).toBe('awaiting-review/none/none/overdue');
    expect(await viewOf('2016-07-29')).toBe('awaiting-review/none/none/overdue');
    expect(await viewOf('2016-07-30')).toBe('awaiting-review/none/none/escalated');
    expect(await viewOf('2016-09-29')).toBe('awaiting-review/none/none/escalated');
    expect(await viewOf('2016-09-30')).toBe('being-progressed/none/none/escalated');
    expect(await viewOf('2016-09-30', '2026-11-23')).toBe('404');
    expect(await viewOf(null, '2026-11-23')).toBe('404');
  });

  test('2: given a completion that was recorded late, then it is visible only with knowledge of it', async () => {
    await recordedOn('2026-02-01', [issued(), event('ProgressStarted')]);
    await recordedOn('2026-03-02', [event('ClosureRequested')]);
    await recordedOn('2026-03-20', [event('RecommendationCompleted', '2026-03-10')]);

    expect(await viewOf('2026-03-12', '2026-03-15')).toBe('being-progressed/requested/none/none');
    expect(await viewOf('2026-03-12', '2026-03-21')).toBe('complete/none/none/none');
    expect(await viewOf('2026-03-09', '2026-03-21')).toBe('being-progressed/requested/none/none');
  });

  test('3: given an extension, when the sweep notices the old date after it, then the date as it was in force counts', async () => {
    await recordedOn('2026-01-10', [issued(), due('2026-03-31')]);
    await recordedOn('2026-04-10', [extended('2026-06-30')]);
    await recordedOn('2026-04-12', [swept('DeadlinePassed', '2026-04-01')], 'sweep');

    expect(await viewOf('2026-04-05')).toBe('awaiting-review/none/none/overdue');
    expect(await viewOf('2026-04-05', '2026-04-11')).toBe('awaiting-review/none/none/overdue');
    expect(await viewOf('2026-04-10')).toBe('awaiting-review/none/none/on-track');
    expect(await viewOf('2026-04-12')).toBe('awaiting-review/none/none/on-track');
  });

  test('4: given a late closing and a reopening, then the deadline is settled between them and runs on after', async () => {
    await recordedOn('2026-01-10', [issued(), due('2026-03-31')]);
    await recordedOn('2026-04-03', [event('RecommendationCompleted')]);
    await recordedOn('2026-04-12', [swept('DeadlinePassed', '2026-04-01')], 'sweep');
    await recordedOn('2026-05-10', [event('RecommendationReopened')]);
    const expected = [
      ['2026-04-02', 'awaiting-review/none/none/overdue'],
      ['2026-04-03', 'complete/none/none/settled'],
      ['2026-05-09', 'complete/none/none/settled'],
      ['2026-05-10', 'being-progressed/none/none/escalated'],
    ] as const;
    for (const [day, state] of expected) expect([day, await viewOf(day)]).toEqual([day, state]);

    await recordedOn('2026-05-11', [swept('DeadlineEscalated', '2026-05-10')], 'sweep');
    for (const [day, state] of expected) expect([day, await viewOf(day)]).toEqual([day, state]);
  });

  test('5: given two deadlines, when the first is extended beyond the second, then the earliest in force counts', async () => {
    await recordedOn('2017-01-10', [issued(), due('2017-03-31'), due('2017-09-30', 'd2')]);
    await recordedOn('2017-04-10', [extended('2017-12-31')]);

    expect(await viewOf('2017-04-05')).toBe('awaiting-review/none/none/overdue');
    expect(await viewOf('2017-04-10')).toBe('awaiting-review/none/none/on-track');
    expect(await viewOf('2017-10-01')).toBe('awaiting-review/none/none/overdue');
  });

  test('6: given new evidence behind a request for closure, then approval is not refused and each region moves on its own', async () => {
    await recordedOn('2026-01-10', [issued(), event('ProgressStarted')]);
    await recordedOn('2026-02-01', [event('EvidenceSubmitted')]);
    await recordedOn('2026-02-02', [event('EvidenceAccepted')]);
    await recordedOn('2026-02-05', [event('ClosureRequested')]);
    await recordedOn('2026-02-06', [event('EvidenceSubmitted')]);
    const approver = { subject: 'an-approver', roles: ['approver'] };
    expect(
      reasonsBeforehand(
        lifecycles.current('inspection-recommendation'),
        commands['approve-closure'],
        currentState(lifecycles, await stream())!,
        { actor: approver, bodies: [], today: TODAY },
        ['approver'],
      ),
    ).toEqual([]);

    await recordedOn('2026-02-10', [event('NoFurtherActionDecided')]);
    await recordedOn('2026-03-01', [event('RecommendationReopened')]);

    expect(await viewOf('2026-02-05')).toBe('being-progressed/requested/accepted/none');
    expect(await viewOf('2026-02-06')).toBe('being-progressed/requested/submitted/none');
    expect(await viewOf('2026-02-10')).toBe('no-further-action-needed/none/submitted/none');
    expect(await viewOf('2026-03-01')).toBe('being-progressed/none/none/none');
  });
});

describe('a record', () => {
  beforeEach(async () => {
    await recordedOn('2026-01-10', [
      issued(),
      event('ResponseRequired'),
      due('2026-03-31'),
      event('DeadlineSet', undefined, { deadlineId: 'd2', kind: 'response', dueOn: '2026-02-25' }),
    ]);
    await recordedOn('2026-02-20', [event('ResponsePublished', undefined, { text: 'Ours.' })]);
    await recordedOn('2026-03-01', [event('OwnerAssigned', undefined, { owner: 'an-owner' })]);
    await recordedOn('2026-03-20', [extended('2026-12-31'), event('ProgressStarted', '2026-03-02')]);
    await recordedOn('2026-04-01', [
      event('TextAmended', undefined, { text: 'Another text', reason: 'A slip.' }),
    ]);
  });

  test('given no view, then it is current, with each deadline as of today', async () => {
    expect(atOnce(readRecord(lifecycles, await stream(), NOW_VIEW, TODAY))).toEqual({
      id: '730',
      title: 'A title',
      text: 'Another text',
      reference: null,
      issue: null,
      report: { name: 'A report', publishedOn: '2026-01-01' },
      anomalies: [],
      recipient: 'avon',
      pending: { extensions: [], proposals: [], corrections: [] },
      proposedDeadlines: [],
      supersededBy: null,
      owner: 'an-owner',
      status: 'being-progressed',
      statusOrigin: 'command',
      state: {
        progress: 'being-progressed',
        closure: 'none',
        evidence: 'none',
        response: 'published',
        deadline: 'on-track',
      },
      version: 9,
      lifecycle: { name: 'inspection-recommendation', version: 1 },
      issuedOn: '2026-01-10',
      deadlines: [
        { id: 'd1', kind: 'action', dueOn: '2026-12-31', firstDueOn: '2026-03-31', state: 'on-track' },
        { id: 'd2', kind: 'response', dueOn: '2026-02-25', firstDueOn: '2026-02-25', state: 'settled' },
      ],
    });
  });

  test('given a day, then texts, owner, deadlines and version are those of that day', async () => {
    expect(
      atOnce(readRecord(lifecycles, await stream(), { effectiveOn: '2026-02-15', knownAt: null }, TODAY)),
    ).toMatchObject({
      text: 'A text',
      owner: null,
      status: 'awaiting-review',
      version: 4,
      deadlines: [
        { id: 'd1', dueOn: '2026-03-31', state: 'on-track' },
        { id: 'd2', dueOn: '2026-02-25', state: 'approaching' },
      ],
    });
  });

  test('given a title that was amended, then it is said from its day on, and the text stays', async () => {
    await recordedOn('2026-04-02', [
      event('TextAmended', undefined, { title: 'Another', reason: 'A slip.' }),
    ]);
    const before = { effectiveOn: '2026-04-01', knownAt: null };
    expect(atOnce(readRecord(lifecycles, await stream(), before, TODAY))).toMatchObject({ title: 'A title' });
    expect(atOnce(readRecord(lifecycles, await stream(), NOW_VIEW, TODAY))).toMatchObject({
      title: 'Another',
      text: 'Another text',
    });
  });

  test('given a deadline that was withdrawn, then it is in force until the day before, and then none', async () => {
    await recordedOn('2026-04-20', [
      event('DeadlineWithdrawn', '2026-04-10', { deadlineId: 'd1', reason: 'A slip.' }),
    ]);
    const on = (day: string, knownAt: string | null = null) =>
      atOnce(readRecord(lifecycles, [...events], { effectiveOn: day, knownAt }, TODAY));
    const events = await stream();
    expect(on('2026-04-09')).toMatchObject({
      deadlines: [{ id: 'd1' }, { id: 'd2' }],
      state: { deadline: 'on-track' },
    });
    expect(on('2026-04-10')).toMatchObject({ deadlines: [{ id: 'd2' }], state: { deadline: 'none' } });
    expect(on('2026-04-10', '2026-04-19T12:00:00.000Z')).toMatchObject({ state: { deadline: 'on-track' } });
    expect(atOnce(readRecord(lifecycles, events, NOW_VIEW, TODAY))).toMatchObject({
      deadlines: [{ id: 'd2' }],
    });
  });

  test('given deadlines of which the later one is effective earlier, then a view lists them as the record does', async () => {
    await recordedOn('2026-04-20', [due('2026-12-31', 'd3', '2026-02-01')]);
    const listed = (view: typeof NOW_VIEW | { effectiveOn: string; knownAt: null }) =>
      stream().then((events) =>
        atOnce(readRecord(lifecycles, events, view, TODAY))?.deadlines.map(({ id }) => id),
      );
    expect(await listed(NOW_VIEW)).toEqual(['d1', 'd2', 'd3']);
    expect(await listed({ effectiveOn: TODAY, knownAt: null })).toEqual(['d1', 'd2', 'd3']);
  });

  test('given words that were amended away with effect from before their deadline was confirmed, then views show that', async () => {
    const source = { eventId: 'an-event', from: 0, to: 9 };
    const confirmed = { deadlineId: 'd3', kind: 'action', dueOn: '2026-12-31', source };
    await recordedOn('2026-04-20', [
      event('DeadlineProposed', '2026-02-01', { deadlineId: 'd3', suggestedOn: null, rule: 'r', source }),
      event('DeadlineSet', '2026-04-20', confirmed),
      event('TextAmended', '2026-04-01', { text: 'None.', places: [{ deadlineId: 'd3', source: null }] }),
    ]);
    const view = (effectiveOn: string | null, knownAt: string | null = null) =>
      stream().then((events) =>
        atOnce(readRecord(lifecycles, events, { effectiveOn, knownAt }, TODAY))?.deadlines.at(-1),
      );
    for (const each of [view(null), view(TODAY), view(null, '2026-04-21T00:00:00.000Z')])
      expect(await each).toMatchObject({ id: 'd3', source: null, sourceGone: true });
  });

  test('given an instant, then only facts stored by then count, and deadlines are as of today', async () => {
    const at = (knownAt: string) => ({ effectiveOn: null, knownAt });
    const before = atOnce(readRecord(lifecycles, await stream(), at('2026-03-20T11:59:59.999Z'), TODAY));
    const then = atOnce(readRecord(lifecycles, await stream(), at('2026-03-20T12:00:00.000Z'), TODAY));

    expect(before).toMatchObject({ status: 'awaiting-review', version: 6, state: { deadline: 'escalated' } });
    expect(then).toMatchObject({ status: 'being-progressed', version: 8, state: { deadline: 'on-track' } });
  });

  test('given a day on which a later version is effective, then its version is the latest one included', async () => {
    const view = { effectiveOn: '2026-03-02', knownAt: null };
    expect(atOnce(readRecord(lifecycles, await stream(), view, TODAY))).toMatchObject({
      status: 'being-progressed',
      version: 8,
    });
  });

  test('given a day before the issue, or no events, then it has none', async () => {
    expect(
      atOnce(readRecord(lifecycles, await stream(), { effectiveOn: '2026-01-09', knownAt: null }, TODAY)),
    ).toBeNull();
    expect(atOnce(readRecord(lifecycles, [], NOW_VIEW, TODAY))).toBeNull();
    expect(atOnce(readRecord(lifecycles, [], { effectiveOn: TODAY, knownAt: null }, TODAY))).toBeNull();
  });

  test('given an erased text, then it is null', async () => {
    await store.erase(STREAM, 1, ['/data/title']);
    await store.erase(STREAM, 9, ['/data/text']);

    expect(atOnce(readRecord(lifecycles, await stream(), NOW_VIEW, TODAY))).toMatchObject({
      title: null,
      text: null,
    });
  });
});
