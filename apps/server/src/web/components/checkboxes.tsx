import { Choices } from './choices.tsx';
import type { ChoiceOptions, ChoicesOptions } from './choices.tsx';
import { describedBy } from './form-group.tsx';
import type { Element } from './macro-options.ts';

export interface CheckboxItem extends ChoiceOptions {
  /** In place of the group's. */
  readonly name?: string | undefined;
  /** Choosing it unchooses the others: "None of these". */
  readonly behaviour?: 'exclusive' | undefined;
}

export interface CheckboxesOptions extends ChoicesOptions<CheckboxItem> {
  /** Of the items that are chosen. */
  readonly values?: readonly (string | number)[] | undefined;
  /** The ids of what describes the boxes, where no fieldset does. */
  readonly describedBy?: string | undefined;
}

/** As many choices as one likes. */
export function Checkboxes(options: CheckboxesOptions): Element {
  const { name, idPrefix = name, values = [], fieldset } = options;
  const described = fieldset === undefined ? describedBy(idPrefix, options, options.describedBy) : undefined;
  return (
    <Choices
      kind="checkboxes"
      group={options}
      inputOf={(item) => ({
        name: item.name ?? name,
        checked: item.checked ?? values.includes(item.value),
        'data-behaviour': item.behaviour,
        'aria-describedby': described,
      })}
    />
  );
}
