import { describe, expect, test } from '@jest/globals';
import { FormValues } from '../form-values.ts';
import { chosenIn, tickedIn, withholdOf } from './pack-choices.ts';

const form = (...fields: [string, string][]): FormValues =>
  new FormValues([['versions', '51-100'], ...fields]);

describe('the values left out of a pack', () => {
  test('given an address, then the pack is requested as the address says', () => {
    const withhold = ['internal', '3:/data/text=FOI.s40(2)', '60:/data/items/0/name=DPA'];
    expect(withholdOf(chosenIn(withhold))).toEqual(withhold);
  });

  test('given a page of the form, then its ticks count for its own events, and earlier choices for the others', () => {
    const before = chosenIn(['internal', '3:/data/text=A', '60:/data/text=B', '61:/data/text=C']);
    const { choose: chosen, errors } = tickedIn(
      form(
        ['leave-out', '60:/data/text'],
        ['leave-out', '99:/data/text'],
        ['code-99:/data/text', 'D'],
        ['code', 'E'],
      ),
      before,
    );
    expect(withholdOf(chosen)).toEqual(['3:/data/text=A', '60:/data/text=E', '99:/data/text=D']);
    expect(errors.size).toBe(0);
  });

  test.each(['', 'FOI s40'])('given the code %j, then the error is at its field', (code) => {
    const { errors } = tickedIn(form(['leave-out', '60:/data/text'], ['code', code]), chosenIn([]));
    expect([...errors.keys()]).toEqual(['60:/data/text']);
  });
});
