import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { initialTransition } from 'xstate';
import { book, bookDefinition as definition } from '#test/support/book-lifecycle';
import { everyValue, xstateStep } from '#test/support/xstate-reference';
import type { StateValue } from '#event-sourcing/envelope';
import { DecidingMachine } from './deciding-machine.ts';

const types = Object.keys(definition.events);

describe('a machine that decides', () => {
  const decides = new DecidingMachine(definition);

  test('begins where xstate begins', () => {
    const [start] = initialTransition(decides.machine);
    expect(decides.initial).toEqual(start.value);
  });

  test('given any walk, answers as a fresh xstate does, however often it was queried before', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...types), { maxLength: 60 }), (walk) => {
        let value = decides.initial;
        for (const type of walk) {
          const next = decides.after(value, type);
          expect(next).toEqual(xstateStep(book, value, type));
          value = next ?? value;
        }
      }),
      { numRuns: 60 },
    );
  });

  test('given a value as read from a store, returns the same object as for its own value', () => {
    for (const value of everyValue(book)) {
      const read = JSON.parse(JSON.stringify(value)) as StateValue;
      for (const type of types) expect(decides.after(read, type)).toBe(decides.after(value, type));
    }
  });

  test('given an event that only a following region would accept, accepts nothing', () => {
    const value = { place: 'shelf', wish: 'waiting' };
    const snapshot = decides.machine.resolveState({ value, context: {} });
    expect(snapshot.can({ type: 'Returned' })).toBe(true);
    expect(decides.after(value, 'Returned')).toBeNull();
  });

  test.each([{ place: 'lost', wish: 'none' }, { place: 'shelf' }, {}])(
    'given %j, which is not one of its values, accepts nothing',
    (value) => {
      expect(decides.after(value as unknown as StateValue, 'Lent')).toBeNull();
    },
  );

  test.each(['Praised', 'Bought', 'Unheard', 'constructor', '__proto__', '*', ''])(
    'given "%s", which is not a move, moves nothing',
    (type) => {
      expect(decides.after(decides.initial, type)).toBeNull();
      expect(decides.move(type)).toBeNull();
    },
  );

  test('does not modify its argument', () => {
    const before = Object.freeze({ ...decides.initial });
    expect(decides.after(before, 'Lent')).toEqual({ ...before, place: 'out' });
    expect(before).toEqual(decides.initial);
  });

  test('lists the moved regions and the conditions of each move', () => {
    expect(decides.move('Sold')).toEqual({
      owner: 'place',
      targets: { place: 'gone', wish: 'none' },
      countsFor: ['place', 'wish'],
    });
    expect(decides.move('Wished')).toEqual({
      owner: 'wish',
      targets: { wish: 'waiting' },
      countsFor: ['wish'],
    });
  });

  test('names the obstacles as a fresh xstate does for every value, however often it was queried', () => {
    const emits = ['Wished'];
    const open = everyValue(book).filter((value) => xstateStep(book, value, 'Wished') !== null);
    expect(open).toEqual([{ place: 'out', wish: 'none' }]);
    for (const value of [...everyValue(book), ...everyValue(book)]) {
      const expected = Object.entries(value)
        .filter(([region, is]) => is !== open[0]?.[region])
        .map(([region, is]) => ({ region, needed: [open[0]?.[region]], is }));
      expect(decides.obstacles(value, { emits })).toEqual(expected.length === 0 ? null : expected);
    }
  });

  test.each([{ place: 'lost', wish: 'none' }, {}])(
    'given %j, which is not one of its values, reports that',
    (value) => {
      expect(() => decides.obstacles(value as unknown as StateValue, { emits: ['Lent'] })).toThrow(
        'The machine has no state',
      );
    },
  );
});
