import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { globSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from '#platform/settings';
import { blocksOf, installation, linesOf, ROOT, runLines } from '../support/document-lines.ts';
import type { Block } from '../support/document-lines.ts';
import { sqliteSettings } from '../support/journey-store.ts';
import { dropStore, freshAddress, postgresqlUrl } from '../support/postgresql-stores.ts';
import { startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';

const PAGES = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md', { cwd: ROOT })].sort();
const BLOCKS = PAGES.flatMap(blocksOf);

/** Specs that test the examples of a page. This spec tests all others. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'docs/operating.md': 'test/journeys/operating.spec.ts',
  'docs/upgrading.md': 'test/journeys/operating.spec.ts',
  'docs/event-format.md': 'test/documents/event-format.spec.ts',
  'docs/search.md': 'libs/read-models/src/register/register-search.spec.ts',
  'docs/lifecycle-definition.md': 'state-machines/definition.spec.ts',
};

const RUN_MS_MAX = 120_000;

/** Returns the only code block of a page that begins with this text. */
function block(page: string, beginning: string): Block {
  const [found, ...others] = BLOCKS.filter((each) => each.page === page && each.text.startsWith(beginning));
  if (found === undefined || others.length > 0)
    throw new Error(`${page} has ${others.length + (found ? 1 : 0)} blocks that begin with ${beginning}`);
  return found;
}

/** The examples that are run or compared here. */
const HERE = {
  firstSteps: block('docs/first-steps.md', 'docket import'),
  history: block('docs/first-steps.md', 'Record 730'),
  verify: block(
    'docs/verify.md',
    'docket checkpoint > checkpoint-2026-11-25 # keep it with someone else\ndocket verify',
  ),
  start: block('docs/installing.md', 'docket serve'),
  sweep: block('docs/sweep.md', 'docket sweep'),
  calendarToken: block('docs/sweep.md', 'docket token'),
  provider: block('docs/identity.md', 'DOCKET_OIDC_ISSUER='),
  calendarLink: block('docs/sweep.md', 'curl -X POST'),
  refusal: block('docs/first-steps.md', '{\n  "type": "urn:docket:problem'),
};
const done = new Set<Block>(Object.values(HERE));

let folder: string;
let service: RunningService;
const stores: string[] = [];

beforeAll(() => {
  folder = installation();
  mkdirSync(join(folder, 'data'));
});
afterAll(async () => {
  for (const store of stores) await dropStore(store);
});

describe('the lines of the first steps', () => {
  it(
    'run one after another, on a store of their own',
    async () => {
      const lines = linesOf(HERE.firstSteps);
      expect(lines.length).toBeGreaterThanOrEqual(10);
      const target = freshAddress(await postgresqlUrl());
      stores.push(target);
      const here = lines.map((line) => line.replace('postgresql://localhost/docket', `'${target}'`));
      const output = await runLines(here, { folder });
      expect(output).toMatch(/730 created, 6 events/);
      expect(output).toMatch(/On 2016-06-15: awaiting-review/);
      expect(output).toMatch(/^Verified/m);
      expect(output).toMatch(/^Packed 730, version 6/m);
      // The log also contains the pack's event and two checkpoints.
      expect(output).toMatch(/^Backed up 9 events/m);
      expect(output).toMatch(/Docket is ready at/);
    },
    RUN_MS_MAX,
  );
});

describe('the lines of the other pages', () => {
  it(
    'on verification, on the store of the first steps',
    async () => {
      const output = await runLines(linesOf(HERE.verify), { folder });
      expect(output).toMatch(/^Verified/m);
    },
    RUN_MS_MAX,
  );

  it('on installing start the service as the first steps do', () => {
    expect(linesOf(HERE.firstSteps)).toEqual(expect.arrayContaining(linesOf(HERE.start)));
  });

  it(
    'on the sweep',
    async () => {
      const output = await runLines(linesOf(HERE.sweep), { folder });
      expect(output).toMatch(/"recorded":/);
      expect(await runLines(linesOf(HERE.calendarToken), { folder })).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/m);
    },
    RUN_MS_MAX,
  );

  it('on identity are settings that can be used', () => {
    const lines = linesOf(HERE.provider);
    const settings = readSettings(
      Object.fromEntries(lines.map((line) => line.split('=') as [string, string])),
    );
    expect(settings).toMatchObject({ host: '0.0.0.0', provider: { audience: 'https://docket.example.org' } });
  });
});

describe('the history in the first steps', () => {
  it(
    'is printed as it is shown, with what the sweep recorded',
    async () => {
      const shown = HERE.history.text.trimEnd().split('\n');
      const printed = await runLines(['docket replay 730'], { folder });
      const history = printed.split('\n').slice(0, shown.length);
      const unnamed = (lines: readonly string[]) =>
        lines.map((line) =>
          line
            .replace(/, (?:cli:\S+|docket:sweep)$/, ', WHO')
            .replace(/^ {2}\d{4}-\d\d-\d\d {2}(?=RegisterRecordImported)/, '  TODAY  '),
        );
      expect(unnamed(history)).toEqual(unnamed(shown));
    },
    RUN_MS_MAX,
  );
});

describe('the answers on the pages', () => {
  beforeAll(async () => {
    service = await startService({ folder, env: sqliteSettings(join(folder, 'data')) });
  }, RUN_MS_MAX);

  it('a calendar link is made by the call that is shown', async () => {
    const lines = linesOf(HERE.calendarLink);
    const env = { TOKEN: service.token('inspector'), DOCKET: service.address };
    const answer = JSON.parse(await runLines(lines, { folder, env })) as { url: string };
    expect(answer.url).toMatch(/^http:.*deadlines.*\.ics/);
  });

  it('a refusal has the body that is shown', async () => {
    const shown = JSON.parse(HERE.refusal.text) as object;
    const inspector = service.as('inspector');
    await inspector.command('730', 'add-comment', { text: 'Evidence is expected.', visibility: 'public' });
    await inspector.command('730', 'request-closure', { statement: 'Published.' });
    const closed = await service.as('approver').command('730', 'approve-closure', { statement: 'Agreed.' });
    expect(closed).toMatchObject({ status: 200 });
    expect((await inspector.command('730', 'start-progress')).json).toMatchObject(shown);
  });
});

describe('the examples', () => {
  const examples = BLOCKS.filter(({ language }) => ['', 'sh', 'json'].includes(language));

  it('are each run or compared, or marked with why they are not', () => {
    const left = examples.filter(
      (each) => !(each.page in ELSEWHERE) && !done.has(each) && each.notRun === null,
    );
    expect(left.map(({ page, text }) => `${page}: ${text.split('\n')[0]}`)).toEqual([]);
  });

  it.each(Object.entries(ELSEWHERE))('of %s are checked by %s', (page, spec) => {
    expect(readFileSync(join(ROOT, spec), 'utf8')).toContain(page);
  });

  it('are not marked where they are run', () => {
    expect([...done].filter(({ notRun }) => notRun !== null)).toEqual([]);
  });
});
