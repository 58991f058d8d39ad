import { Field, describedBy } from './form-group.tsx';
import type { FieldOptions } from './form-group.tsx';
import { classNames, optionsOf } from './macro-options.ts';
import type { Content, Element, MacroOptions, OrContent } from './macro-options.ts';

interface AffixOptions extends MacroOptions {
  readonly content: Content;
}

export interface InputOptions extends FieldOptions {
  readonly value?: string | number | undefined;
  readonly type?: 'text' | 'email' | 'number' | 'search' | 'tel' | 'url' | undefined;
  readonly inputmode?: 'text' | 'decimal' | 'email' | 'numeric' | 'search' | 'tel' | 'url' | undefined;
  readonly autocomplete?: string | undefined;
  readonly autocapitalize?: 'off' | 'none' | 'on' | 'sentences' | 'words' | 'characters' | undefined;
  readonly pattern?: string | undefined;
  readonly spellcheck?: boolean | undefined;
  /** A unit before the field, which is not read out: the label must say it too. */
  readonly prefix?: OrContent<AffixOptions> | undefined;
  readonly suffix?: OrContent<AffixOptions> | undefined;
  /** Of the element around the field and its units. */
  readonly inputWrapper?: MacroOptions | undefined;
}

/** A field of one line. */
export function Input(options: InputOptions): Element {
  const { id = options.name, name, type = 'text', prefix, suffix, inputWrapper } = options;
  // Preact's types have a shape for each; what is given here is alike in all of them.
  const typed = type as 'text';
  const input = (
    <input
      class={classNames(
        'govuk-input',
        options.classes,
        options.errorMessage !== undefined && 'govuk-input--error',
      )}
      id={id}
      name={name}
      type={typed}
      spellcheck={options.spellcheck}
      value={options.value}
      disabled={options.disabled}
      aria-describedby={describedBy(id, options, options.describedBy)}
      autocomplete={options.autocomplete}
      autocapitalize={options.autocapitalize}
      pattern={options.pattern}
      inputmode={options.inputmode}
      {...options.attributes}
    />
  );
  if (prefix === undefined && suffix === undefined) return <Field field={options}>{input}</Field>;
  return (
    <Field field={options}>
      <div class={classNames('govuk-input__wrapper', inputWrapper?.classes)} {...inputWrapper?.attributes}>
        {prefix !== undefined && <Affix end="prefix" {...optionsOf(prefix)} />}
        {input}
        {suffix !== undefined && <Affix end="suffix" {...optionsOf(suffix)} />}
      </div>
    </Field>
  );
}

const Affix = ({
  end,
  content,
  classes,
  attributes,
}: AffixOptions & { readonly end: 'prefix' | 'suffix' }): Element => (
  <div class={classNames(`govuk-input__${end}`, classes)} aria-hidden="true" {...attributes}>
    {content}
  </div>
);
