import { describe, expect, it } from '@jest/globals';
import { compareHistory, unknownEntries, type KnownEntry } from './compare-history.ts';

const status = (date: string | null, value: string): KnownEntry => ({
  kind: 'status',
  date,
  status: value,
});
const comment = (date: string | null, text: string | null) => ({ kind: 'comment' as const, date, text });

const known = [
  status('2015-11-30', 'awaiting-review'),
  status('2016-09-30', 'being-progressed'),
  comment('2016-09-30', 'one\ntwo'),
];

/** Returns the result of a comparison as a short text. */
function outcomeOf(before: readonly KnownEntry[], read: readonly KnownEntry[]) {
  const compared = compareHistory(before, read);
  if (!compared.agrees) return { differsAt: compared.at };
  const { newEntries, completed } = compared;
  return {
    newEntries,
    ...(completed.length > 0 && { completed }),
  };
}
const unchanged = { newEntries: [] };

describe('compareHistory', () => {
  it('given the same entries, then nothing changes', () => {
    expect(outcomeOf(known, known)).toEqual(unchanged);
  });

  it('given a shorter file that agrees up to its end, then nothing changes', () => {
    expect(outcomeOf(known, known.slice(0, 1))).toEqual(unchanged);
    expect(outcomeOf(known, [])).toEqual(unchanged);
  });

  it('given other line ends and another order of the file, then nothing changes', () => {
    const read = [comment('2016-09-30', 'one\r\ntwo\r'), ...known.slice(0, 2)];
    expect(outcomeOf(known, read)).toHaveProperty('differsAt');
    expect(outcomeOf(known, [known[1]!, comment('2016-09-30', 'one\r\ntwo\r'), known[0]!])).toEqual(
      unchanged,
    );
  });

  it('given later entries, then they are new, by date', () => {
    const later = comment('2018-08-14', 'later');
    const closing = status('2017-01-01', 'complete');
    expect(outcomeOf(known, [later, closing, ...known])).toEqual({
      newEntries: [closing, later],
    });
  });

  it('given an older entry that is not known, then it is the difference, with its place', () => {
    const older = { ...comment('2016-01-01', 'older'), line: 9, column: 4 };
    expect(outcomeOf(known, [...known, older])).toEqual({ differsAt: older });
  });

  it.each([
    ['another text', comment('2016-09-30', 'one two')],
    ['another date', comment('2016-10-01', 'one\ntwo')],
    ['another kind', status('2016-09-30', 'one\ntwo')],
    ['an unknown redacted mark', comment('2016-09-30', '[redacted]')],
  ])('given %s, then history differs', (_, entry) => {
    expect(outcomeOf(known, [...known.slice(0, 2), entry])).toEqual({ differsAt: entry });
  });

  it('given a redacted status, then any status of its date matches at its place, and no comment', () => {
    const redacted: KnownEntry[] = [
      ...known.slice(0, 1),
      { kind: 'status', date: '2016-09-30', status: null },
    ];
    expect(outcomeOf(redacted, [...known.slice(0, 1), status('2016-09-30', 'on-hold')])).toEqual(unchanged);
    expect(outcomeOf(redacted, [...known.slice(0, 1), comment('2016-09-30', 'one')])).toHaveProperty(
      'differsAt',
    );
  });

  it('given a redacted comment, then any comment of its date matches at its place, and no status', () => {
    const redacted = [...known.slice(0, 2), comment('2016-09-30', null)];
    expect(outcomeOf(redacted, known)).toEqual(unchanged);
    expect(outcomeOf(redacted, [...known.slice(0, 2), status('2016-09-30', 'complete')])).toHaveProperty(
      'differsAt',
    );
    expect(outcomeOf(redacted, [...known.slice(0, 2), comment('2016-10-01', 'one')])).toHaveProperty(
      'differsAt',
    );
  });

  it('given a file without any valid date, then only kind, status and text count', () => {
    const read = [
      status(null, 'awaiting-review'),
      status(null, 'being-progressed'),
      comment(null, 'one\ntwo'),
    ];
    expect(outcomeOf(known, read)).toEqual(unchanged);
  });

  describe('a comment that the end of its file cut', () => {
    const cutComment = (text: string): KnownEntry => ({ ...comment('2018-08-14', text), cutOff: true });
    const whole = comment('2018-08-14', 'It is done.\n\nAll [/comment of it, \u00e9t\u00e9.');

    it.each([
      'It is d',
      'It is done.\n\nAll [/comm',
      'It is done.\n\nAll [',
      'It is done.\n\nAll [/comment of it, \ufffd',
      '[/co',
      '',
    ])('given %j, then a longer one completes it', (text) => {
      expect(outcomeOf([...known, cutComment(text)], [...known, whole])).toEqual({
        newEntries: [],
        completed: [{ known: cutComment(text), read: whole }],
      });
    });

    it('given the same text, then nothing changes', () => {
      expect(outcomeOf([cutComment('Done.')], [comment('2018-08-14', 'Done.')])).toEqual(unchanged);
    });

    it('given another text, or one that was not cut, then history differs', () => {
      expect(outcomeOf([cutComment('It was')], [whole])).toEqual({ differsAt: whole });
      expect(outcomeOf([comment('2018-08-14', 'It is d')], [whole])).toEqual({ differsAt: whole });
    });

    it('given a copy that ends earlier, then nothing changes', () => {
      expect(outcomeOf([whole], [cutComment('It is d')])).toEqual(unchanged);
      expect(outcomeOf([cutComment('It is done.')], [cutComment('It is d')])).toEqual(unchanged);
      expect(outcomeOf([whole], [cutComment('It was')])).toEqual({ differsAt: cutComment('It was') });
    });

    it('given that it was redacted, then nothing changes', () => {
      expect(outcomeOf([{ ...comment('2018-08-14', null), cutOff: true }], [whole])).toEqual(unchanged);
    });
  });

  describe('an entry dated ahead of its time', () => {
    const ahead = (date: string, text: string): KnownEntry => ({ ...comment(date, text), ahead: true });
    const slip = comment('2062-10-01', 'a slip');
    const later = comment('2027-01-01', 'later');

    it('allows entries to be added before it', () => {
      const before = [...known, ahead('2062-10-01', 'a slip')];
      expect(outcomeOf(before, [...known, slip])).toEqual(unchanged);
      expect(outcomeOf(before, known)).toEqual(unchanged);
      expect(outcomeOf(before, [...known, slip, later])).toEqual({ newEntries: [later] });
      expect(outcomeOf([...before, later], [...known, slip, later])).toEqual(unchanged);
    });

    it('must be in the file if an entry is added before it', () => {
      expect(outcomeOf([...known, ahead('2062-10-01', 'a slip')], [...known, later])).toEqual({
        differsAt: later,
      });
    });

    it('adds nothing between known entries', () => {
      const between = comment('2016-01-01', 'between');
      const before = [...known, ahead('2062-10-01', 'a slip')];
      expect(outcomeOf(before, [...known, slip, between])).toEqual({ differsAt: between });
    });
  });
});

describe('unknownEntries', () => {
  const a = comment('2016-10-01', 'a');
  const b = comment('2016-10-01', 'b');

  it.each<[string, KnownEntry[], KnownEntry[], KnownEntry[]]>([
    ['the same entries in another order', [a, b], [b, a], []],
    ['fewer entries', [a, b], [b], []],
    ['an entry more often', [a, b], [a, a, b], [a]],
    [
      'an entry before the known ones',
      known,
      [comment('2015-01-01', 'old'), ...known],
      [comment('2015-01-01', 'old')],
    ],
    ['another day', [a], [comment('2016-10-02', 'a')], [comment('2016-10-02', 'a')]],
    ['a text that was erased', [comment('2016-10-01', null), b], [a, b], []],
    ['a text that was erased, twice', [comment('2016-10-01', null)], [a, b], [b]],
    [
      'a comment that the end of the file cuts',
      [a, comment('2016-10-01', 'It is done.')],
      [{ ...comment('2016-10-01', 'It is d'), cutOff: true }],
      [],
    ],
    ['no valid date', [a, b], [comment(null, 'b'), comment(null, 'c')], [comment(null, 'c')]],
  ])('given %s', (_, before, read, expected) => {
    expect(unknownEntries(before, read)).toEqual(expected);
  });
});
