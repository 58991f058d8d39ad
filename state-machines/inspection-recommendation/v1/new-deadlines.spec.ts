import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '#event-sourcing/envelope';
import { FOUND_MAX } from '#deadlines/find-deadlines';
import { decisionServices } from '#use-cases/records/dates-in-text';
import { DATES_IN_TEXT } from '../../capabilities/dates-in-text.ts';
import { deadlineEvents } from './new-deadlines.ts';
import type { NewDeadlines } from './new-deadlines.ts';

const EVENT = '6f9619ff-8b86-5011-b42d-00c04fc964ff';

const eventsFor = (
  text: string,
  more: Partial<NewDeadlines> = {},
  publishedOn: string | null = '2016-01-05',
): JsonObject[] =>
  deadlineEvents({
    requested: [],
    responseDueOn: null,
    eventId: EVENT,
    found: decisionServices[DATES_IN_TEXT].find(text, publishedOn),
    ...more,
  }).map(({ type, data }) => ({ type, ...data }));

const at = (from: number, to: number) => ({ eventId: EVENT, from, to });

describe('the deadlines of a new record', () => {
  test('given a day in its text, then it is a deadline, with its place', () => {
    expect(eventsFor('By 30 June 2016, every force should publish a plan.')).toEqual([
      { type: 'DeadlineSet', deadlineId: 'd1', kind: 'action', dueOn: '2016-06-30', source: at(0, 15) },
    ]);
  });

  test('given a period in its text, then it is proposed, with the rule that counted it', () => {
    expect(eventsFor('Within six months, every force should publish a plan.')).toEqual([
      {
        type: 'DeadlineProposed',
        deadlineId: 'd1',
        kind: 'action',
        suggestedOn: '2016-07-05',
        rule: 'after-publication',
        source: at(0, 17),
      },
    ]);
  });

  test('given a date that its text names too, then it is one deadline, and has its place', () => {
    const more = { requested: ['2016-06-30', '2016-12-31'] };
    expect(eventsFor('By 30 June 2016, every force should publish a plan.', more)).toEqual([
      { type: 'DeadlineSet', deadlineId: 'd1', kind: 'action', dueOn: '2016-06-30', source: at(0, 15) },
      { type: 'DeadlineSet', deadlineId: 'd2', kind: 'action', dueOn: '2016-12-31' },
    ]);
  });

  test('given all kinds, then their ids follow each other: named, response, text', () => {
    const text = 'By 30 June 2016, forces should plan, and by September 2016 they should act.';
    expect(
      eventsFor(text, { requested: ['2016-03-31'], responseDueOn: '2016-02-29' }).map(
        ({ type, deadlineId, kind }) => [type, deadlineId, kind],
      ),
    ).toEqual([
      ['DeadlineSet', 'd1', 'action'],
      ['DeadlineSet', 'd2', 'response'],
      ['DeadlineSet', 'd3', 'action'],
      ['DeadlineProposed', 'd4', 'action'],
    ]);
  });

  test('given the same day twice, in the text or among the named ones, then it is one deadline', () => {
    const text = 'By 30 June 2016, forces should plan. By 30 June 2016, forces should act.';
    expect(eventsFor(text)).toHaveLength(1);
    expect(eventsFor('Nothing.', { requested: ['2016-06-30', '2016-06-30'] })).toHaveLength(1);
  });

  test('given a day that another sentence suggests too, then it is a deadline, whichever comes first', () => {
    const sentences = [
      'By the end of June 2026, forces should review.',
      'By 30 June 2026, forces should publish.',
    ];
    for (const text of [sentences.join(' '), sentences.toReversed().join(' ')]) {
      expect(eventsFor(text)).toMatchObject([{ type: 'DeadlineSet', deadlineId: 'd1', dueOn: '2026-06-30' }]);
    }
  });

  test('given a text before all dates of its record, then deadlines counted from publication have no date', () => {
    expect(eventsFor('Within six months, or by 30 June 2016, forces should plan.', {}, null)).toMatchObject([
      { type: 'DeadlineProposed', suggestedOn: null, rule: 'after-publication', source: at(0, 17) },
      { type: 'DeadlineProposed', suggestedOn: '2016-06-30', rule: 'publication-not-known' },
    ]);
  });

  test('given more dates than any text has, then the first of them, and where the search ended', () => {
    const text = Array.from(
      { length: FOUND_MAX + 50 },
      (_, index) => `By 1 ${index % 2 === 0 ? 'March' : 'April'} ${2017 + (index >> 1)}, forces should act.`,
    ).join(' ');
    const events = eventsFor(text);
    expect(events).toHaveLength(FOUND_MAX + 1);
    expect(events.slice(0, -1).every(({ type }) => type === 'DeadlineSet')).toBe(true);
    expect(events.at(-1)).toMatchObject({
      type: 'DeadlineProposed',
      suggestedOn: null,
      rule: 'not-searched',
      source: { to: text.length },
    });
  });
});
