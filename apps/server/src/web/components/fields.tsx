import { classNames, optionsOf } from './macro-options.ts';
import type { Content, Element, MacroOptions, OrContent } from './macro-options.ts';

export interface GroupOptions extends MacroOptions {
  readonly hint?: Content;
  readonly errorMessage?: Content;
}

interface LabelOptions {
  readonly content: Content;
  readonly classes?: string | undefined;
}

export interface FieldsetOptions {
  readonly legend: OrContent<LabelOptions>;
}

/** Return a label and a legend of the usual size. */
export const smallLabel = (content: Content) => ({ content, classes: 'govuk-label--s' });
export const smallLegend = (content: Content) => ({
  legend: { content, classes: 'govuk-fieldset__legend--s' },
});

interface FieldOptions extends GroupOptions {
  readonly name: string;
  /** Defaults to the name. */
  readonly id?: string | undefined;
  readonly label: OrContent<LabelOptions>;
}

/** Returns the value of `aria-describedby`. */
export const describedBy = (id: string, { hint, errorMessage }: GroupOptions): string | undefined =>
  classNames(hint !== undefined && `${id}-hint`, errorMessage !== undefined && `${id}-error`) || undefined;

const Group = ({ errorMessage, children }: GroupOptions & { readonly children: Content }): Element => (
  <div class={classNames('govuk-form-group', errorMessage !== undefined && 'govuk-form-group--error')}>
    {children}
  </div>
);

const HintAndError = ({ id, hint, errorMessage }: GroupOptions & { readonly id: string }): Element => (
  <>
    {hint !== undefined && (
      <div id={`${id}-hint`} class="govuk-hint">
        {hint}
      </div>
    )}
    {errorMessage !== undefined && (
      <p id={`${id}-error`} class="govuk-error-message">
        <span class="govuk-visually-hidden">Error:</span> {errorMessage}
      </p>
    )}
  </>
);

function Field({ field, children }: { readonly field: FieldOptions; readonly children: Content }): Element {
  const { id = field.name } = field;
  const { content, classes } = optionsOf(field.label);
  return (
    <Group {...field}>
      <label class={classNames('govuk-label', classes)} for={id}>
        {content}
      </label>
      <HintAndError {...field} id={id} />
      {children}
    </Group>
  );
}

/** Fields that answer one question, in a fieldset if one is passed. */
export function FieldGroup(options: {
  readonly id: string;
  readonly group: GroupOptions;
  readonly fieldset: FieldsetOptions | undefined;
  readonly role?: 'group';
  readonly children: Content;
}): Element {
  const { id, group, fieldset, role, children } = options;
  const inside = (
    <>
      <HintAndError {...group} id={id} />
      {children}
    </>
  );
  if (fieldset === undefined) return <Group {...group}>{inside}</Group>;
  const { content, classes } = optionsOf<LabelOptions>(fieldset.legend);
  return (
    <Group {...group}>
      <fieldset class="govuk-fieldset" role={role} aria-describedby={describedBy(id, group)}>
        <legend class={classNames('govuk-fieldset__legend', classes)}>{content}</legend>
        {inside}
      </fieldset>
    </Group>
  );
}

interface InputOptions extends FieldOptions {
  readonly value?: string | number | undefined;
  readonly type?: 'text' | 'search' | undefined;
  readonly inputmode?: 'numeric' | undefined;
  readonly autocomplete?: string | undefined;
  readonly autocapitalize?: 'none' | undefined;
  readonly spellcheck?: boolean | undefined;
}

export function Input(options: InputOptions): Element {
  const { id = options.name, name, type = 'text', errorMessage } = options;
  // Preact has one attribute type per input type; ours fit all of them.
  const typed = type as 'text';
  return (
    <Field field={options}>
      <input
        class={classNames('govuk-input', options.classes, errorMessage !== undefined && 'govuk-input--error')}
        id={id}
        name={name}
        type={typed}
        spellcheck={options.spellcheck}
        value={options.value}
        aria-describedby={describedBy(id, options)}
        autocomplete={options.autocomplete}
        autocapitalize={options.autocapitalize}
        inputmode={options.inputmode}
        {...options.attributes}
      />
    </Field>
  );
}

interface TextareaOptions extends FieldOptions {
  readonly value?: string | undefined;
  readonly rows?: number | undefined;
  readonly spellcheck?: boolean | undefined;
}

export function Textarea(options: TextareaOptions): Element {
  const { id = options.name, name, rows = 5, value = '', errorMessage } = options;
  return (
    <Field field={options}>
      <textarea
        class={classNames(
          'govuk-textarea',
          errorMessage !== undefined && 'govuk-textarea--error',
          options.classes,
        )}
        id={id}
        name={name}
        rows={rows}
        spellcheck={options.spellcheck}
        aria-describedby={describedBy(id, options)}
        {...options.attributes}
      >
        {/* HTML drops the first newline of a text area. */}
        {/^\r?\n/.test(value) ? `\n${value}` : value}
      </textarea>
    </Field>
  );
}

interface SelectItem {
  readonly content: string;
  readonly value: string;
}

interface SelectOptions extends FieldOptions {
  readonly items: readonly SelectItem[];
  readonly value?: string | undefined;
}

export function Select(options: SelectOptions): Element {
  const { id = options.name, name, items, value: chosen = '', errorMessage } = options;
  return (
    <Field field={options}>
      <select
        class={classNames(
          'govuk-select',
          options.classes,
          errorMessage !== undefined && 'govuk-select--error',
        )}
        id={id}
        name={name}
        aria-describedby={describedBy(id, options)}
        {...options.attributes}
      >
        {items.map(({ content, value }) => (
          <option value={value} selected={chosen !== '' && value === chosen}>
            {content}
          </option>
        ))}
      </select>
    </Field>
  );
}

export function FileUpload(options: FieldOptions & { readonly multiple?: boolean | undefined }): Element {
  const { id = options.name, name, errorMessage } = options;
  return (
    <Field field={options}>
      <input
        class={classNames(
          'govuk-file-upload',
          options.classes,
          errorMessage !== undefined && 'govuk-file-upload--error',
        )}
        id={id}
        name={name}
        type="file"
        multiple={options.multiple}
        aria-describedby={describedBy(id, options)}
        {...options.attributes}
      />
    </Field>
  );
}

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
        <div class="govuk-date-input__item">
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
