import { Field, describedBy } from './form-group.tsx';
import type { FieldOptions } from './form-group.tsx';
import { classNames } from './macro-options.ts';
import type { Element } from './macro-options.ts';

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
