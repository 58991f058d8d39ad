import { FieldGroup } from './form-group.tsx';
import type { GroupOptions } from './form-group.tsx';
import type { FieldsetOptions } from './fieldset.tsx';
import { Input } from './input.tsx';
import type { InputOptions } from './input.tsx';
import { classNames } from './macro-options.ts';
import type { Element, Maybe } from './macro-options.ts';

/** One of the fields of a date. */
export interface DatePart extends Pick<
  InputOptions,
  'id' | 'value' | 'classes' | 'attributes' | 'autocomplete' | 'pattern' | 'inputmode'
> {
  readonly name?: string | undefined;
  /** The name with a capital, where nothing else is said. */
  readonly label?: string | undefined;
  /** Whether it is this part that is wrong; all of them, where no part says so. */
  readonly error?: boolean | undefined;
}

export interface DateInputOptions extends GroupOptions {
  readonly id: string;
  /** Goes before the parts' names: `due` makes `due-day`. */
  readonly namePrefix?: string | undefined;
  /** By the parts' names, with the prefix or without. */
  readonly values?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly day?: Maybe<DatePart>;
  readonly month?: Maybe<DatePart>;
  readonly year?: Maybe<DatePart>;
  /** The parts, in place of day, month and year. */
  readonly items?: readonly Maybe<DatePart>[] | undefined;
  readonly fieldset?: FieldsetOptions | undefined;
}

interface SizedPart extends DatePart {
  readonly width: number;
}

/** The parts, each as wide as what it takes. */
function partsOf({ day = {}, month = {}, year = {}, items = [] }: DateInputOptions): SizedPart[] {
  if (items.length > 0)
    return items.filter((part) => !!part).map((part) => ({ width: part.name === 'year' ? 4 : 2, ...part }));
  return [
    day && { name: 'day', width: 2, ...day },
    month && { name: 'month', width: 2, ...month },
    year && { name: 'year', width: 4, ...year },
  ].filter((part) => !!part);
}

/** A date in fields for day, month and year: a picker is slower for a date that one knows. */
export function DateInput(options: DateInputOptions): Element {
  const { id, classes, attributes, fieldset } = options;
  const parts = partsOf(options);
  const anyHasError = parts.some(({ error }) => error === true);
  return (
    // As a group, since a screen reader would not say what describes a fieldset of text fields.
    <FieldGroup id={id} group={options} fieldset={fieldset && { role: 'group', ...fieldset }}>
      <div class={classNames('govuk-date-input', classes)} id={id} {...attributes}>
        {parts.map((part) => {
          const { error = options.errorMessage !== undefined && !anyHasError } = part;
          return <Part {...options} part={{ ...part, error }} />;
        })}
      </div>
    </FieldGroup>
  );
}

function Part({ id, namePrefix, values, part }: DateInputOptions & { readonly part: SizedPart }): Element {
  const { name = '', label = name.charAt(0).toUpperCase() + name.slice(1), inputmode = 'numeric' } = part;
  const { autocomplete, pattern, attributes, classes = '' } = part;
  const fullName = namePrefix === undefined ? name : `${namePrefix}-${name}`;
  return (
    <div class="govuk-date-input__item">
      <Input
        id={part.id ?? `${id}-${name}`}
        name={fullName}
        label={{ content: label, classes: 'govuk-date-input__label' }}
        value={part.value ?? values?.[name] ?? values?.[fullName]}
        classes={classNames(
          'govuk-date-input__input',
          part.error === true && 'govuk-input--error',
          !classes.includes('govuk-input--width-') && `govuk-input--width-${part.width}`,
          classes,
        )}
        inputmode={inputmode}
        autocomplete={autocomplete}
        pattern={pattern}
        attributes={attributes}
      />
    </div>
  );
}
