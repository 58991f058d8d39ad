import type { Element } from './macro-options.ts';

/** The sort order of a column, and the address to change it. */
export interface Sorting {
  /** Sorts by this column; reverses the order if it is sorted already. */
  readonly href: string;
  readonly sorted?: 'ascending' | 'descending' | undefined;
}

const [UP, DOWN] = ['M5 1 9 7H1Z', 'M5 15 1 9H9Z'];
const SIGNS = { ascending: UP, descending: DOWN, none: `${UP}${DOWN}` };

/**
 * A sortable column header: a link, which works without scripts. `aria-sort` is on the cell, where screen
 * readers expect it.
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
