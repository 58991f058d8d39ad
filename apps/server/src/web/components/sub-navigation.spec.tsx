import { expect, test } from '@jest/globals';
import { parseHTML } from 'linkedom';
import { renderToString } from 'preact-render-to-string';
import { SubNavigation } from './sub-navigation.tsx';

test('a sub navigation links to the pages of one thing, and says which of them is this one', () => {
  const mayAudit = false as boolean;
  const html = renderToString(
    <SubNavigation
      label="This record"
      items={[
        { content: 'Record', href: '/r/1' },
        { content: 'History', href: '/r/1/history', current: true },
        mayAudit && { content: 'Audit', href: '/r/1/audit' },
      ]}
    />,
  );
  const { document } = parseHTML(`<html><body>${html}</body></html>`);

  const links = [...document.querySelectorAll('nav[aria-label="This record"] > ul > li > a')];

  expect(links.map((link) => [link.textContent, link.getAttribute('aria-current')])).toEqual([
    ['Record', null],
    ['History', 'page'],
  ]);
});
