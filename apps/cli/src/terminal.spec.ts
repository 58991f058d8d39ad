import { expect, test } from '@jest/globals';
import { Terminal } from './terminal.ts';

class Written extends Terminal {
  text = '';

  override write(text: string): void {
    this.text += text;
  }
}

const HOSTILE = 'Too \u001b]0;soon\u0007.\u2028\u202eReally.';

test("given someone's text that controls a terminal, then a line of text shows it without effect", () => {
  const terminal = new Written();
  terminal.line(HOSTILE);
  expect(terminal.text).toBe('Too \ufffd]0;soon\ufffd.\ufffd\ufffdReally.\n');
});

test('given the same text, then a line of JSON escapes it, and gives it back', () => {
  const terminal = new Written();
  terminal.json(HOSTILE);
  expect(terminal.text).toMatch(/^[\x20-\x7e]+\n$/);
  expect(JSON.parse(terminal.text)).toBe(HOSTILE);
});
