import { classNames } from './macro-options.ts';
import type { Content, Element } from './macro-options.ts';

interface PaginationLink {
  readonly href: string;
  /** Defaults to `Previous page` or `Next page`. */
  readonly content?: Content;
  /** A description of the page. */
  readonly labelText?: string | undefined;
}

interface PaginationOptions {
  readonly previous?: PaginationLink | undefined;
  readonly next?: PaginationLink | undefined;
  readonly landmarkLabel?: string | undefined;
}

export const Pagination = ({ previous, next, landmarkLabel = 'Pagination' }: PaginationOptions): Element => (
  <nav
    class={classNames('govuk-pagination', (previous ?? next) !== undefined && 'govuk-pagination--block')}
    aria-label={landmarkLabel}
  >
    {previous && <ArrowLink direction="prev" {...previous} />}
    {next && <ArrowLink direction="next" {...next} />}
  </nav>
);

type Direction = 'prev' | 'next';

const ArrowLink = ({
  direction,
  href,
  content,
  labelText,
}: PaginationLink & { readonly direction: Direction }): Element => (
  <div class={`govuk-pagination__${direction}`}>
    <a class="govuk-link govuk-pagination__link" href={href} rel={direction}>
      <Arrow direction={direction} />
      <span
        class={classNames(
          'govuk-pagination__link-title',
          labelText === undefined && 'govuk-pagination__link-title--decorated',
        )}
      >
        {content ?? (
          <>
            {direction === 'prev' ? 'Previous' : 'Next'}
            <span class="govuk-visually-hidden"> page</span>
          </>
        )}
      </span>
      {labelText !== undefined && (
        <>
          {' '}
          <span class="govuk-visually-hidden">:</span>{' '}
          <span class="govuk-pagination__link-label">{labelText}</span>
        </>
      )}
    </a>
  </div>
);

const ARROWS: Readonly<Record<Direction, string>> = {
  prev: 'm6.5938-0.0078125-6.7266 6.7266 6.7441 6.4062 1.377-1.449-4.1856-3.9768h12.896v-2h-12.984l4.2931-4.293-1.414-1.414z',
  next: 'm8.107-0.0078125-1.4136 1.414 4.2926 4.293h-12.986v2h12.896l-4.1855 3.9766 1.377 1.4492 6.7441-6.4062-6.7246-6.7266z',
};

const Arrow = ({ direction }: { readonly direction: Direction }): Element => (
  <svg
    class={`govuk-pagination__icon govuk-pagination__icon--${direction}`}
    xmlns="http://www.w3.org/2000/svg"
    height="13"
    width="15"
    aria-hidden="true"
    focusable="false"
    viewBox="0 0 15 13"
  >
    <path d={ARROWS[direction]} />
  </svg>
);

/** Links to the pages before and after one of several numbered pages. */
export const NumberedPages = ({
  page,
  pages,
  hrefOf,
  words: [before, after],
  landmarkLabel,
}: {
  readonly page: number;
  readonly pages: number;
  readonly hrefOf: (page: number) => string;
  readonly words: readonly [before: string, after: string];
  readonly landmarkLabel: string;
}): Element => {
  const link = (to: number, content: string) =>
    to < 1 || to > pages ? undefined : { content, href: hrefOf(to), labelText: `${to} of ${pages}` };
  return <Pagination {...{ landmarkLabel }} previous={link(page - 1, before)} next={link(page + 1, after)} />;
};
