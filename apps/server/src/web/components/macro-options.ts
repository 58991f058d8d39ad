import { isValidElement } from 'preact';
import type { JSX } from 'preact';

export type Element = JSX.Element;

/**
 * Text or markup. GOV.UK's macros accept `text` and `html`; here markup is JSX, so that nothing is inserted
 * unescaped.
 * It is either a component's children or the `content` of options.
 */
export type Content = Element | string | number | false | null | undefined | readonly Content[];

/** More HTML attributes of a component's element. */
type MoreAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface MacroOptions {
  readonly classes?: string | undefined;
  readonly attributes?: MoreAttributes | undefined;
}

/** Options, or only their content: `label="Comment"` is short for `label={{ content: 'Comment' }}`. */
export type OrContent<Options extends { readonly content?: Content }> = string | number | Element | Options;

/** Returns options in their long form. All members except the content must be optional. */
export const optionsOf = <Options extends { readonly content?: Content }>(
  options: OrContent<Options>,
): Omit<Options, 'content'> & { readonly content: Content } =>
  typeof options === 'object' && !isValidElement(options)
    ? { content: undefined, ...(options as Options) }
    : ({ content: options } as Options & { readonly content: Content });

/** An entry of a list or nothing, which allows `mayIssue && { … }`. */
export type Maybe<Entry> = Entry | false | null | undefined | '';

export const classNames = (...names: readonly (string | false | undefined)[]): string =>
  names.filter((name) => name !== undefined && name !== false && name !== '').join(' ');
