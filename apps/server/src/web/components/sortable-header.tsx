import type { Element } from './macro-options.ts';

/** How a list is ordered by a column, and where it is ordered so or the other way round. */
export interface Sorting {
  /** The same list, sorted by this column; the other way round where it is sorted by it already. */
  readonly href: string;
  readonly sorted?: 'ascending' | 'descending' | undefined;
}

const [UP, DOWN] = ['M5 1 9 7H1Z', 'M5 15 1 9H9Z'];
const SIGNS = { ascending: UP, descending: DOWN, none: `${UP}${DOWN}` };

/**
 * A cell of a table's head by which its rows can be sorted: a link, so that it needs no script and has an address. The order is said
 * of the cell, since that is where screen readers look for it.
 */
export const SortableHeader = ({
  children,
  href,
  sorted,
}: Sorting & { readonly children: string }): Element => (
  <th scope="col" role="columnheader" class="govuk-table__header" aria-sort={sorted ?? 'none'}>
    <a class="docket-sort" href={href}>
      {children}{' '}
      <svg
        class="docket-sort__sign"
        xmlns="http://www.w3.org/2000/svg"
        viewBox="0 0 10 16"
        width="10"
        height="16"
        aria-hidden="true"
        focusable="false"
      >
        <path fill="currentColor" d={SIGNS[sorted ?? 'none']} />
      </svg>
    </a>
  </th>
);
