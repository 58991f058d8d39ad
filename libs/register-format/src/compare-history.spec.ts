import { describe, expect, it } from '@jest/globals';
import { compareHistory, type HistoryEntry } from './compare-history.ts';

const status = (date: string | null, value: string): HistoryEntry => ({
  kind: 'status',
  date,
  status: value,
});
const comment = (date: string | null, text: string | null): HistoryEntry => ({ kind: 'comment', date, text });

const known = [
  status('2015-11-30', 'awaiting-review'),
  status('2016-09-30', 'being-progressed'),
  comment('2016-09-30', 'one\ntwo'),
];

describe('compareHistory', () => {
  it('given the same entries, then nothing changes', () => {
    expect(compareHistory(known, known)).toEqual({ outcome: 'unchanged', news: [] });
  });

  it('given a shorter file that agrees so far, then nothing changes', () => {
    expect(compareHistory(known, known.slice(0, 1)).outcome).toBe('unchanged');
    expect(compareHistory(known, []).outcome).toBe('unchanged');
  });

  it('given other line ends and another order of the file, then nothing changes', () => {
    const read = [comment('2016-09-30', 'one\r\ntwo\r'), ...known.slice(0, 2)];
    expect(compareHistory(known, read).outcome).toBe('differs');
    expect(compareHistory(known, [known[1]!, comment('2016-09-30', 'one\r\ntwo\r'), known[0]!]).outcome).toBe(
      'unchanged',
    );
  });

  it('given later entries, then they are the news, by date', () => {
    const later = comment('2018-08-14', 'later');
    const closing = status('2017-01-01', 'complete');
    expect(compareHistory(known, [later, closing, ...known])).toEqual({
      outcome: 'appended',
      news: [closing, later],
    });
  });

  it('given an older entry that is not known, then it is the difference, with its place', () => {
    const older = { ...comment('2016-01-01', 'older'), line: 9, column: 4 };
    expect(compareHistory(known, [...known, older])).toEqual({ outcome: 'differs', news: [], at: older });
  });

  it.each([
    ['another text', comment('2016-09-30', 'one two')],
    ['another date', comment('2016-10-01', 'one\ntwo')],
    ['another kind', status('2016-09-30', 'one\ntwo')],
    ['a redacted mark that nobody knows', comment('2016-09-30', '[redacted]')],
  ])('given %s, then history differs', (_, entry) => {
    expect(compareHistory(known, [...known.slice(0, 2), entry])).toMatchObject({
      outcome: 'differs',
      at: entry,
    });
  });

  it('given a redacted status, then any status of its date matches at its place, and no comment', () => {
    const redacted: HistoryEntry[] = [
      ...known.slice(0, 1),
      { kind: 'status', date: '2016-09-30', status: null },
    ];
    expect(compareHistory(redacted, [...known.slice(0, 1), status('2016-09-30', 'on-hold')]).outcome).toBe(
      'unchanged',
    );
    expect(compareHistory(redacted, [...known.slice(0, 1), comment('2016-09-30', 'one')]).outcome).toBe(
      'differs',
    );
  });

  it('given a redacted comment, then any comment of its date matches at its place, and no status', () => {
    const redacted = [...known.slice(0, 2), comment('2016-09-30', null)];
    expect(compareHistory(redacted, known).outcome).toBe('unchanged');
    expect(compareHistory(redacted, [...known.slice(0, 2), status('2016-09-30', 'complete')]).outcome).toBe(
      'differs',
    );
    expect(compareHistory(redacted, [...known.slice(0, 2), comment('2016-10-01', 'one')]).outcome).toBe(
      'differs',
    );
  });

  it('given a file without any valid date, then only kind, status and text count', () => {
    const read = [
      status(null, 'awaiting-review'),
      status(null, 'being-progressed'),
      comment(null, 'one\ntwo'),
    ];
    expect(compareHistory(known, read).outcome).toBe('unchanged');
  });
});
