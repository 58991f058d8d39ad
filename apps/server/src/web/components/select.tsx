import { Field, describedBy } from './form-group.tsx';
import type { FieldOptions } from './form-group.tsx';
import { classNames } from './macro-options.ts';
import type { Element } from './macro-options.ts';

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
          <option key={value} value={value} selected={chosen !== '' && value === chosen}>
            {content}
          </option>
        ))}
      </select>
    </Field>
  );
}
