import { classNames, optionsOf } from './macro-options.ts';
import type { Content, Element, MacroOptions, Maybe, OrContent } from './macro-options.ts';

export interface SummaryAction extends MacroOptions {
  readonly content: Content;
  readonly href: string;
  /** What the link is about: "Change" needs "deadline" for those who hear it alone. */
  readonly visuallyHiddenText?: string | undefined;
}

interface SummaryActions {
  readonly items?: readonly SummaryAction[] | undefined;
  readonly classes?: string | undefined;
}

interface SummaryText {
  readonly content: Content;
  readonly classes?: string | undefined;
}

export interface SummaryRow {
  readonly key: OrContent<SummaryText>;
  readonly value?: OrContent<SummaryText> | undefined;
  readonly actions?: SummaryActions | undefined;
  readonly classes?: string | undefined;
}

interface CardTitle extends SummaryText {
  readonly headingLevel?: 1 | 2 | 3 | 4 | 5 | 6 | undefined;
}

export interface SummaryCard extends MacroOptions {
  readonly title?: OrContent<CardTitle> | undefined;
  readonly actions?: SummaryActions | undefined;
}

export interface SummaryListOptions extends MacroOptions {
  readonly rows: readonly Maybe<SummaryRow>[];
  readonly card?: SummaryCard | undefined;
}

/** Facts about one thing, each with its name. */
export function SummaryList({ rows, card, classes, attributes }: SummaryListOptions): Element {
  const about = card?.title === undefined ? undefined : optionsOf<CardTitle>(card.title).content;
  const anyHasActions = rows.some((row) => row && hasItems(row.actions));
  const list = (
    <dl class={classNames('govuk-summary-list', classes)} {...attributes}>
      {rows.map((row) => row && <Row {...row} about={about} hasGap={anyHasActions && !row.actions?.items} />)}
    </dl>
  );
  return card === undefined ? list : <Card {...card}>{list}</Card>;
}

const hasItems = (actions: SummaryActions | undefined): boolean => (actions?.items ?? []).length > 0;

function Row(row: SummaryRow & { readonly about: Content; readonly hasGap: boolean }): Element {
  const key = optionsOf<SummaryText>(row.key);
  const value = optionsOf<SummaryText>(row.value ?? '');
  return (
    <div
      class={classNames(
        'govuk-summary-list__row',
        row.hasGap && 'govuk-summary-list__row--no-actions',
        row.classes,
      )}
    >
      <dt class={classNames('govuk-summary-list__key', key.classes)}>{key.content}</dt>
      <dd class={classNames('govuk-summary-list__value', value.classes)}>{value.content}</dd>
      {hasItems(row.actions) && (
        <dd class={classNames('govuk-summary-list__actions', row.actions?.classes)}>
          <RowActions {...row.actions} about={row.about} />
        </dd>
      )}
    </div>
  );
}

function Card({
  title,
  actions,
  classes,
  attributes,
  children,
}: SummaryCard & { readonly children: Content }): Element {
  const { content, headingLevel = 2, classes: titleClasses } = optionsOf<CardTitle>(title ?? '');
  const Heading = `h${headingLevel}` as const;
  return (
    <div class={classNames('govuk-summary-card', classes)} {...attributes}>
      <div class="govuk-summary-card__title-wrapper">
        {title !== undefined && (
          <Heading class={classNames('govuk-summary-card__title', titleClasses)}>{content}</Heading>
        )}
        {hasItems(actions) && <CardActions {...actions} about={content} />}
      </div>
      <div class="govuk-summary-card__content">{children}</div>
    </div>
  );
}

type ActionsAbout = SummaryActions & { readonly about: Content };

const linksOf = ({ items = [], about }: ActionsAbout): Element[] =>
  items.map((action) => <ActionLink {...action} about={about} />);

function CardActions(actions: ActionsAbout): Element {
  const links = linksOf(actions);
  const className = classNames('govuk-summary-card__actions', actions.classes);
  if (links.length === 1) return <div class={className}>{links}</div>;
  return (
    <ul class={className}>
      {links.map((link) => (
        <li class="govuk-summary-card__action">{link}</li>
      ))}
    </ul>
  );
}

function RowActions(actions: ActionsAbout): Element {
  const links = linksOf(actions);
  if (links.length === 1) return <>{links}</>;
  return (
    <ul class="govuk-summary-list__actions-list">
      {links.map((link) => (
        <li class="govuk-summary-list__actions-list-item">{link}</li>
      ))}
    </ul>
  );
}

const ActionLink = (action: SummaryAction & { readonly about: Content }): Element => (
  <a class={classNames('govuk-link', action.classes)} href={action.href} {...action.attributes}>
    {action.content}
    {(action.visuallyHiddenText ?? action.about) && (
      <span class="govuk-visually-hidden">
        {action.visuallyHiddenText && ` ${action.visuallyHiddenText}`}
        {action.about && <> ({action.about})</>}
      </span>
    )}
  </a>
);
