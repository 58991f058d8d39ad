import { describe, expect, test } from '@jest/globals';
import { renderToString } from 'preact-render-to-string';
import { HelpView } from './about.controller.tsx';

describe('help', () => {
  test("lists each role's tasks until a recommendation is closed", () => {
    const html = renderToString(<HelpView />).replaceAll(/\s+/g, ' ');
    expect(html).toContain('A force lead submits it');
    expect(html).toContain('published by a commissioner');
    expect(html).toContain('an inspector requests it, and an approver decides');
  });
});
