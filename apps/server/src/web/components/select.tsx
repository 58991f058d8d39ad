import { Field, describedBy } from './form-group.tsx';
import type { FieldOptions } from './form-group.tsx';
import { classNames } from './macro-options.ts';
import type { Element, Maybe, MoreAttributes } from './macro-options.ts';

export interface SelectItem {
  readonly content: string | number;
  /** The content, where nothing else is said. */
  readonly value?: string | number | undefined;
  /** In place of the select's own value. */
  readonly selected?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  readonly attributes?: MoreAttributes | undefined;
}

export interface SelectOptions extends FieldOptions {
  readonly items: readonly Maybe<string | number | SelectItem>[];
  /** Of the item that is chosen. */
  readonly value?: string | number | undefined;
}

/** One choice of many. */
export function Select(options: SelectOptions): Element {
  const { id = options.name, name, items, value, errorMessage } = options;
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
        disabled={options.disabled}
        aria-describedby={describedBy(id, options, options.describedBy)}
        {...options.attributes}
      >
        {items.map(
          (item) =>
            item && <Choice {...(typeof item === 'object' ? item : { content: item })} chosen={value} />,
        )}
      </select>
    </Field>
  );
}

function Choice(item: SelectItem & { readonly chosen: string | number | undefined }): Element {
  const { content, value, chosen, selected, disabled, attributes } = item;
  const isChosen = chosen !== undefined && chosen !== '' && String(value ?? content) === String(chosen);
  return (
    <option
      value={value === undefined ? undefined : String(value)}
      selected={selected ?? isChosen}
      disabled={disabled}
      {...attributes}
    >
      {content}
    </option>
  );
}
