import { Field, describedBy } from './form-group.tsx';
import type { FieldOptions } from './form-group.tsx';
import { classNames } from './macro-options.ts';
import type { Element } from './macro-options.ts';

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
