import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pointerTokens } from '#event-sourcing/erasure';
import type { JsonObject } from '#event-sourcing/envelope';
import { DEADLINES_MAX } from '../../capabilities/deadlines.ts';
import { historyFrom, RecordLog } from '#test/support/record-log';
import { events } from './events.ts';
import type { EventType } from './events.ts';
import { summary } from './summary.ts';

const anyHistory = fc.array(fc.nat(), { minLength: 20, maxLength: 120 });

type Summary = typeof summary.initial;

/** Returns the summaries of a log's records. */
function summariesOf({ events }: RecordLog, between: (one: Summary) => Summary = (one) => one): Summary[] {
  const summaries = new Map<string, Summary>();
  for (const event of events) {
    if (event.state === null) continue;
    const before = summaries.get(event.streamId) ?? summary.initial;
    summaries.set(event.streamId, between(summary.after(before, event, event.state)));
  }
  return [...summaries.values()];
}

const throughJson = (one: Summary): Summary => JSON.parse(JSON.stringify(one)) as Summary;

test('given any history, then summaries that are written and read between its events are the same in the end', () => {
  fc.assert(
    fc.property(anyHistory, (choices) => {
      const log = historyFrom(choices);
      expect(summariesOf(log, throughJson)).toEqual(summariesOf(log));
    }),
  );
});

test('given any history, then no text that can be erased is in a summary', () => {
  fc.assert(
    fc.property(anyHistory, (choices) => {
      const log = historyFrom(choices);
      for (const event of log.events)
        for (const pointer of Object.keys(event.commitments))
          if (isText(event, pointer)) mark(event, pointer);
      expect(JSON.stringify(summariesOf(log))).not.toContain('Brackenbury');
    }),
  );
});

/** Returns whether a member can be erased according to its shape: the reason for closure, for example, is a code. */
const isText = ({ type }: { readonly type: EventType }, pointer: string): boolean =>
  events[type].sensitive.some((sensitive) => sensitive === pointer.replace(/\/\d+/, '/*'));

/** Inserts a word into a text of an event. */
function mark({ data }: { data: JsonObject }, pointer: string): void {
  const [last, ...path] = pointerTokens(pointer).slice(1).reverse();
  const holder: unknown = path.reduceRight((at: object, name) => Reflect.get(at, name) as object, data);
  if (typeof holder === 'object' && holder !== null && last !== undefined && Object.hasOwn(holder, last))
    Reflect.set(holder, last, 'Brackenbury');
}

test('given a record with everything open and the most deadlines, then the summary has 50,000 characters at most', () => {
  const log = new RecordLog();
  log.issue('a');
  const items = Array.from({ length: DEADLINES_MAX }, (_, index) => `d${index + 1}`);
  for (const deadlineId of items) log.deadline('a', deadlineId, '2026-06-30');
  for (const deadlineId of items) log.add('a', 'ExtensionRequested', { deadlineId, dueOn: '2026-07-30' });
  for (let round = 0; round < 500; round += 1) {
    log.add('a', 'EvidenceSubmitted', { items: [] }, { subject: `person-${round % 10}` });
    log.comment('a', 'A comment.');
    log.add('a', 'OwnerAssigned', { owner: 'ada' });
  }
  log.add('a', 'ClosureRequested', {});
  const [one] = summariesOf(log).map((each) => JSON.stringify(each));
  expect(one?.length).toBeLessThan(50_000);
});
