import { classNames, optionsOf } from './macro-options.ts';
import type { Content, Element, MacroOptions, MoreAttributes, OrContent } from './macro-options.ts';

interface FooterLink {
  readonly content: Content;
  readonly href: string;
  readonly attributes?: MoreAttributes | undefined;
}

interface FooterSection {
  readonly title: string;
  readonly columns?: number | undefined;
  /** Of the grid: `one-third`. */
  readonly width?: string | undefined;
  readonly items?: readonly FooterLink[] | undefined;
}

interface FooterMeta {
  readonly visuallyHiddenTitle?: string | undefined;
  readonly items?: readonly FooterLink[] | undefined;
  readonly content?: Content;
}

export interface FooterOptions extends MacroOptions {
  readonly navigation?: readonly FooterSection[] | undefined;
  readonly meta?: OrContent<FooterMeta> | undefined;
  readonly containerClasses?: string | undefined;
}

/** The foot of every page, without the crown, the copyright and the licence, which are the state's. */
export const Footer = ({
  navigation = [],
  meta,
  containerClasses,
  classes,
  attributes,
}: FooterOptions): Element => (
  <div class={classNames('govuk-footer', classes)} {...attributes}>
    <div class={classNames('govuk-width-container', containerClasses)}>
      {navigation.length > 0 && (
        <>
          <div class="govuk-footer__navigation">
            {navigation.map((section) => (
              <Section {...section} />
            ))}
          </div>
          <hr class="govuk-footer__section-break" />
        </>
      )}
      <div class="govuk-footer__meta">
        <div class="govuk-footer__meta-item govuk-footer__meta-item--grow">
          {meta && <Meta {...optionsOf<FooterMeta>(meta)} />}
        </div>
      </div>
    </div>
  </div>
);

const Section = ({ title, columns, width = 'full', items = [] }: FooterSection): Element => (
  <div class={`govuk-footer__section govuk-grid-column-${width}`}>
    <h2 class="govuk-footer__heading govuk-heading-m">{title}</h2>
    {items.length > 0 && (
      <ul
        class={classNames(
          'govuk-footer__list',
          columns !== undefined && `govuk-footer__list--columns-${columns}`,
        )}
      >
        {items.map((item) => (
          <li class="govuk-footer__list-item">
            <FootLink {...item} />
          </li>
        ))}
      </ul>
    )}
  </div>
);

const Meta = ({ visuallyHiddenTitle, items = [], content }: FooterMeta): Element => (
  <>
    <h2 class="govuk-visually-hidden">{visuallyHiddenTitle ?? 'Support links'}</h2>
    {items.length > 0 && (
      <ul class="govuk-footer__inline-list">
        {items.map((item) => (
          <li class="govuk-footer__inline-list-item">
            <FootLink {...item} />
          </li>
        ))}
      </ul>
    )}
    {content && <div class="govuk-footer__meta-custom">{content}</div>}
  </>
);

const FootLink = ({ content, href, attributes }: FooterLink): Element => (
  <a class="govuk-footer__link" href={href} {...attributes}>
    {content}
  </a>
);
