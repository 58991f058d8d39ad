import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

export interface InsetTextOptions extends MacroOptions {
  readonly children: Content;
  readonly id?: string | undefined;
}

/** Text that is set apart from what is around it. */
export const InsetText = ({ id, classes, attributes, children }: InsetTextOptions): Element => (
  <div id={id} class={classNames('govuk-inset-text', classes)} {...attributes}>
    {children}
  </div>
);
