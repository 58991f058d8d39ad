import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { builtWithLetters } from '../support/built-with-letters.ts';
import { PageBrowser } from '../support/pages.ts';
import { startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';

let service: RunningService;
let browser: PageBrowser;

beforeAll(async () => {
  service = await startService({ dist: builtWithLetters() });
  browser = new PageBrowser(service.address);
  await browser.signIn('demo-inspector');
});
afterAll(() => service.stop());

const FORM = 'main form[method=post]';

test('given letters on the list of lifecycles, then there are pages on which one is written and listed', async () => {
  const page = await browser.get('/letters/new');
  expect(page.words('h1')).toEqual(['Issue a letter']);
  expect(page.words('nav li')).toEqual(expect.arrayContaining(['Letters', 'Issue a letter']));
  expect(page.words(`${FORM} label`)).toEqual(['Text', 'Id (optional)']);

  const list = await browser.get('/letters');
  expect(list.words('h1')).toEqual(['Letters']);
  expect(list.words('.docket-list__filters legend')).toEqual(expect.arrayContaining(['Status']));
  expect(list.words('.docket-list__filters label')).toEqual(expect.arrayContaining(['Draft', 'Answered']));
  for (const words of ['Awaiting review', 'No deadline', 'Owner'])
    expect(list.words('.docket-list__filters label')).not.toContain(words);
});
