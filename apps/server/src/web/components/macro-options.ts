import { isValidElement } from 'preact';
import type { JSX } from 'preact';

export type Element = JSX.Element;

/**
 * What a component shows: text, or markup. GOV.UK's macros take `text` and `html`; here a text is a string, and markup is JSX,
 * so that nothing is ever put into a page unescaped. It stands between a component's tags, and is the `content` of options.
 */
export type Content = Element | string | number | false | null | undefined | readonly Content[];

/** More attributes of a component's element, by their names in HTML; what is undefined is left out. */
type MoreAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** The options that every macro takes. */
export interface MacroOptions {
  readonly classes?: string | undefined;
  readonly attributes?: MoreAttributes | undefined;
}

/** Options, or no more than their content: `label="Comment"` for `label={{ content: 'Comment' }}`. */
export type OrContent<Options extends { readonly content?: Content }> = string | number | Element | Options;

/** The options in whichever way they were given. All of them but the content must be ones that can be left out. */
export const optionsOf = <Options extends { readonly content?: Content }>(
  given: OrContent<Options>,
): Omit<Options, 'content'> & { readonly content: Content } =>
  typeof given === 'object' && !isValidElement(given)
    ? { content: undefined, ...(given as Options) }
    : ({ content: given } as Options & { readonly content: Content });

/** An entry of a list, or nothing, so that a page can say `mayIssue && { … }`. */
export type Maybe<Entry> = Entry | false | null | undefined | '';

/** The classes of an element, without those that are not given. */
export const classNames = (...names: readonly (string | false | undefined)[]): string =>
  names.filter((name) => name !== undefined && name !== false && name !== '').join(' ');
