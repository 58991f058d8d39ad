import { classNames } from '../components/macro-options.ts';
import type { Content, Element } from '../components/macro-options.ts';
import { SortableHeader } from '../components/sortable-header.tsx';
import type { Sorting } from '../components/sortable-header.tsx';

export interface StackedColumn {
  readonly heading: string;
  /** Present if the list can be sorted by the column. */
  readonly sorting?: Sorting | undefined;
  /** Prevents line breaks in its cells. */
  readonly isShort?: boolean;
}

interface StackedTableOptions {
  readonly caption: Content;
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
export const StackedTable = ({ caption, rows, rowIds = [], ...options }: StackedTableOptions): Element => {
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
