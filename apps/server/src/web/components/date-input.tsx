import { FieldGroup } from './form-group.tsx';
import type { FieldsetOptions, GroupOptions } from './form-group.tsx';
import { Input } from './input.tsx';
import type { Element } from './macro-options.ts';

interface DateInputOptions extends GroupOptions {
  readonly id: string;
  /** Goes before the parts' names: `due` makes `due-day`. */
  readonly namePrefix?: string | undefined;
  readonly values?: Readonly<Record<string, string | undefined>> | undefined;
  readonly fieldset?: FieldsetOptions | undefined;
}

/** The parts, each as wide as what it takes. */
const PARTS = [
  ['day', 'Day', 2],
  ['month', 'Month', 2],
  ['year', 'Year', 4],
] as const;

/** A date in fields for day, month and year: a picker is slower for a date that one knows. */
export const DateInput = ({ id, namePrefix, values, fieldset, ...group }: DateInputOptions): Element => (
  // As a group, since a screen reader would not say what describes a fieldset of text fields.
  <FieldGroup id={id} group={group} fieldset={fieldset} role="group">
    <div class="govuk-date-input" id={id}>
      {PARTS.map(([name, label, width]) => (
        <div class="govuk-date-input__item" key={name}>
          <Input
            id={`${id}-${name}`}
            name={namePrefix === undefined ? name : `${namePrefix}-${name}`}
            label={{ content: label, classes: 'govuk-date-input__label' }}
            value={values?.[name]}
            classes={`govuk-date-input__input govuk-input--width-${width}${group.errorMessage === undefined ? '' : ' govuk-input--error'}`}
            inputmode="numeric"
          />
        </div>
      ))}
    </div>
  </FieldGroup>
);
