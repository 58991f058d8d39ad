import { wordsOf } from '#lifecycle/fields';
import type { Field } from '#lifecycle/fields';
import { longDate, longInstant } from './dates.ts';
import { bodyName } from './names.ts';
import { REDACTED } from './words.ts';

/** What a member holds, as pages print it: by its kind, and null where it was erased. */
export function valueOf(field: Field, value: unknown): string {
  if (value === null) return REDACTED;
  if (Array.isArray(value)) {
    const of = field.kind === 'list' ? field.of : field;
    return value.map((item: unknown) => valueOf(of, item)).join(', ');
  }
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value !== 'string') return JSON.stringify(value);
  switch (field.kind) {
    case 'plainDate':
      return longDate(value);
    case 'instant':
      return longInstant(value);
    case 'oneOf':
      return new Map(wordsOf(field)).get(value) ?? value;
    default:
      return field.limits?.form?.names === 'bodies' ? bodyName(value) : value;
  }
}
