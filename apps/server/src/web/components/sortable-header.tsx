import type { Content } from './macro-options.ts';
import type { TableCell } from './table.tsx';

export interface SortableColumn {
  readonly content: Content;
  /** The same list, sorted by this column; the other way round where it is sorted by it already. */
  readonly href: string;
  readonly sorted?: 'ascending' | 'descending' | undefined;
  readonly format?: TableCell['format'];
}

const [UP, DOWN] = ['M5 1 9 7H1Z', 'M5 15 1 9H9Z'];
const SIGNS = { ascending: UP, descending: DOWN, none: `${UP}${DOWN}` };

/** A cell of a table's head by which its rows can be sorted: a link, so that it needs no script and has an address. */
export function sortableHeader({ content, href, sorted, format }: SortableColumn): TableCell {
  const order = sorted ?? 'none';
  return {
    format,
    // Of the cell, since that is where screen readers look for it.
    attributes: { 'aria-sort': order },
    content: (
      <a class="docket-sort" href={href}>
        {content}{' '}
        <svg
          class="docket-sort__sign"
          xmlns="http://www.w3.org/2000/svg"
          viewBox="0 0 10 16"
          width="10"
          height="16"
          aria-hidden="true"
          focusable="false"
        >
          <path fill="currentColor" d={SIGNS[order]} />
        </svg>
      </a>
    ),
  };
}
