import { expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { withShapes } from '../support/shapes-in-words.ts';

const PAGE = new URL('../../docs/event-format.md', import.meta.url);

test('docs/event-format.md lists the members of each type of event of a record', () => {
  const page = readFileSync(PAGE, 'utf8');
  if (process.env['DOCKET_WRITE_SHAPES'] === undefined) expect(page).toBe(withShapes(page));
  else writeFileSync(PAGE, withShapes(page));
});
