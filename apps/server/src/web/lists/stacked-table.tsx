import { classNames } from '../components/macro-options.ts';
import type { Content, Element } from '../components/macro-options.ts';

export interface StackedColumn {
  readonly heading: string;
  /** Present if the list can be sorted by the column. */
  readonly sorting?: Sorting | undefined;
  /** Prevents line breaks in its cells. */
  readonly isShort?: boolean;
}

interface StackedTableOptions {
  readonly caption: Content;
  /** Shown instead of a table without rows. */
  readonly none?: string;
  /** A column, or its heading alone. */
  readonly columns: readonly (StackedColumn | string)[];
  readonly rows: readonly (readonly Content[])[];
  /** Anchors of the rows. */
  readonly rowIds?: readonly string[];
}

/**
 * A table whose rows become cards in narrow windows.
 * Explicit roles are needed, because changing `display` removes the table semantics in some browsers.
 */
export const StackedTable = ({
  caption,
  none,
  rows,
  rowIds = [],
  ...options
}: StackedTableOptions): Element => {
  if (rows.length === 0 && none !== undefined) return <p class="govuk-body">{none}</p>;
  const columns = options.columns.map((each): StackedColumn =>
    typeof each === 'string' ? { heading: each } : each,
  );
  return (
    <table class="govuk-table docket-stacked" role="table">
      <caption class="govuk-table__caption govuk-visually-hidden">{caption}</caption>
      <thead class="govuk-table__head" role="rowgroup">
        <tr class="govuk-table__row" role="row">
          {columns.map(({ heading, sorting }) =>
            sorting === undefined ? (
              <th scope="col" role="columnheader" class="govuk-table__header docket-stacked__plain">
                {heading}
              </th>
            ) : (
              <SortableHeader {...sorting}>{heading}</SortableHeader>
            ),
          )}
        </tr>
      </thead>
      <tbody class="govuk-table__body" role="rowgroup">
        {rows.map((cells, row) => (
          <tr class="govuk-table__row" role="row" id={rowIds[row]}>
            {cells.map((cell, index) => (
              <td
                class={classNames('govuk-table__cell', columns[index]?.isShort && 'docket-stacked__short')}
                role="cell"
              >
                {index > 0 && (
                  <span class="docket-stacked__heading" aria-hidden="true">
                    {columns[index]?.heading}
                  </span>
                )}
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
};

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
const SortableHeader = ({ children, href, sorted }: Sorting & { readonly children: string }): Element => (
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
