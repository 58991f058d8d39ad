import { describe, expect, test } from '@jest/globals';
import { parseHTML } from 'linkedom';
import { renderToString } from 'preact-render-to-string';
import type { ChosenFilter } from '../lists/list-page.tsx';
import { FilterPanel } from '../lists/list-page.tsx';
import { Input } from './fields.tsx';

const panel = (chosen: readonly ChosenFilter[]): Element => {
  const html = renderToString(
    <FilterPanel
      action="/list"
      clearHref="/list?sort=body"
      chosen={chosen}
      kept={{ sort: 'body', page: undefined }}
    >
      <Input name="q" label="Words" />
    </FilterPanel>,
  );
  return parseHTML(`<html><body>${html}</body></html>`).document.querySelector('form')!;
};
const textOf = (element: Element): string => element.textContent.replace(/\s+/g, ' ').trim();

describe('a filter panel', () => {
  test('given chosen filters, shows each value as a link that removes it, and says what it removes', () => {
    const status = {
      name: 'Status',
      values: [
        { text: 'open', removedHref: '/list?status=closed' },
        { text: 'closed', removedHref: '/list?status=open' },
      ],
    };

    const links = [...panel([status]).querySelectorAll('a')];

    expect(links.map((link) => [textOf(link), link.getAttribute('href')])).toEqual([
      ['Remove Status: open ×', '/list?status=closed'],
      ['Remove Status: closed ×', '/list?status=open'],
      ['Clear filters', '/list?sort=body'],
    ]);
  });

  test('given no chosen filters, shows no links that remove or clear filters', () => {
    expect(panel([]).querySelectorAll('a, dl, h3')).toHaveLength(0);
  });

  test('requests its list with GET, keeps other parameters, and has a button after its fields', () => {
    const form = panel([]);

    expect(form.getAttribute('method')).toBe('get');
    expect(
      [...form.querySelectorAll('input, button')].map(
        (field) => field.getAttribute('name') ?? field.localName,
      ),
    ).toEqual(['sort', 'q', 'button']);
  });
});
