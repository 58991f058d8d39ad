import type { ComponentChildren, JSX } from 'preact';

/**
 * What a component shows: text, or markup. GOV.UK's macros take `text` and `html`; here a text is a string, and markup is JSX,
 * so that nothing is ever put into a page unescaped.
 */
export type Content = ComponentChildren;

/** More attributes of a component's element, by their names in HTML; what is undefined is left out. */
export type MoreAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** The options that every macro takes. */
export interface MacroOptions {
  readonly id?: string | undefined;
  readonly classes?: string | undefined;
  readonly attributes?: MoreAttributes | undefined;
}

/** The classes of an element, without those that are not given. */
export const classNames = (...names: readonly (string | false | undefined)[]): string =>
  names.filter((name) => name !== undefined && name !== false && name !== '').join(' ');

export type Element = JSX.Element;
