import { classNames, optionsOf } from './macro-options.ts';
import type { Content, Element, MacroOptions, Maybe, OrContent } from './macro-options.ts';

export interface TableCell extends MacroOptions {
  readonly content: Content;
  readonly format?: 'numeric' | undefined;
  readonly colspan?: number | undefined;
  readonly rowspan?: number | undefined;
}

export interface TableOptions extends MacroOptions {
  readonly caption?: Content;
  readonly captionClasses?: string | undefined;
  readonly head?: readonly OrContent<TableCell>[] | undefined;
  readonly rows: readonly Maybe<readonly OrContent<TableCell>[]>[];
  readonly firstCellIsHeader?: boolean | undefined;
}

/** Facts in rows and columns. */
export function Table(options: TableOptions): Element {
  const { caption, captionClasses, head, rows, firstCellIsHeader = false, classes, attributes } = options;
  return (
    <table class={classNames('govuk-table', classes)} {...attributes}>
      {caption && <caption class={classNames('govuk-table__caption', captionClasses)}>{caption}</caption>}
      {head && (
        <thead class="govuk-table__head">
          <tr class="govuk-table__row">
            {head.map((cell) => (
              <Header scope="col" {...optionsOf<TableCell>(cell)} />
            ))}
          </tr>
        </thead>
      )}
      <tbody class="govuk-table__body">
        {rows.map(
          (row) =>
            row && (
              <tr class="govuk-table__row">
                {row.map((cell, index) =>
                  firstCellIsHeader && index === 0 ? (
                    <Header scope="row" {...optionsOf<TableCell>(cell)} />
                  ) : (
                    <Cell {...optionsOf<TableCell>(cell)} />
                  ),
                )}
              </tr>
            ),
        )}
      </tbody>
    </table>
  );
}

const Header = (cell: TableCell & { readonly scope: 'col' | 'row' }): Element => (
  <th
    scope={cell.scope}
    class={classNames(
      'govuk-table__header',
      cell.scope === 'col' && cell.format && `govuk-table__header--${cell.format}`,
      cell.classes,
    )}
    colspan={cell.colspan}
    rowspan={cell.rowspan}
    {...cell.attributes}
  >
    {cell.content}
  </th>
);

const Cell = ({ content, format, classes, colspan, rowspan, attributes }: TableCell): Element => (
  <td
    class={classNames('govuk-table__cell', format && `govuk-table__cell--${format}`, classes)}
    colspan={colspan}
    rowspan={rowspan}
    {...attributes}
  >
    {content}
  </td>
);
