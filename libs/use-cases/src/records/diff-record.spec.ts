import { beforeEach, describe, expect, test } from '@jest/globals';
import { RecordLog } from '#test/support/record-log';
import { diffRecord } from './diff-record.ts';
import type { RecordDiff } from './diff-record.ts';
import { lifecycles } from '#state-machines/lifecycles';
import type { EventType } from '#state-machines/inspection-recommendation/v1/events';
import type { StoredData } from '#state-machines/inspection-recommendation/v1/record-event';
import { withoutRedacted } from '#state-machines/capabilities/redacted';

let log: RecordLog;
beforeEach(() => {
  log = new RecordLog();
  log.issue('a', { title: 'A title', text: 'A text' }, { effectiveOn: '2026-01-10' });
});

const add = <Type extends EventType>(
  type: Type,
  effectiveOn: string,
  data: Partial<StoredData[Type]> = {},
  recordedAt?: string,
) => log.add('a', type, data, { effectiveOn, ...(recordedAt !== undefined && { recordedAt }) });

const diff = (from: string, to: string, knownAt: string | null = null): RecordDiff | null =>
  diffRecord(lifecycles, withoutRedacted(log.events), { from, to, knownAt });

/** Returns the changes by their path. */
const changes = (from: string, to: string): Record<string, unknown> =>
  Object.fromEntries(diff(from, to)?.changes.map((change) => [change.what, [change.from, change.to]]) ?? []);

describe('the changes between two dates', () => {
  test('given moves in between, then the status and the regions that moved, and the events', () => {
    add('ProgressStarted', '2026-02-01');
    add('ClosureRequested', '2026-03-01');
    add('CommentAdded', '2026-03-02', { text: 'x', visibility: 'public' });

    expect(changes('2026-01-31', '2026-03-01')).toEqual({
      status: ['awaiting-review', 'being-progressed'],
      progress: ['awaiting-review', 'being-progressed'],
      closure: ['none', 'requested'],
    });
    expect(diff('2026-01-31', '2026-03-01')).toMatchObject({
      existed: true,
      from: '2026-01-31',
      to: '2026-03-01',
    });
    expect(diff('2026-01-31', '2026-03-01')?.events.map(({ type }) => type)).toEqual([
      'ProgressStarted',
      'ClosureRequested',
    ]);
  });

  test('given days before an undated issue, then the changes in between, and neither the issue nor its text', () => {
    add('ProgressStarted', '2019-01-01');
    add('RecommendationCompleted', '2020-06-05');

    expect(changes('2019-12-31', '2020-12-31')).toEqual({
      status: ['being-progressed', 'complete'],
      progress: ['being-progressed', 'complete'],
    });
    expect(diff('2018-12-31', '2020-12-31')).toMatchObject({ existed: false });
    expect(diff('2018-12-31', '2020-12-31')?.events.map(({ version }) => version)).toEqual([2, 3]);
    expect(diff('2017-12-31', '2018-12-31')).toBeNull();
  });

  test('given an event on each of the days, then the earlier day is left out and the later is in', () => {
    add('CommentAdded', '2026-02-01', { text: 'first' });
    add('CommentAdded', '2026-02-02', { text: 'second' });

    expect(diff('2026-02-01', '2026-02-02')?.events.map(({ version }) => version)).toEqual([3]);
    expect(diff('2026-02-02', '2026-02-02')).toMatchObject({ changes: [], events: [] });
  });

  test('given events that were recorded out of order, then they are listed in effective order', () => {
    add('CommentAdded', '2026-03-01', { text: 'late' });
    add('CommentAdded', '2026-02-01', { text: 'early' });

    expect(diff('2026-01-15', '2026-04-01')?.events.map(({ version }) => version)).toEqual([3, 2]);
  });

  test('given a deadline, then it is new, extended, and its state changes by itself', () => {
    add('DeadlineSet', '2026-02-01', { deadlineId: 'd1', kind: 'action', dueOn: '2026-03-31' });
    add('DeadlineExtended', '2026-03-20', { deadlineId: 'd1', dueOn: '2026-06-30' });

    expect(changes('2026-01-31', '2026-02-01')).toEqual({
      deadline: ['none', 'on-track'],
      'deadlines.d1': [null, { kind: 'action', dueOn: '2026-03-31', state: 'on-track' }],
    });
    expect(changes('2026-03-19', '2026-03-20')).toEqual({
      deadline: ['approaching', 'on-track'],
      'deadlines.d1': [
        { kind: 'action', dueOn: '2026-03-31', state: 'approaching' },
        { kind: 'action', dueOn: '2026-06-30', state: 'on-track' },
      ],
    });
    expect(changes('2026-06-30', '2026-07-01')).toMatchObject({ deadline: ['approaching', 'overdue'] });
    expect(diff('2026-06-30', '2026-07-01')?.events).toEqual([]);
  });

  test('given an owner, a recipient and another text, then the old and the new value', () => {
    add('OwnerAssigned', '2026-02-01', { owner: 'bob' });
    add('RecipientAssigned', '2026-02-01', { recipient: 'kent' });
    add('TextAmended', '2026-02-01', { text: 'Another text', reason: 'clearer' });

    expect(changes('2026-01-31', '2026-02-01')).toEqual({
      owner: [null, 'bob'],
      recipient: ['avon', 'kent'],
      text: ['A text', 'Another text'],
    });
  });

  test('given another title, then the old and the new one, and that the text is the same', () => {
    add('TextAmended', '2026-02-01', { title: 'Another title', reason: 'clearer' });
    expect(changes('2026-01-31', '2026-02-01')).toEqual({ title: ['A title', 'Another title'] });
  });

  test('given a deadline that was withdrawn, then it is none from its effective date on', () => {
    add('DeadlineSet', '2026-01-10', { deadlineId: 'd1', kind: 'action', dueOn: '2026-03-31' });
    add('DeadlineWithdrawn', '2026-02-01', { deadlineId: 'd1', reason: 'a slip' });
    const effective = { kind: 'action', dueOn: '2026-03-31', state: 'on-track' };
    expect(changes('2026-01-31', '2026-02-01')).toEqual({
      deadline: ['on-track', 'none'],
      'deadlines.d1': [effective, null],
    });
  });

  test('given texts that were redacted or erased since, then it changed, without further details', () => {
    const amended = add('TextAmended', '2026-02-01', { text: 'A name', reason: 'clearer' });
    log.redact('a', amended, '/data/text');
    expect(changes('2026-01-31', '2026-02-01')).toEqual({ text: ['A text', null] });

    log.erase(log.events[0] as (typeof log.events)[0], '/data/text');
    log.erase(amended, '/data/text');

    expect(changes('2026-01-31', '2026-02-01')).toEqual({ text: [null, null] });
    expect(changes('2026-01-15', '2026-01-31')).toEqual({});
  });

  test('given a first day before the issue, then everything is new', () => {
    add('ProgressStarted', '2026-02-01');

    const found = diff('2026-01-09', '2026-02-01');
    expect(found?.existed).toBe(false);
    expect(found?.changes.every(({ from }) => from === null)).toBe(true);
    expect(found?.changes.map(({ what }) => what)).toEqual([
      'status',
      'progress',
      'closure',
      'evidence',
      'response',
      'deadline',
      'recipient',
      'title',
      'text',
    ]);
    expect(found?.events.map(({ version }) => version)).toEqual([1, 2]);
  });

  test('given a second day before the issue, or no record, then nothing is listed', () => {
    expect(diff('2025-01-01', '2026-01-09')).toBeNull();
    expect(diffRecord(lifecycles, [], { from: '2026-01-01', to: '2026-02-01', knownAt: null })).toBeNull();
  });

  test('given an instant, then later events are not in it', () => {
    add('ProgressStarted', '2026-02-01', {}, '2026-06-01T12:00:00.000Z');

    expect(diff('2026-01-31', '2026-02-01', '2026-05-01T00:00:00.000Z')).toMatchObject({
      changes: [],
      events: [],
    });
    expect(diff('2026-01-31', '2026-02-01', '2026-06-01T12:00:00.000Z')?.changes).toHaveLength(2);
    expect(diff('2026-01-31', '2026-02-01', '2025-01-01T00:00:00.000Z')).toBeNull();
  });
});
