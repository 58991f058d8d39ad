import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StreamNames } from './stream-names.ts';

const names = new StreamNames('docket');

describe('the name of the stream with the events of a stream', () => {
  it.each([
    ['recommendation-730', 'docket.recommendation-730'],
    ['person-auth0|Ann', 'docket.person-auth0%7c%41nn'],
    ['refusals-2026-11-24', 'docket.refusals-2026-11-24'],
    ['a b', 'docket.a%20b'],
    ['é', 'docket.%c3%a9'],
    ['', 'docket.'],
  ])('of %j is %s', (streamId, name) => {
    expect(names.eventsOf(streamId)).toBe(name);
  });

  it('keeps the category, and has a bounded length, for any id', () => {
    expect(names.eventsOf(`recommendation-${'x'.repeat(10_000)}`)).toMatch(
      /^docket\.recommendation-#[0-9a-f]{64}$/,
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 200, maxLength: 600 }), (id) => {
        expect(names.eventsOf(id).length).toBeLessThan(300);
      }),
    );
  });

  it('differs for different ids, even if the server ignores case', () => {
    // These ids are similar, and could collide.
    const letters = fc.constantFrom(
      'a',
      'A',
      'é',
      'É',
      '%',
      '4',
      '1',
      '#',
      '-',
      '\ud800',
      '\ufffd',
      'x'.repeat(199),
    );
    const ids = fc.array(letters, { maxLength: 6 }).map((all) => all.join(''));
    fc.assert(
      fc.property(ids, ids, (one, other) => {
        const isOne = names.eventsOf(one).toLowerCase() === names.eventsOf(other).toLowerCase();
        expect(isOne).toBe(one === other);
      }),
      { numRuns: 300 },
    );
  });

  it('is no name that the store uses for other data, and none with a different prefix', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        const name = names.eventsOf(id);
        expect(name.startsWith(names.events)).toBe(true);
        for (const other of [names.values, names.store, names.erasures, new StreamNames('dock').events]) {
          expect(name.startsWith(other)).toBe(false);
        }
      }),
    );
  });
});
