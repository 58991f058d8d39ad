import { describe, expect, test } from '@jest/globals';
import { renderToString } from 'preact-render-to-string';
import { Textarea } from './fields.tsx';

describe('a text area with a value', () => {
  const shown = (value: string): string | undefined =>
    /<textarea[^>]*>(.*)<\/textarea>/s.exec(
      renderToString(<Textarea name="note" label="Note" value={value} />),
    )?.[1];

  test('that begins with a newline, has one more, which a browser drops', () => {
    expect(shown('\nSecond line')).toBe('\n\nSecond line');
    expect(shown('\r\nSecond line')).toBe('\n\r\nSecond line');
  });

  test('that begins with words, shows it as it is', () => {
    expect(shown('First line\nSecond line')).toBe('First line\nSecond line');
  });

  test('that contains markup, shows it as text', () => {
    expect(shown('</textarea><b>')).toBe('&lt;/textarea>&lt;b>');
  });
});
