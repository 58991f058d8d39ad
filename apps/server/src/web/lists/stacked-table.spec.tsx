import { describe, expect, test } from '@jest/globals';
import { parseHTML } from 'linkedom';
import { renderToString } from 'preact-render-to-string';
import { StackedTable } from './stacked-table.tsx';
import type { StackedColumn } from './stacked-table.tsx';

const headersOf = (...columns: readonly StackedColumn[]): Element[] => {
  const table = renderToString(<StackedTable caption="Deadlines" columns={columns} rows={[]} />);
  return [...parseHTML(`<html><body>${table}</body></html>`).document.querySelectorAll('th')];
};

describe('a table with sortable columns', () => {
  const [deadline, body, owner] = headersOf(
    { heading: 'Deadline', sorting: { href: '?sort=-deadline', sorted: 'ascending' } },
    { heading: 'Body', sorting: { href: '?sort=body' } },
    { heading: 'Owner' },
  );

  test('marks the header cell of the sorted column with the direction', () => {
    expect(deadline!.getAttribute('aria-sort')).toBe('ascending');
  });

  test('marks other sortable columns as sortable, and the remaining columns not at all', () => {
    expect(body!.getAttribute('aria-sort')).toBe('none');
    expect(owner!.hasAttribute('aria-sort')).toBe(false);
  });

  test('links to the sorted list, with a sign for each direction that is not read out', () => {
    const signOf = (cell: Element | undefined): string | null | undefined =>
      cell?.querySelector('svg[aria-hidden="true"] path')?.getAttribute('d');

    expect(deadline!.querySelector('a')!.getAttribute('href')).toBe('?sort=-deadline');
    expect(deadline!.textContent.trim()).toBe('Deadline');
    expect(signOf(body)).toContain(signOf(deadline));
    expect(signOf(body)).not.toBe(signOf(deadline));
  });
});
