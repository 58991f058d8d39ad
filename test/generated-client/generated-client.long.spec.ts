import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { builtWith } from '../support/built-with.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIFE = fileURLToPath(new URL('life.ts', import.meta.url));

const OPTIONS = {
  strict: true,
  noUncheckedIndexedAccess: true,
  module: 'nodenext',
  target: 'es2024',
  lib: ['es2024', 'dom', 'dom.iterable'],
  types: ['node'],
};

let service: RunningService;
let folder: string;

beforeAll(async () => {
  service = await startService({ dist: builtWith(['lockers']) });
  folder = temporaryFolder();
  mkdirSync(join(folder, 'generated'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  cpSync(LIFE, join(folder, 'life.ts'));
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(service.document.openApi));
});

afterAll(() => service.stop());

const node = (script: string, words: readonly string[] = [], env: NodeJS.ProcessEnv = {}) =>
  run(process.execPath, [script, ...words], { cwd: folder, env: { ...process.env, ...env } });

/** Compiles with these options; fails with the compiler's errors. */
async function compile(name: string, options: object, include: readonly string[]): Promise<void> {
  writeFileSync(join(folder, name), JSON.stringify({ compilerOptions: { ...OPTIONS, ...options }, include }));
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  await node(compiler, ['--project', name]).catch((error: unknown) => {
    throw new Error((error as { readonly stdout: string }).stdout);
  });
}

describe('a client that is generated from the document of the API', () => {
  it('is made, and compiles strictly', async () => {
    const generator = join(ROOT, 'node_modules/@hey-api/openapi-ts/bin/run.js');
    await node(generator, [
      '--input',
      'openapi.json',
      '--output',
      'generated',
      '--logs',
      join(folder, 'logs'),
    ]);
    // The client's runtime is not written for exact optional properties, so it is compiled as a package.
    await compile('client.json', { declaration: true, rootDir: 'generated', outDir: 'client' }, [
      'generated',
    ]);
  }, 60_000);

  it('names unknown members nowhere, except in the machine that another program runs', () => {
    const types = readFileSync(join(folder, 'client/types.gen.d.ts'), 'utf8');
    const unnamed = types
      .replaceAll(/\/\*[^]*?\*\/|'[^']*'/g, '')
      .split('\n')
      .flatMap((line, index, lines) =>
        /\b(?:unknown|any|object)\b/.test(line) ? [lines[index - 1]?.trim()] : [],
      );
    // The data of an event depends on its type.
    expect(unnamed).toEqual(['data: {', 'snapshot: {', 'snapshot: {']);
  });

  it('does a record’s whole life', async () => {
    await compile('life.json', { exactOptionalPropertyTypes: true, skipLibCheck: true }, ['life.ts']);
    const tokens = {
      ann: service.token(['inspector', 'approver', 'detention-officer'], { subject: 'ann' }),
      ben: service.token(['approver', 'custody-sergeant'], { subject: 'ben' }),
      forceLead: service.token('force-lead', { subject: 'lead', organisations: ['avon'] }),
    };
    const { stdout } = await node('life.js', [], {
      DOCKET_URL: service.address,
      DOCKET_TOKENS: JSON.stringify(tokens),
    });
    expect(JSON.parse(stdout)).toEqual({
      issued: [{ id: 'generated', version: 2, status: 'awaiting-review' }],
      progress: 'being-progressed',
      canClose: true,
      closed: { status: 'complete', closure: 'none', deadline: 'settled' },
      listed: [{ id: 'generated', title: 'Custody records', status: 'complete' }],
      open: 0,
      due: [{ dueOn: '2099-06-30', daysLeft: null }],
      counted: [1, 0, 1],
      asIssued: { status: 'awaiting-review', deadlines: ['on-track'] },
      compared: expect.arrayContaining([
        'status: being-progressed → complete',
        'state.evidence: none → accepted',
        'version: 5 → 9',
      ]) as unknown,
      events: [
        'RecommendationIssued',
        'due 2099-06-30',
        'public: All forces were asked.',
        'internal: Ann is ill.',
        'ProgressStarted',
        'records.pdf aaaa',
        'EvidenceAccepted',
        'ClosureRequested',
        'decided on 2',
      ],
      next: null,
      timeline: [
        'Recommendation issued to avon',
        'Deadline set: 30 June 2099',
        'Comment',
        'Being progressed',
        'Evidence submitted: 1 item',
        'Evidence accepted',
        'Closure requested',
        'Completed',
      ],
      chart: ['progress complete', 'closure none', 'evidence accepted', 'response not-required'],
      locker: {
        registered: [2],
        events: ['LockerRegistered', 'due 2099-06-30', 'public: She came.', 'LockerEmptied'],
        listed: [{ id: 'generated', status: 'emptied' }],
      },
      me: { subject: 'lead', organisations: ['avon'] },
      problems: [
        'mend /title, /text, /recipients, /report/publishedOn',
        'read version 5 again',
        expect.stringMatching(/^do one of add-comment, /),
        'ask another person',
        'The record did not exist or was not known at that time',
      ],
    });
  }, 60_000);
});
