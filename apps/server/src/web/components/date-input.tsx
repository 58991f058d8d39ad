import { FieldGroup } from './form-group.tsx';
import type { FieldsetOptions, GroupOptions } from './form-group.tsx';
import { Input } from './input.tsx';
import type { Element } from './macro-options.ts';

interface DateInputOptions extends GroupOptions {
  readonly id: string;
  /** The prefix of the parts' names: `due` becomes `due-day`. */
  readonly namePrefix?: string | undefined;
  readonly values?: Readonly<Record<string, string | undefined>> | undefined;
  readonly fieldset?: FieldsetOptions | undefined;
}

const PARTS = [
  ['day', 'Day', 2],
  ['month', 'Month', 2],
  ['year', 'Year', 4],
] as const;

/** A date in three fields, which is faster than a picker for a known date. */
export const DateInput = ({ id, namePrefix, values, fieldset, ...group }: DateInputOptions): Element => (
  // `role="group"`, because some screen readers do not read the description of a fieldset of text fields.
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
