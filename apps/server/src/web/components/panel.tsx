import { Button } from './button.tsx';
import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

interface PanelAction extends MacroOptions {
  readonly content: Content;
  readonly type?: 'submit' | 'button' | 'reset' | undefined;
  readonly href?: string | undefined;
}

export interface PanelOptions extends MacroOptions {
  readonly title: Content;
  readonly headingLevel?: 1 | 2 | 3 | 4 | 5 | 6 | undefined;
  readonly children?: Content;
  /** Ways on from an interruption (`govuk-panel--interruption` among the classes). */
  readonly actions?: (MacroOptions & { readonly items?: readonly PanelAction[] | undefined }) | undefined;
}

/** What was achieved, in large; or, as an interruption, what to know before one goes on. */
export function Panel({
  title,
  headingLevel = 1,
  children,
  actions,
  classes = '',
  attributes,
}: PanelOptions): Element {
  const isInterruption = classes.includes('govuk-panel--interruption');
  const Heading = `h${headingLevel}` as const;
  return (
    <div
      class={classNames('govuk-panel', !isInterruption && 'govuk-panel--confirmation', classes)}
      {...attributes}
    >
      <Heading class="govuk-panel__title">{title}</Heading>
      {children && <div class="govuk-panel__body">{children}</div>}
      {isInterruption && actions && (
        <div class={classNames('govuk-panel__actions', actions.classes)} {...actions.attributes}>
          {actions.items && (
            <div class="govuk-button-group">
              {actions.items.map((action) => [' ', <Action {...action} />])}
            </div>
          )}
        </div>
      )}
    </div>
  );
}

const Action = ({ content, type, href, classes, attributes }: PanelAction): Element =>
  href === undefined || type === 'button' ? (
    <Button
      type={type ?? 'button'}
      href={href}
      classes={classNames('govuk-button--inverse', classes)}
      attributes={attributes}
    >
      {content}
    </Button>
  ) : (
    <a class={classNames('govuk-link govuk-link--inverse', classes)} href={href} {...attributes}>
      {content}
    </a>
  );
