import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions, Maybe, MoreAttributes } from './macro-options.ts';

export interface PaginationLink {
  readonly href: string;
  /** `Previous page` or `Next page`, where nothing else is said. */
  readonly content?: Content;
  /** What is found there, where there are no numbered pages. */
  readonly labelText?: string | undefined;
  readonly attributes?: MoreAttributes | undefined;
}

export interface PaginationItem {
  readonly number: string | number;
  readonly href: string;
  readonly current?: boolean | undefined;
  /** `Page` and the number, where nothing else is said. */
  readonly visuallyHiddenText?: string | undefined;
  readonly attributes?: MoreAttributes | undefined;
}

/** Stands for the pages that are left out. */
interface Ellipsis {
  readonly ellipsis: true;
}

export interface PaginationOptions extends MacroOptions {
  readonly previous?: PaginationLink | undefined;
  readonly next?: PaginationLink | undefined;
  readonly items?: readonly Maybe<PaginationItem | Ellipsis>[] | undefined;
  readonly landmarkLabel?: string | undefined;
}

/** The pages before and after this one. */
export function Pagination(options: PaginationOptions): Element {
  const { previous, next, items, landmarkLabel = 'Pagination', classes, attributes } = options;
  const isBlock = items === undefined && (previous ?? next) !== undefined;
  return (
    <nav
      class={classNames('govuk-pagination', isBlock && 'govuk-pagination--block', classes)}
      aria-label={landmarkLabel}
      {...attributes}
    >
      {previous && <ArrowLink way="prev" isBlock={isBlock} {...previous} />}
      {items && <ul class="govuk-pagination__list">{items.map((item) => item && <Page {...item} />)}</ul>}
      {next && <ArrowLink way="next" isBlock={isBlock} {...next} />}
    </nav>
  );
}

type Way = 'prev' | 'next';

function ArrowLink(link: PaginationLink & { readonly way: Way; readonly isBlock: boolean }): Element {
  const { way, isBlock, href, content, labelText, attributes } = link;
  const isDecorated = isBlock && labelText === undefined;
  return (
    <div class={`govuk-pagination__${way}`}>
      <a class="govuk-link govuk-pagination__link" href={href} rel={way} {...attributes}>
        {(isBlock || way === 'prev') && <Arrow way={way} />}
        <span
          class={classNames(
            'govuk-pagination__link-title',
            isDecorated && 'govuk-pagination__link-title--decorated',
          )}
        >
          {content ?? (
            <>
              {way === 'prev' ? 'Previous' : 'Next'}
              <span class="govuk-visually-hidden"> page</span>
            </>
          )}
        </span>
        {isBlock && labelText !== undefined && (
          <>
            {' '}
            <span class="govuk-visually-hidden">:</span>{' '}
            <span class="govuk-pagination__link-label">{labelText}</span>
          </>
        )}
        {!isBlock && way === 'next' && <Arrow way={way} />}
      </a>
    </div>
  );
}

function Page(item: PaginationItem | Ellipsis): Element {
  if ('ellipsis' in item) return <li class="govuk-pagination__item govuk-pagination__item--ellipsis">⋯</li>;
  const { number, href, current = false, visuallyHiddenText, attributes } = item;
  return (
    <li class={classNames('govuk-pagination__item', current && 'govuk-pagination__item--current')}>
      <a
        class="govuk-link govuk-pagination__link"
        href={href}
        aria-label={visuallyHiddenText ?? `Page ${number}`}
        aria-current={current ? 'page' : undefined}
        {...attributes}
      >
        {number}
      </a>
    </li>
  );
}

const ARROWS: Readonly<Record<Way, string>> = {
  prev: 'm6.5938-0.0078125-6.7266 6.7266 6.7441 6.4062 1.377-1.449-4.1856-3.9768h12.896v-2h-12.984l4.2931-4.293-1.414-1.414z',
  next: 'm8.107-0.0078125-1.4136 1.414 4.2926 4.293h-12.986v2h12.896l-4.1855 3.9766 1.377 1.4492 6.7441-6.4062-6.7246-6.7266z',
};

const Arrow = ({ way }: { readonly way: Way }): Element => (
  <svg
    class={`govuk-pagination__icon govuk-pagination__icon--${way}`}
    xmlns="http://www.w3.org/2000/svg"
    height="13"
    width="15"
    aria-hidden="true"
    focusable="false"
    viewBox="0 0 15 13"
  >
    <path d={ARROWS[way]} />
  </svg>
);
