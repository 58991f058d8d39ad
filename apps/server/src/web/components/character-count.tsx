import { Hint } from './hint.tsx';
import { classNames } from './macro-options.ts';
import type { Element } from './macro-options.ts';
import { Textarea } from './textarea.tsx';
import type { TextareaOptions } from './textarea.tsx';

export interface CharacterCountOptions extends Omit<TextareaOptions, 'children' | 'describedBy'> {
  readonly maxlength?: number | undefined;
  /** Counts words instead. */
  readonly maxwords?: number | undefined;
  /** In place of words where there is `maxwords`, and of characters elsewhere. */
  readonly countType?: 'characters' | 'words' | 'length' | undefined;
  /** How much of the limit, in per cent, is used before the count shows. */
  readonly threshold?: number | undefined;
  readonly countMessage?: { readonly classes?: string | undefined } | undefined;
}

/** A field of several lines that says how much of its limit is left. */
export function CharacterCount(options: CharacterCountOptions): Element {
  const { id = options.name, maxlength, maxwords, threshold, formGroup, countMessage } = options;
  const { countType = maxwords === undefined ? undefined : 'words' } = options;
  const limit = maxwords ?? maxlength;
  return (
    <Textarea
      {...options}
      classes={classNames('govuk-js-character-count', options.classes)}
      describedBy={`${id}-info`}
      formGroup={{
        classes: classNames('govuk-character-count', formGroup?.classes),
        attributes: {
          'data-module': 'govuk-character-count',
          'data-maxlength': maxlength,
          'data-maxwords': maxwords,
          'data-count-type': countType,
          'data-threshold': threshold,
          ...formGroup?.attributes,
        },
      }}
    >
      <Hint id={`${id}-info`} classes={classNames('govuk-character-count__message', countMessage?.classes)}>
        {limit !== undefined &&
          `You can enter up to ${limit.toLocaleString('en-GB')} ${countType === 'words' ? 'words' : 'characters'}`}
      </Hint>
    </Textarea>
  );
}
