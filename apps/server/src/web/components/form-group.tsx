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

export interface FieldOptions extends GroupOptions {
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

export function Field({
  field,
  children,
}: {
  readonly field: FieldOptions;
  readonly children: Content;
}): Element {
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
