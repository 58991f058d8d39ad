import { expect, test } from '@jest/globals';
import { letters } from '../second-lifecycle/letters.ts';
import { kindSection } from './permissions-document.ts';

test('given another kind of record, then the permissions document has the rules of its lifecycle', () => {
  const section = kindSection(letters);
  expect(section).toMatch(/^## Commands of letters\n/);
  expect(section).toContain('| `answer-letter` | yes | yes |\n');
  expect(section).toContain(`### send-letter

Sends the letter.

- **Who**: inspector.
- **When**: post is \`draft\`.
- **Records**: \`LetterSent\`.
- **Refused**: for the common reasons, and by \`the-author\`.`);
});
