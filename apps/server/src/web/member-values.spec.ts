import { describe, expect, test } from '@jest/globals';
import {
  count,
  flag,
  freeText,
  instant,
  withLabel,
  list,
  mapOf,
  object,
  oneOfWords,
  plainDate,
} from '#lifecycle/fields';
import { valueOf } from './member-values.tsx';

const part = object({ name: withLabel(freeText(), 'Part'), fittedOn: plainDate(), isSpare: flag() });

describe('The content of a member', () => {
  test.each([
    ['a date', plainDate(), '2026-12-31', '31 December 2026'],
    ['an instant', instant(), '2026-12-31T12:00:00.000Z', '31 December 2026 at 12:00 UK time'],
    ['a code', oneOfWords({ ok: 'In order' }), 'ok', 'In order'],
    ['a number', count(), 12, '12'],
    ['what was erased', freeText(), null, '[redacted]'],
    ['a list', list(plainDate()), ['2026-12-30', '2026-12-31'], '30 December 2026, 31 December 2026'],
    [
      'a list of objects',
      list(part),
      [{ name: 'Lens', fittedOn: '2026-12-31', isSpare: false }, { name: 'Strap' }],
      'Part: Lens, Fitted on: 31 December 2026, Is spare: No; Part: Strap',
    ],
    ['values by name', mapOf(count()), { lensCaps: 2 }, 'Lens caps: 2'],
  ] as const)('given %s, then it is printed by its kind', (_, field, value, words) => {
    expect(valueOf(field, value)).toBe(words);
  });
});
