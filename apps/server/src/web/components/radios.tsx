import { Choices } from './choices.tsx';
import type { ChoiceOptions, ChoicesOptions } from './choices.tsx';
import type { Element } from './macro-options.ts';

export interface RadiosOptions extends ChoicesOptions<ChoiceOptions> {
  /** Of the item that is chosen. */
  readonly value?: string | undefined;
}

/** One choice of a few. */
export const Radios = (options: RadiosOptions): Element => (
  <Choices
    kind="radios"
    group={options}
    inputOf={({ value, checked }) => ({
      checked: checked ?? (options.value !== '' && value === options.value),
    })}
  />
);
