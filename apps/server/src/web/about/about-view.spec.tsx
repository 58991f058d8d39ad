import { describe, expect, test } from '@jest/globals';
import { parseHTML } from 'linkedom';
import { renderToString } from 'preact-render-to-string';
import { AccessibilityView, HelpView } from './about.controller.tsx';

describe('the support contact', () => {
  test.each([
    ['help@docket.example', 'mailto:help@docket.example'],
    ['https://help.example/a@b', 'https://help.example/a@b'],
  ])('given %s, then it is linked to on both pages', (contact, href) => {
    for (const View of [HelpView, AccessibilityView]) {
      const html = `<html><body>${renderToString(<View contact={contact} />)}</body></html>`;
      const links = [...parseHTML(html).document.querySelectorAll('a')].map((link) =>
        link.getAttribute('href'),
      );
      expect(links).toContain(href);
    }
  });

  test('given no contact is set, then it is the person who granted access', () => {
    expect(renderToString(<HelpView contact={null} />)).toContain('the person who gave you access');
  });
});

describe('help', () => {
  test("lists each role's tasks until a recommendation is closed", () => {
    const html = renderToString(<HelpView contact={null} />).replaceAll(/\s+/g, ' ');
    expect(html).toContain('A force lead submits it');
    expect(html).toContain('published by a commissioner');
    expect(html).toContain('an inspector requests it, and an approver decides');
  });
});
