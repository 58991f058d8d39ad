import { expect, test } from '@jest/globals';
import { lockers } from '../second-lifecycle/lockers.ts';
import { kindSection } from './permissions-document.ts';

test('given another kind of record, then the permissions document has the rules of its lifecycle', () => {
  const section = kindSection(lockers);
  expect(section).toMatch(/^## Commands of lockers\n/);
  expect(section).toContain('| `replace-seal` | yes | yes |\n');
  expect(section).toContain(`### Replace seal

Replaces the broken seal.

- **Who**: detention-officer or custody-sergeant.
- **When**: seal is \`broken\`.
- **Records**: \`SealReplaced\`.
- **Refused**: for the common reasons, and by \`not-the-reporter\` and \`seal-not-new\`.`);
});
