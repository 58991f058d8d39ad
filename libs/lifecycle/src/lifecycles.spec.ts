import { describe, expect, test } from '@jest/globals';
import type { LifecycleReference } from '#event-sourcing/envelope';
import { letters } from '#test/second-lifecycle/letters';
import { book, nextBook } from '#test/support/book-lifecycle';
import type { BookFacts } from '#test/support/book-lifecycle';
import { folded } from '#test/support/recording';
import type { DecisionContext } from './decide.ts';
import { Lifecycles, UnknownLifecycleError, withCommands } from './lifecycles.ts';

const lifecycles = new Lifecycles(book, nextBook);

const event = (type: string, lifecycle: LifecycleReference | null) => ({
  ...folded(type),
  streamId: 'book-1',
  version: 3,
  lifecycle,
});

test('a refusal for the state names the commands that come first: after each of them the other is possible', () => {
  const { lend, praise } = book.commands;
  const row = (type: string) => ({ ...praise!, emits: [type] });
  const commands = { lend: lend!, return: row('Returned'), sell: row('Sold'), wish: row('Wished') };
  const lending = withCommands(book, { ...book, commands });
  const whyNot = (place: string, wish: string, command: string) =>
    lending.whyNot({ place, wish }, lending.commands[command]!);
  expect(whyNot('out', 'none', 'lend')).toBe('The record must be shelf; it is out; use return first');
  expect(whyNot('shelf', 'none', 'wish')).toBe('The record must be out; it is shelf; use lend first');
  expect(whyNot('gone', 'none', 'lend')).toBe('The record must be shelf; it is gone');
  expect(whyNot('shelf', 'none', 'lend')).toBeNull();
});

test('given a command that a body may use, then its people cannot backdate it, unless the row says so', () => {
  const kind = { ...book.kind, roles: { staff: ['librarian'], body: ['reader'] } };
  const { lend, praise } = book.commands;
  const commands = { lend: lend!, praise: praise!, late: { ...praise!, bodyMayBackdate: true as const } };
  const rows = withCommands(book, { ...book, kind, commands }).commands;
  const codesOf = (name: string) => rows[name]?.rules?.map(({ code }) => code) ?? [];
  expect(['lend', 'praise', 'late'].map(codesOf)).toEqual([[], ['effective-date-not-yours'], []]);
  const [rule] = rows['praise']!.rules!;
  const isMet = (role: string, effectiveOn?: string) =>
    rule!.isMet(book.initialState('2026-01-01'), { effectiveOn }, {
      ...{ role, today: '2026-01-02' },
    } as DecisionContext<BookFacts>);
  expect([isMet('reader'), isMet('reader', '2026-01-02'), isMet('librarian', '2026-01-01')]).toEqual([
    true,
    true,
    true,
  ]);
  expect(isMet('reader', '2026-01-01')).toBe(false);
});

describe('the lifecycle of an event', () => {
  test('is the lifecycle that the event names, whichever is current', () => {
    expect(lifecycles.current('book')).toBe(nextBook);
    expect(lifecycles.of(event('Lent', { ...book.reference }))).toBe(book);
    expect(lifecycles.of(event('Lent', { ...nextBook.reference }))).toBe(nextBook);
  });

  test('is unknown if it names none: the current one may differ from the one of its recording', () => {
    expect(lifecycles.find(null)).toBeNull();
    const lookUp = () => lifecycles.of(event('Lent', null));
    expect(lookUp).toThrow(UnknownLifecycleError);
    expect(lookUp).toThrow('Version 3 of book-1 was recorded under lifecycle none, which');
    expect(() => lifecycles.evolve(null, event('Bought', null))).toThrow(UnknownLifecycleError);
  });

  test.each<[string, LifecycleReference]>([
    ['another digest', { ...book.reference, digest: '9'.repeat(64) }],
    ['another version of that digest', { ...book.reference, version: 7 }],
    ['another name of that digest', { ...book.reference, name: 'door' }],
    ['what is not a reference', {} as LifecycleReference],
  ])(
    'given %s, is unknown, and the error names the event, the lifecycle, and the next step',
    (_, reference) => {
      expect(lifecycles.find(reference)).toBeNull();
      const lookUp = () => lifecycles.of(event('Lent', reference));
      expect(lookUp).toThrow(UnknownLifecycleError);
      expect(lookUp).toThrow(
        `Version 3 of book-1 was recorded under lifecycle ${reference.name} v${reference.version}`,
      );
      expect(lookUp).toThrow(`(digest ${reference.digest})`);
      expect(lookUp).toThrow('Use a build that has it');
      expect(() => lifecycles.evolve(null, event('Bought', reference))).toThrow(UnknownLifecycleError);
    },
  );

  test('folds it: a stream can continue under another version', () => {
    const bought = lifecycles.evolve(null, event('Bought', book.reference));
    expect(() => lifecycles.evolve(bought, event('Worn', book.reference))).toThrow(
      'book has no event "Worn"',
    );
    const worn = lifecycles.evolve(bought, event('Worn', nextBook.reference));
    expect(worn).toMatchObject({ value: { place: 'shelf' }, size: { events: 2 } });
  });
});

describe('the known lifecycles', () => {
  test('are listed with the current one last', () => {
    expect(lifecycles.all).toEqual([book, nextBook]);
  });

  test('given records of two kinds, then new ones of each follow the last version of their own', () => {
    const mixed = new Lifecycles<unknown>(book, letters, nextBook);
    expect([mixed.current('book'), mixed.current('letter')]).toEqual([nextBook, letters]);
    expect(mixed.regions).toEqual({
      place: ['shelf', 'out', 'gone'],
      wish: ['none', 'waiting'],
      post: ['draft', 'sent', 'answered'],
    });
    expect(mixed.statuses).toEqual(['shelf', 'out', 'gone', 'draft', 'sent', 'answered']);
    expect(() => mixed.current('door')).toThrow(
      'This build of Docket has no lifecycle door; it has book, letter',
    );
  });

  test('given a state of one kind, then it is never read as a state of another kind', () => {
    const mixed = new Lifecycles<unknown>(book, letters);
    const letter = mixed.evolve(null, event('LetterWritten', letters.reference));
    expect(letters.ownState(letter).facts.author).toBe(folded('').actor.subject);
    expect(() => letters.ownState(mixed.evolve(null, event('Bought', book.reference)))).toThrow(
      'A record of book was read as a record of letter',
    );
    expect(() => letters.ownCode(book)).toThrow('A record of book was read as a record of letter');
  });

  test('with one digest twice are refused', () => {
    const other = { ...book, reference: { ...book.reference, version: 5 } };
    expect(() => new Lifecycles(book, other)).toThrow('Two lifecycles have the same digest');
  });
});
