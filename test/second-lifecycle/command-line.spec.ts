import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { join } from 'node:path';
import type { CommandedLifecycle } from '#lifecycle/lifecycles';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Kind = 'recommendation' | 'letter';

/** The command line of a build with some kinds of records, on a separate store. */
class CommandLine {
  readonly #folder = temporaryFolder();
  #run!: (words: readonly string[]) => Promise<{ code: number; out: string; err: string }>;

  at(name: string): string {
    return join(this.#folder, name);
  }

  async start(...kinds: readonly Kind[]): Promise<void> {
    jest.resetModules();
    jest.unstable_mockModule('#state-machines/lifecycles', async () => {
      const { Lifecycles } = await import('#lifecycle/lifecycles');
      const { recommendations } = await import('#state-machines/inspection-recommendation/versions');
      const { letters } = await import('./letters.ts');
      const all = kinds.flatMap((kind): readonly CommandedLifecycle[] =>
        kind === 'letter' ? [letters] : recommendations,
      );
      const lifecycles = new Lifecycles<unknown>(...all);
      return { lifecycles };
    });
    const { runDocket } = await import('#cli/docket');
    const { Terminal } = await import('#cli/terminal');
    const said = { out: '', err: '' };
    const report = (text: string) => {
      said.err += `${text}\n`;
    };
    class Read extends Terminal {
      override write(text: string | Uint8Array): void {
        said.out += Buffer.from(text).toString();
      }
      override error = report;
      override warn = report;
    }
    const terminal = new Read();
    this.#run = async (words) => {
      Object.assign(said, { out: '', err: '' });
      terminal.exitCode = 0;
      return { code: await runDocket(words, terminal), ...said };
    };
  }

  /** Issues a record of each kind, with the same id. */
  async issue(): Promise<void> {
    const { openStore } = await import('#platform/open-store');
    const { parseStore } = await import('#platform/settings');
    const { lifecycles } = await import('#state-machines/lifecycles');
    const { kinds } = await import('#state-machines/record-streams');
    const { issueRecords } = await import('#use-cases/records/issue-records');
    const store = await openStore(parseStore(this.#store(), ''), { create: true });
    const call = {
      organisations: [],
      request: null,
      correlationId: 'c',
      now: Date.parse('2026-11-24T09:00Z'),
    };
    const actor = { subject: 'ann', roles: ['inspector'] };
    const issue = (kind: string, commandId: string, body: object) =>
      issueRecords(store, lifecycles, kinds.named(kind), { ...call, commandId, actor, body });
    const report = { name: 'A report', publishedOn: '2026-11-24' };
    const plan = { id: '730', title: 'A plan', text: 'Plan.', recipients: ['kent'], report };
    if (kinds.all.length > 1)
      await issue('inspection-recommendation', '0b6c1f0e-6a55-4b0a-9c53-5f1f6f2f0d3e', plan);
    await issue('letter', '1b6c1f0e-6a55-4b0a-9c53-5f1f6f2f0d3e', { id: '730', text: 'Dear Kent' });
    await store.close();
  }

  #store(): string {
    return `sqlite:${this.at('docket.sqlite')}`;
  }

  docket(...words: string[]) {
    return this.#run(['--store', this.#store(), ...words]);
  }
}

describe('the command line of a build with recommendations and letters', () => {
  const line = new CommandLine();
  beforeAll(async () => {
    await line.start('recommendation', 'letter');
    await line.issue();
  });

  test.each([
    ['an id that both have', '730', '2 events in 2 streams'],
    ['a kind and an id', 'letter-730', '1 events in 1 stream'],
  ])('given %s, then every record of that name is verified', async (_, name, counted) => {
    expect(await line.docket('verify', name)).toMatchObject({
      code: 0,
      out: expect.stringContaining(counted),
    });
  });

  test('given an unknown id, then it reports that there is no such record', async () => {
    expect(await line.docket('verify', 'none')).toMatchObject({
      code: 1,
      out: expect.stringContaining('there is no record none'),
    });
    expect(await line.docket('replay', 'none')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no record none'),
    });
  });

  test('given an id that both have, then one is replayed, and a warning names the other', async () => {
    const { out, err } = await line.docket('replay', '730');
    expect(out).toContain('RecommendationIssued');
    expect(err).toContain(
      'several records have the id 730: this is recommendation-730. For another, use letter-730',
    );
    const letter = await line.docket('replay', 'letter-730');
    expect(letter.out).toContain('LetterWritten');
    expect(letter.out).not.toContain('deadline');
    expect(letter.err).not.toContain('several records');
  });

  test('given a letter, then it is exported as JSON, and never in the register’s format', async () => {
    const { out } = await line.docket('export', 'letter-730');
    expect(JSON.parse(out)).toMatchObject({ id: '730', events: [{ streamId: 'letter-730' }] });
    expect(await line.docket('export', 'letter-730', '--format', 'register')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining(
        "The register's format does not support letters; use json, csv or cloudevents",
      ),
    });
    expect((await line.docket('export', '730')).out).toContain('Plan.');
  });
});

describe('the command line of a build with letters alone', () => {
  const line = new CommandLine();
  beforeAll(async () => {
    await line.start('letter');
    await line.issue();
  });

  test('given its help, then it describes what this build can do', async () => {
    const { out } = await line.docket('--help');
    expect(out).toContain('Keep the history of records (letters)');
    expect(out).not.toMatch(/^ {2}import\b/m);
    expect((await line.docket('replay', '--help')).out).toContain('its kind and id as in letter-730');
    const exported = await line.docket('export', '--help');
    expect(exported.out).toContain('choices: "json", "csv", "cloudevents"');
  });

  test('given a register to import, then it is refused with the reason', async () => {
    expect(await line.docket('import', line.at('730.txt'))).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        'this build of Docket has no recommendations, which register files contain',
      ),
    });
  });

  test('given an id, then it is that of a letter', async () => {
    expect((await line.docket('verify', '730')).out).toContain('1 events in 1 stream');
    expect(JSON.parse((await line.docket('export', '730')).out)).toMatchObject({ text: 'Dear Kent' });
  });
});

test('given a store with letters, then a build without them names the missing kind, and the next step', async () => {
  const line = new CommandLine();
  await line.start('recommendation', 'letter');
  await line.issue();
  expect(await line.docket('rebuild')).toMatchObject({ code: 0 });

  await line.start('recommendation');
  const lacking =
    /letter-730 was recorded under lifecycle letter v1 [^]*which this build of Docket does not have[^]*Use a build that has it/;
  expect(await line.docket('verify')).toMatchObject({ code: 1, out: expect.stringMatching(lacking) });
  for (const words of [['replay', 'letter-730'], ['export', 'letter-730'], ['rebuild']])
    expect(await line.docket(...words)).toMatchObject({ code: 1, err: expect.stringMatching(lacking) });
  // Read models of letters still exist after the kind is removed.
  await line.start('recommendation', 'letter');
  expect(await line.docket('verify', '--read-models')).toMatchObject({ code: 0 });
});
