import { ErrorMessage } from './error-message.tsx';
import type { ErrorMessageOptions } from './error-message.tsx';
import { Fieldset } from './fieldset.tsx';
import type { FieldsetOptions } from './fieldset.tsx';
import { Hint } from './hint.tsx';
import type { HintOptions } from './hint.tsx';
import { Label } from './label.tsx';
import type { LabelOptions } from './label.tsx';
import { classNames, optionsOf } from './macro-options.ts';
import type { Content, Element, MacroOptions, OrContent } from './macro-options.ts';

/** What may stand around a field, or around a group of fields. */
export interface GroupOptions extends MacroOptions {
  readonly hint?: OrContent<HintOptions> | undefined;
  readonly errorMessage?: OrContent<ErrorMessageOptions> | undefined;
  /** Of the element around all of it. */
  readonly formGroup?: MacroOptions | undefined;
}

/** What every single field takes. */
export interface FieldOptions extends GroupOptions {
  readonly name: string;
  /** The name, where nothing else is said. */
  readonly id?: string | undefined;
  readonly label: OrContent<LabelOptions>;
  /** The ids of what describes it besides its hint and its error. */
  readonly describedBy?: string | undefined;
  readonly disabled?: boolean | undefined;
}

/** The value of `aria-describedby`: what is given, then the hint and the error that are there. */
export const describedBy = (
  id: string,
  { hint, errorMessage }: GroupOptions,
  given: string | undefined,
): string | undefined =>
  classNames(given, hint !== undefined && `${id}-hint`, errorMessage !== undefined && `${id}-error`) ||
  undefined;

const Group = ({
  errorMessage,
  formGroup,
  children,
}: GroupOptions & { readonly children: Content }): Element => (
  <div
    class={classNames(
      'govuk-form-group',
      errorMessage !== undefined && 'govuk-form-group--error',
      formGroup?.classes,
    )}
    {...formGroup?.attributes}
  >
    {children}
  </div>
);

function HintAndError({ id, hint, errorMessage }: GroupOptions & { readonly id: string }): Element {
  const { content: help, ...hintOptions } = optionsOf<HintOptions>(hint ?? '');
  const { content: fault, ...errorOptions } = optionsOf<ErrorMessageOptions>(errorMessage ?? '');
  return (
    <>
      {hint !== undefined && (
        <Hint {...hintOptions} id={`${id}-hint`}>
          {help}
        </Hint>
      )}
      {errorMessage !== undefined && (
        <ErrorMessage {...errorOptions} id={`${id}-error`}>
          {fault}
        </ErrorMessage>
      )}
    </>
  );
}

/** A field with its label, hint and error. */
export function Field({
  field,
  children,
}: {
  readonly field: FieldOptions;
  readonly children: Content;
}): Element {
  const { id = field.name } = field;
  const { content, ...label } = optionsOf(field.label);
  return (
    <Group {...field}>
      <Label {...label} for={id}>
        {content}
      </Label>
      <HintAndError {...field} id={id} />
      {children}
    </Group>
  );
}

/** Several fields that answer one question, with their hint and error, in a fieldset where one is given. */
export function FieldGroup(options: {
  readonly id: string;
  readonly group: GroupOptions;
  readonly fieldset: FieldsetOptions | undefined;
  readonly children: Content;
}): Element {
  const { id, group, fieldset, children } = options;
  const inside = (
    <>
      <HintAndError {...group} id={id} />
      {children}
    </>
  );
  return (
    <Group {...group}>
      {fieldset === undefined ? (
        inside
      ) : (
        <Fieldset {...fieldset} describedBy={describedBy(id, group, fieldset.describedBy)}>
          {inside}
        </Fieldset>
      )}
    </Group>
  );
}
