import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { folderWithSample, jsonLines, runDocket, SAMPLE, writeRecord } from '../support/command-line.ts';
import type { DocketResult } from '../support/command-line.ts';
import { itOnSqlite, JOURNEY_STORE, storeName } from '../support/journey-store.ts';
import { childEnvironment, DIST, settingsIn } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const VERBS = [
  'serve',
  'scheduler',
  'demo',
  'import',
  'people',
  'export',
  'replay',
  'verify',
  'copy',
  'pack',
  'backup',
  'restore',
  'sweep',
  'rebuild',
  'status',
  'token',
];

/** The folder of a store with record 730. */
let folder: string;

const docket = (...words: string[]): Promise<DocketResult> => runDocket(words, { folder });

beforeAll(async () => {
  folder = await folderWithSample();
});

describe('help', () => {
  it('is shown on request, and names every verb, every setting and every exit code', async () => {
    const { code, stdout, stderr } = await docket('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const word of [
      ...VERBS,
      'DOCKET_STORE',
      'DOCKET_READ_MODELS',
      'DOCKET_DEVELOPMENT_KEY',
      'DOCKET_WITNESSES',
      '--as',
      '--store',
    ])
      expect(stdout).toContain(word);
    expect(stdout).toMatch(/0 success.*1 refused.*2 usage error.*3/s);
  });

  it.each(VERBS)('is shown for %s', async (verb) => {
    const { code, stdout, stderr } = await docket(verb, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`docket ${verb}`);
  });
});

describe('the version', () => {
  it.each(['--version', '-V'])('is printed by %s, and nothing else', async (flag) => {
    const { version } = JSON.parse(readFileSync(join(DIST, '../package.json'), 'utf8')) as {
      version: string;
    };
    expect(await docket(flag)).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('wrong usage ends with 2, names the error, and prints nothing else', () => {
  it.each([
    [[]],
    [['frobnicate']],
    [['import']],
    [['import', SAMPLE, SAMPLE, '--id', 'x']],
    [['import', SAMPLE, '--corrects', 'A slip.']],
    [['import', SAMPLE, '--anyway']],
    [['import', SAMPLE, SAMPLE, '--recipient', 'Kent']],
    [['import', SAMPLE, '--id', 'a b']],
    [['export', '730', '--format', 'pdf']],
    [['pack', '730']],
    [['pack', '730', '--out', 'p', '--withhold', '1:/data/text']],
    [['pack', '730', '--out', 'p', '--since', 'nothing']],
    [['replay', '730', '--effective-on', '2016-02-30']],
    [['replay', '730', '--known-at', '2999-01-01T00:00:00Z']],
    [['replay', '730', '--diff', '2016-01-01']],
    [['replay', '730', '--diff', '2016-01-01', '2016-01-02', '2016-01-03']],
    [['replay', '730', '--diff', '2016-01-02', '2016-01-01']],
    [['replay', '730', '--diff', '2016-01-01', '2016-02-30']],
    [['replay', '730', '--diff', '2016-01-01', '2016-01-02', '--effective-on', '2016-01-01']],
    [['replay', '730', '--diff', '2016-01-01', '2016-01-02', '--known-at', '2999-01-01']],
    [['rebuild', 'register']],
    [['clock']],
    [['outbox', 'list']],
    [['lifecycle', 'list']],
    [['token', '--subject', 's']],
    [['token', '--subject', '', '--role', 'auditor']],
    [['token', '--subject', ' ', '--role', 'auditor']],
    [['token', '--subject', 'docket:x', '--role', 'auditor']],
    [['people', 'enter', 'docket:x', 'Ann']],
    [['import', SAMPLE, 'no-such-file']],
    [['import', '.']],
    [['restore', 'no-such-file']],
    [['restore', '.']],
    [['--as', '', 'import', SAMPLE]],
    [['--as', '  ', 'import', SAMPLE]],
    [['--as', 'cli:', 'sweep']],
    [['--as', 'a\nb\u001b[1m', 'import', SAMPLE]],
    [['--as', 'ann\u202e', 'sweep']],
    [['--as', 'ann\u200b', 'sweep']],
    [['token', '--subject', 'ann ', '--role', 'auditor']],
    [['people', 'enter', 'an\u2060n', 'Ann']],
    [['token', '--subject', 's', '--role', 'wizard']],
    [['token', '--subject', 's', '--role', 'auditor', '--organisation', 'kent', 'West Mercia']],
    [['token', '--subject', 's', '--role', 'auditor', '--expires-in', 'soon']],
    [['rebuild', 'nothing']],
    [['copy']],
    [['copy', '--from', 'sqlite:a']],
    [['copy', '--from', 'sqlite:a', '--to', 'sqlite:./a']],
    [['copy', '--from', 'postgresql://a@db/x', '--to', 'postgres://b@db:5432/x?schema=docket']],
    [['copy', '--from', 'memory:', '--to', 'sqlite:a']],
    [['--store', 'sqlite:a', 'copy', '--from', 'sqlite:a', '--to', 'sqlite:b']],
    [['--store', 'oracle:x', 'verify']],
  ])('docket %j', async (words) => {
    const { code, stdout, stderr } = await docket(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).not.toBe('');
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
  });

  it('also where a setting cannot be used', async () => {
    const { code, stderr } = await runDocket(['verify'], { folder, env: { DOCKET_STORE: 'nowhere' } });
    expect(code).toBe(2);
    expect(stderr).toContain('DOCKET_STORE');
  });
});

describe('a missing store', () => {
  it.each([
    [['export', '730']],
    [['pack', '730', '--out', 'p']],
    [['replay', '730', '--json']],
    [['verify']],
    [['rebuild']],
    [['status']],
    [['checkpoint', '--key']],
  ])('ends docket %j with 3, and is not made', async (words) => {
    const empty = temporaryFolder();
    const { code, stdout, stderr } = await runDocket(words, { folder: empty });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(storeName(empty));
    expect(readdirSync(empty)).toEqual([]);
  });

  it('is named by --store, before the setting', async () => {
    const empty = temporaryFolder();
    const words = ['verify', '--json'];
    const { DOCKET_STORE: store = '' } = settingsIn(folder);
    const named = await runDocket(['--store', store, ...words], { folder: empty });
    expect(named).toMatchObject({ code: 0 });
  });

  itOnSqlite('ends with 3 as well for a file that is no store', async () => {
    const odd = temporaryFolder();
    writeRecord(odd, 'docket.sqlite', 'This is a letter.\n'.repeat(100));
    for (const words of [['verify'], ['import', SAMPLE]]) {
      const { code, stdout, stderr } = await runDocket(words, { folder: odd });
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toMatch(/not a SQLite database/);
    }
  });

  it('is made by an import', async () => {
    const empty = temporaryFolder();
    const env = { DOCKET_STORE: `sqlite:${join(empty, 'deep', 'down', 'store.sqlite')}` };
    expect(await runDocket(['import', SAMPLE], { folder: empty, env })).toMatchObject({ code: 0 });
    expect(await runDocket(['verify'], { folder: empty, env })).toMatchObject({ code: 0 });
  });

  it('is not made by a dry run', async () => {
    const empty = temporaryFolder();
    const run = await runDocket(['import', SAMPLE, '--dry-run', '--json'], { folder: empty });
    expect(run.code).toBe(0);
    expect(jsonLines(run)).toMatchObject([{ id: '730', outcome: 'created' }]);
    expect(readdirSync(empty)).toEqual([]);
  });
});

describe('token', () => {
  it('prints one token and nothing else, and opens no store', async () => {
    const own = temporaryFolder();
    const words = ['token', '--subject', 's-1', '--role', 'inspector', 'approver', '--name', 'A. Person'];
    const run = await runDocket([...words, '--organisation', 'kent', 'avon', '--expires-in', '30m'], {
      folder: own,
    });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const claims = JSON.parse(Buffer.from(run.stdout.split('.')[1] ?? '', 'base64url').toString()) as {
      iat: number;
      exp: number;
    };
    expect(claims).toMatchObject({
      sub: 's-1',
      name: 'A. Person',
      roles: ['inspector', 'approver'],
      organisations: ['kent', 'avon'],
    });
    expect(claims.exp - claims.iat).toBe(1_800);
    expect(readdirSync(own)).toEqual(['development-key.jwk']);
    expect(statSync(join(own, 'development-key.jwk')).mode & 0o777).toBe(0o600);
  });

  it.each([
    [['--role', 'force-lead'], /without --organisation, a force-lead sees no records/],
    [['--role', 'commissioner'], /without --organisation, a commissioner sees no records/],
    [
      ['--role', 'auditor', '--subject', 'cli:ann'],
      /cli:ann cannot be distinguished from a user of the command line/,
    ],
  ])('as %j prints its limits, beside the token', async (words, warning) => {
    const run = await docket('token', '--subject', 's', ...words);
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(run.stderr).toMatch(/^docket: warning: .*\n$/);
    expect(run.stderr).toMatch(warning);
  });

  it.each([
    [['--role', 'force-lead', '--organisation', 'kent']],
    [['--role', 'force-lead', 'inspector']],
    [['--role', 'scheduler']],
  ])('as %j has nothing to be warned of', async (words) => {
    expect(await docket('token', '--subject', 's', ...words)).toMatchObject({ code: 0, stderr: '' });
  });

  it('is signed with the one key, for any first user', async () => {
    const own = temporaryFolder();
    const words = ['token', '--subject', 's', '--role', 'auditor'];
    await Promise.all(Array.from({ length: 4 }, () => runDocket(words, { folder: own })));
    expect(readdirSync(own)).toEqual(['development-key.jwk']);
  });

  it('uses the key beside the store by default', () => {
    const own = temporaryFolder();
    const { DOCKET_DEVELOPMENT_KEY: _key, ...env } = settingsIn(own);
    const child = spawnSync(
      process.execPath,
      [join(DIST, 'apps/cli/src/main.js'), 'token', '--subject', 's', '--role', 'auditor'],
      { cwd: own, env: childEnvironment(env) },
    );
    expect(child.status).toBe(0);
    expect(readdirSync(own)).toEqual(['development-key.jwk']);
  });
});

describe('status', () => {
  it('shows the state of the store and the read models', async () => {
    const { code, stdout } = await docket('status');
    expect(code).toBe(0);
    expect(stdout).toContain(storeName(folder));
  });

  it('changes nothing, and makes nothing', async () => {
    const own = temporaryFolder();
    await runDocket(['import', SAMPLE], { folder: own });
    const before = readdirSync(own);
    const run = await runDocket(['status', '--json'], { folder: own });
    expect(jsonLines(run)).toMatchObject([{ readModels: null }]);
    const position = JOURNEY_STORE === 'kurrentdb' ? /^\d{20,}$/ : /^6$/;
    expect(jsonLines(run)[0]).toMatchObject({ position: expect.stringMatching(position) });
    // A reader of SQLite leaves an empty WAL and its index.
    expect(readdirSync(own).filter((name) => !/-(wal|shm)$/.test(name))).toEqual(before);
    await runDocket(['rebuild'], { folder: own });
    const built = await runDocket(['status', '--json'], { folder: own });
    expect(jsonLines(built)).toMatchObject([{ readModels: { state: 'running', lag: 0 } }]);
  });
});

describe('a folder around an evidence pack', () => {
  it('is refused, and says which folder in it is the pack', async () => {
    const around = temporaryFolder();
    const made = await docket('pack', '730', '--out', join(around, '730 pack'));
    expect(made).toMatchObject({ code: 0 });
    const run = await docket('verify', '--pack', around);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain('is not a pack, but its subfolder "730 pack" is: pass that path');
  });
});

describe('a reader that has seen enough', () => {
  it('ends the command quietly, with the code of its findings', async () => {
    const own = temporaryFolder();
    const blocks = Array.from(
      { length: 1_000 },
      (_, index) => `[on]1st June 2016 [comment]Remark ${index} ${'x'.repeat(60)}[/comment][/on]`,
    );
    await runDocket(
      ['import', writeRecord(own, 'long.txt', `Long (long-1)\n\nText.\n\n${blocks.join('')}`)],
      { folder: own },
    );
    const cases = [
      ['replay long-1 --json', 0],
      ['export long-1 --format json', 0],
      [`verify --pack "${join(own, 'long.txt')}"`, 1],
    ] as const;
    for (const [words, code] of cases) {
      const script = `"${process.execPath}" "${join(DIST, 'apps/cli/src/main.js')}" ${words} | head -1; echo "\${PIPESTATUS[0]}" >&2`;
      const child = spawn('bash', ['-c', script], {
        env: childEnvironment(settingsIn(own)),
        timeout: 20_000,
      });
      let stderr = '';
      let stdout = '';
      child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
      child.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()));
      await once(child, 'close');
      expect(stderr).toBe(`${code}\n`);
      expect(stdout.split('\n')).toHaveLength(2);
    }
  });
});
