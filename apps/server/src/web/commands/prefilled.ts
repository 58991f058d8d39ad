import type { JsonObject } from '#event-sourcing/envelope';
import { FormValues } from '../form-values.ts';
import { setDate } from '../forms/fields.ts';
import { VERSION_FIELD } from '../forms/action-form.tsx';
import { KEY_FIELD } from '../forms/post-form.tsx';
import { fieldsFor } from './command-fields.tsx';
import type { SeenForm } from './see-subject.ts';

/** Returns the initial values: from the address, then defaults. */
export function prefilled(seen: SeenForm): FormValues {
  const values = new FormValues();
  setDate(values, 'effectiveOn', seen.today);
  for (const [name, override] of Object.entries(seen.form.fields ?? {}))
    if (typeof override?.value === 'string') values.set(name, override.value);
  for (const [name, value] of seen.chosen)
    if (name !== VERSION_FIELD && name !== KEY_FIELD) values.set(name, value);
  // All texts of the event are ticked by default.
  for (const field of seen.redaction === null ? [] : fieldsFor(seen))
    if (field.kind === 'ticks' && !seen.chosen.has(field.name))
      for (const { value } of field.choices) values.append(field.name, value);
  return values;
}

/** Normalises line ends, which differ between browsers. */
const plain = (text: unknown): string => (typeof text === 'string' ? text : '').replaceAll(/\r\n?/g, '\n');

/** Removes unchanged members of amendments from the payload. */
export function whatChanges({ form: { fields: overrides = {} } }: SeenForm, payload: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(payload).filter(([name, value]) => {
      const override = Object.hasOwn(overrides, name) ? overrides[name] : undefined;
      return override?.isAmended !== true || plain(value) !== plain(override.value);
    }),
  );
}
