import { classNames, optionsOf } from './macro-options.ts';
import type { Content, Element, MacroOptions, Maybe, MoreAttributes, OrContent } from './macro-options.ts';

interface TabPanel {
  readonly content: Content;
  readonly attributes?: MoreAttributes | undefined;
}

export interface Tab {
  readonly label: string;
  /** The prefix and a number, where nothing else is said. */
  readonly id?: string | undefined;
  /** A text is a paragraph; markup is shown as it is. */
  readonly panel: OrContent<TabPanel>;
  readonly attributes?: MoreAttributes | undefined;
}

export interface TabsOptions extends MacroOptions {
  readonly id?: string | undefined;
  readonly idPrefix?: string | undefined;
  readonly title?: string | undefined;
  readonly items?: readonly Maybe<Tab>[] | undefined;
}

/** Several views of one thing; without JavaScript, sections with links to them. */
export function Tabs({
  id,
  idPrefix = '',
  title = 'Contents',
  items = [],
  classes,
  attributes,
}: TabsOptions): Element {
  const idOf = (item: Tab, index: number): string => item.id ?? `${idPrefix}-${index + 1}`;
  return (
    <div id={id} class={classNames('govuk-tabs', classes)} data-module="govuk-tabs" {...attributes}>
      <h2 class="govuk-tabs__title">{title}</h2>
      {items.length > 0 && (
        <ul class="govuk-tabs__list">
          {items.map(
            (item, index) =>
              item && (
                <li
                  class={classNames(
                    'govuk-tabs__list-item',
                    index === 0 && 'govuk-tabs__list-item--selected',
                  )}
                >
                  <a class="govuk-tabs__tab" href={`#${idOf(item, index)}`} {...item.attributes}>
                    {item.label}
                  </a>
                </li>
              ),
          )}
        </ul>
      )}
      {items.map((item, index) => item && <Panel {...item} id={idOf(item, index)} isHidden={index > 0} />)}
    </div>
  );
}

function Panel({ id, panel, isHidden }: Tab & { readonly isHidden: boolean }): Element {
  const { content, attributes } = optionsOf<TabPanel>(panel);
  return (
    <div
      class={classNames('govuk-tabs__panel', isHidden && 'govuk-tabs__panel--hidden')}
      id={id}
      {...attributes}
    >
      {typeof content === 'string' ? <p class="govuk-body">{content}</p> : content}
    </div>
  );
}
