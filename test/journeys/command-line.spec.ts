import { setFileOf } from '../support/read-model-files.ts';
import { beforeAll, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCheckpoint } from '#audit/tlog/checkpoint';
import { cosignersOf } from '#audit/tlog/cosignature';
import { parseNote, parseVerifierKey } from '#audit/tlog/signed-note';
import type { Envelope } from '#event-sourcing/envelope';
import { folderWithSample, jsonLines, runDocket, SAMPLE, writeRecord } from '../support/command-line.ts';
import type { DocketOptions, DocketResult } from '../support/command-line.ts';
import { itOnSqlite } from '../support/journey-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWitness } from '../support/witness.ts';
import { copyChanged } from '../support/stored-events.ts';
import type { ChangeEvent } from '../support/stored-events.ts';

/** The folder of a store with record 730. */
let folder: string;

const docket = (...words: string[]): Promise<DocketResult> => runDocket(words, { folder });

beforeAll(async () => {
  folder = await folderWithSample();
});

describe('import', () => {
  it('prints its effects for people, and a line a file for programs', async () => {
    const own = temporaryFolder();
    const first = await runDocket(['import', SAMPLE], { folder: own });
    expect(first.stdout).toMatch(/730.*created.*6 events/);
    const again = await runDocket(['import', SAMPLE, '--json'], { folder: own });
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(jsonLines(again)).toEqual([
      { file: SAMPLE, id: '730', outcome: 'unchanged', events: 0, anomalies: [] },
    ]);
  });

  it('imports the good files of several, says which was refused, and ends with 1', async () => {
    const own = temporaryFolder();
    const good = writeRecord(own, 'good.txt', 'Good (good-1)\n\nText.\n');
    const large = writeRecord(own, 'large.txt', 'x'.repeat(512 * 1024 + 1));
    const differs = writeRecord(own, 'differs.txt', 'Good (good-1)\n\nAnother text.\n');
    const last = writeRecord(own, 'last.txt', 'Last (last-1)\n\nText.\n');
    const files = [good, large, differs, last];
    const run = await runDocket(['import', ...files, '--json'], { folder: own });
    expect(run.code).toBe(1);
    const lines = jsonLines(run);
    expect(lines.map(({ file }) => file)).toEqual(files);
    expect(lines.map(({ outcome }) => outcome)).toEqual(['created', 'refused', 'refused', 'created']);
    for (const line of lines.filter(({ outcome }) => outcome === 'refused')) {
      expect(line).toMatchObject({ events: 0, anomalies: [], detail: expect.any(String) });
    }
    expect(lines[2]?.['detail']).toMatch(/line \d+, column \d+/);
    expect(lines.map(({ code }) => code)).toEqual([
      undefined,
      'file-too-large',
      'history-differs',
      undefined,
    ]);
    expect(await runDocket(['verify'], { folder: own })).toMatchObject({ code: 0 });
  });

  it('refuses a file that is no register record', async () => {
    const own = temporaryFolder();
    const program = writeRecord(own, 'program', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1]));
    const run = await runDocket(['import', program, '--json'], { folder: own });
    expect(run.code).toBe(1);
    expect(jsonLines(run)).toMatchObject([
      {
        outcome: 'refused',
        events: 0,
        code: 'not-a-register-record',
      },
    ]);
    const refused = await runDocket(['import', program], { folder: own });
    expect(refused.stderr).toMatch(/program: refused: .* \(not-a-register-record\)\n$/);
  });

  it('acts as the named person, else as the user', async () => {
    const own = temporaryFolder();
    await runDocket(['--as', 'clerk-1', 'import', SAMPLE], { folder: own });
    await runDocket(['import', SAMPLE, '--id', 'again-1'], { folder: own });
    const actorOf = async (id: string) =>
      jsonLines(await runDocket(['replay', id, '--json'], { folder: own }))[0]?.['actor'];
    expect(await actorOf('730')).toBe('cli:clerk-1');
    expect(await actorOf('again-1')).toMatch(/^cli:\S+$/);
  });

  it("finds a file in the user's directory, though npm has changed the directory", async () => {
    const own = temporaryFolder();
    const inside = join(own, 'inside');
    mkdirSync(inside);
    writeRecord(inside, 'here.txt', 'Here (here-1)\n\nText.\n');
    const options: DocketOptions = { folder: own, env: { INIT_CWD: inside } };
    const run = await runDocket(['import', 'here.txt', '--json'], options);
    expect(jsonLines(run)).toMatchObject([{ file: 'here.txt', id: 'here-1', outcome: 'created' }]);
    expect(await runDocket(['import', 'here.txt'], { folder: own })).toMatchObject({ code: 2 });
  });

  it("finds a store in the user's directory, and otherwise names the searched directory", async () => {
    const own = temporaryFolder();
    const inside = join(own, 'inside');
    mkdirSync(inside);
    const options: DocketOptions = { folder: own, env: { INIT_CWD: inside } };
    const store = ['--store', 'sqlite:there.sqlite'];
    const missing = await runDocket([...store, 'verify'], options);
    expect(missing).toMatchObject({ code: 3, stdout: '' });
    expect(missing.stderr).toContain(`there is no event store at ${join(inside, 'there.sqlite')}\n`);
    expect(await runDocket([...store, 'checkpoint'], options)).toMatchObject({ code: 3 });
    expect(existsSync(join(own, 'checkpoint-key.pem'))).toBe(false);
    expect(await runDocket([...store, 'import', SAMPLE], options)).toMatchObject({ code: 0 });
    const copied = ['copy', '--from', 'sqlite:there.sqlite', '--to', 'sqlite:copied.sqlite'];
    expect(await runDocket(copied, options)).toMatchObject({ code: 0 });
    expect(readdirSync(inside)).toEqual(expect.arrayContaining(['copied.sqlite', 'there.sqlite']));
    expect(await runDocket([...store, 'verify'], options)).toMatchObject({ code: 0 });
    // Paths in environment variables are relative to the working directory, as in all of Docket's programs.
    const named = await runDocket(['verify'], {
      ...options,
      env: { ...options.env, DOCKET_STORE: 'sqlite:inside/there.sqlite' },
    });
    expect(named).toMatchObject({ code: 0 });
  });
});

describe('export', () => {
  it('ends with 1 for an unknown record', async () => {
    const { code, stdout, stderr } = await docket('export', 'nobody-1');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('nobody-1');
  });
});

describe('verify --read-models', () => {
  itOnSqlite('says how to repair a damaged read model, with a command that does it', async () => {
    const own = await folderWithSample();
    const run = (...words: string[]) => runDocket(words, { folder: own });
    expect(await run('rebuild')).toMatchObject({ code: 0 });
    expect(await run('verify', '--read-models')).toMatchObject({ code: 0 });
    const file = new Database(setFileOf(join(own, 'docket.read-models.sqlite')));
    file.exec("update register set title = 'Another title'; delete from register_search where rowid = 1");
    file.close();
    const damaged = await run('verify', '--read-models');
    expect(damaged.code).toBe(1);
    expect(damaged.stdout).toMatch(
      /^The read models DIFFER from the log: register: .*; register_search: the full-text index does not match its texts\. To rebuild them, run docket rebuild$/m,
    );
    expect(await run('rebuild')).toMatchObject({ code: 0 });
    expect(await run('verify', '--read-models')).toMatchObject({ code: 0 });
  });
});

describe('replay', () => {
  const replayed = async (...words: string[]) => jsonLines(await docket('replay', '730', '--json', ...words));

  it('prints a line an event in stream order, then the view', async () => {
    const lines = await replayed();
    expect(
      lines
        .slice(0, -1)
        .map(({ version, type, effectiveOn, status }) => [version, type, effectiveOn, status]),
    ).toEqual([
      [1, 'RecommendationIssued', '2015-11-30', 'awaiting-review'],
      [2, 'DeadlineSet', '2015-11-30', 'awaiting-review'],
      [3, 'ProgressStarted', '2016-09-30', 'being-progressed'],
      [4, 'CommentAdded', '2016-09-30', 'being-progressed'],
      [5, 'CommentAdded', '2018-08-14', 'being-progressed'],
      [6, 'RegisterRecordImported', expect.any(String), 'being-progressed'],
    ]);
    for (const line of lines.slice(0, -1)) {
      // These members follow the event's data, which depend on its type.
      expect(Object.keys(line)).toEqual(
        expect.arrayContaining([
          'actor',
          'effectiveOn',
          'eventId',
          'guards',
          'legal',
          'lifecycle',
          'origin',
          'recordedAt',
          'role',
          'state',
          'status',
          'type',
          'version',
        ]),
      );
      expect(line).toMatchObject({
        legal: true,
        origin: 'import',
        role: null,
        guards: null,
        lifecycle: {
          name: 'inspection-recommendation',
          version: 1,
          digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      });
      expect(Object.keys(line['state'] as object)).toEqual(
        expect.arrayContaining(['progress', 'closure', 'evidence', 'response', 'deadline']),
      );
    }
    expect(lines.at(-1)).toMatchObject({
      view: { effectiveOn: null, knownAt: null },
      version: 6,
      status: 'being-progressed',
      state: { progress: 'being-progressed' },
    });
    expect(Object.keys(lines.at(-1) as object).sort()).toEqual(['state', 'status', 'version', 'view']);
  });

  it('prints readable lines for people, without colour into a pipe', async () => {
    const { code, stdout } = await docket('replay', '730', '--effective-on', '2016-09-30');
    expect(code).toBe(0);
    expect(stdout).toMatch(/2015-11-30 +RecommendationIssued +awaiting-review/);
    // eslint-disable-next-line no-control-regex -- terminal colours begin with it
    expect(stdout).not.toMatch(/\u001b/);
  });

  it('ends with 1 for an unknown record', async () => {
    expect(await docket('replay', 'nobody-1', '--json')).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('replay --diff', () => {
  it('prints for programs the changes, and the events in between, on one line', async () => {
    const run = await docket('replay', '730', '--diff', '2016-06-15', '2017-01-01', '--json');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const [{ diff }, ...more] = jsonLines(run) as [{ diff: Record<string, unknown> }];
    expect(more).toEqual([]);
    expect(Object.keys(diff)).toEqual(['from', 'to', 'knownAt', 'changes', 'events']);
    expect(diff).toMatchObject({
      from: '2016-06-15',
      to: '2017-01-01',
      knownAt: null,
      changes: expect.arrayContaining([
        { what: 'status', from: 'awaiting-review', to: 'being-progressed' },
        { what: 'progress', from: 'awaiting-review', to: 'being-progressed' },
        { what: 'deadline', from: 'on-track', to: 'escalated' },
        {
          what: 'deadlines.d1',
          from: { kind: 'action', dueOn: '2016-06-30', state: 'on-track' },
          to: { kind: 'action', dueOn: '2016-06-30', state: 'escalated' },
        },
      ]),
      events: [
        { version: 3, type: 'ProgressStarted', effectiveOn: '2016-09-30', role: null },
        { version: 4, type: 'CommentAdded', effectiveOn: '2016-09-30' },
      ],
    });
  });
});

describe('verify', () => {
  /** The folder of a closed store with only record 730. */
  let untouched: string;

  beforeAll(async () => {
    untouched = temporaryFolder();
    expect(await runDocket(['import', SAMPLE], { folder: untouched })).toMatchObject({ code: 0 });
  });

  const changed = async (change: ChangeEvent): Promise<string> => {
    const own = temporaryFolder();
    await copyChanged(untouched, own, change);
    return own;
  };

  const withEvent = (version: number, members: (envelope: Envelope) => object) =>
    changed((event) => (event.version === version ? { ...event, ...members(event) } : event));

  it('reports a valid history, with its numbers of streams and events', async () => {
    const run = await runDocket(['verify', '--json'], { folder: untouched });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(jsonLines(run).at(-1)).toEqual({
      ok: true,
      streams: 1,
      events: 6,
      firstDivergence: null,
      divergences: [],
      divergenceCount: 0,
      checkpoint: null,
    });
    expect((await runDocket(['verify', '730'], { folder: untouched })).stdout).toMatch(/Verified.*6 events/);
  });

  it('names for people the invalid places', async () => {
    const own = await withEvent(2, () => ({ effectiveOn: '2016-01-01' }));
    const { code, stdout } = await runDocket(['verify', '730'], { folder: own });
    expect(code).toBe(1);
    expect(stdout).toMatch(/recommendation-730 version 2/);
  });

  it('signs how far the log has come, and later reports whether the log extends it', async () => {
    const own = temporaryFolder();
    await runDocket(['import', SAMPLE], { folder: own });
    const vkey = await runDocket(['checkpoint', '--key'], { folder: own });
    const signed = await runDocket(['checkpoint', '--as', 'ann'], { folder: own });
    expect(signed).toMatchObject({ code: 0, stderr: '' });
    const { checkpoint, signers } = readCheckpoint(signed.bytes, [parseVerifierKey(vkey.stdout.trim())]);
    expect(checkpoint.size).toBe(6n);
    expect(signers).toHaveLength(1);
    // Nothing but that checkpoint was appended since.
    expect((await runDocket(['checkpoint'], { folder: own })).stdout).toBe(signed.stdout);
    const kept = join(temporaryFolder(), 'kept');
    writeFileSync(kept, signed.bytes);
    const verified = await runDocket(['verify', '--checkpoint', kept], { folder: own });
    expect(verified).toMatchObject({ code: 0 });
    expect(verified.stdout).toMatch(/Verified: 7 events in 2 streams/);

    const rotated = await runDocket(['checkpoint', '--rotate'], { folder: own });
    expect(rotated.stderr).toMatch(
      /^Both keys sign until \d{4}-\d\d-\d\d\. After that day you can delete \S+\.$/m,
    );
    const vkeys = (await runDocket(['checkpoint', '--key'], { folder: own })).stdout.trim().split('\n');
    expect(vkeys[1]).toBe(vkey.stdout.trim());
    expect(readCheckpoint(rotated.bytes, vkeys.map(parseVerifierKey)).signers).toHaveLength(2);
    expect((await runDocket(['verify', '--checkpoint', kept], { folder: own })).code).toBe(0);
    const unread = await runDocket(['verify', '--pack', 'none', '--key', vkeys.join('\n')], { folder: own });
    expect(unread.stderr).toMatch(/^docket: --pack none: /);

    const cut = await changed((event) => (event.version === 6 ? null : event));
    const run = await runDocket(['verify', '--checkpoint', kept], { folder: cut });
    expect(run).toMatchObject({ code: 1 });
    expect(run.stdout).toMatch(/the log has 5 events, and had 6: its end is cut off/);
    writeFileSync(kept, signed.stdout.replace('\n6\n', '\nsix\n'));
    const odd = await runDocket(['verify', '--checkpoint', kept], { folder: cut });
    expect(odd).toMatchObject({ code: 2, stdout: '' });
    expect(odd.stderr).toContain('is not a checkpoint');
  });

  it('finds two events that were exchanged in the file, after which nothing is signed or packed', async () => {
    const own = temporaryFolder();
    await runDocket(['import', SAMPLE], { folder: own });
    expect(await runDocket(['checkpoint'], { folder: own })).toMatchObject({ code: 0 });
    const db = new Database(join(own, 'docket.sqlite'));
    for (const [from, to] of [
      [2, -1],
      [3, 2],
      [-1, 3],
    ])
      db.prepare('UPDATE events SET position = ? WHERE position = ?').run(to, from);
    db.close();
    const verified = await runDocket(['verify'], { folder: own });
    expect(verified).toMatchObject({ code: 1 });
    expect(verified.stdout).toContain('the first 6 events no longer have the root');
    for (const words of [['checkpoint'], ['pack', '730', '--out', 'altered']]) {
      const run = await runDocket(words, { folder: own });
      expect(run).toMatchObject({ code: 1, stdout: '' });
      expect(run.stderr).toContain('the log was altered at position 2');
    }
    expect(existsSync(join(own, 'altered'))).toBe(false);
  });

  it('has witnesses sign, of which one knows that an older copy continues, whatever the copy adopts', async () => {
    const [own, copy] = [temporaryFolder(), temporaryFolder()];
    await runDocket(['import', SAMPLE], { folder: own });
    await runDocket(['import', SAMPLE, '--recipient', 'kent'], { folder: copy });
    const vkey = (await runDocket(['checkpoint', '--key'], { folder: own })).stdout.trim();
    const witness = await startWitness({ name: 'w1', logKey: parseVerifierKey(vkey) });
    const env = { DOCKET_LOG_ORIGIN: vkey.split('+')[0] ?? '', DOCKET_WITNESSES: witness.setting };
    const signed = await runDocket(['checkpoint'], { folder: own, env });
    expect(signed).toMatchObject({ code: 0, stderr: '' });
    expect(cosignersOf(parseNote(signed.bytes), [witness.key])).toHaveLength(1);
    copyFileSync(join(own, 'checkpoint-key.pem'), join(copy, 'checkpoint-key.pem'));
    const fork = await runDocket(['checkpoint'], { folder: copy, env });
    expect(fork).toMatchObject({ code: 1, stdout: '' });
    expect(fork.stderr).toContain('the witness w1 has seen a different root of the log at size 6');
    const adopted = await runDocket(['checkpoint', '--adopt', 'A restored backup.'], { folder: copy, env });
    expect(adopted).toMatchObject({ code: 1, stdout: '' });
    await witness.close();
  });

  it('continues with a store that it does not know only on request, with the reason', async () => {
    const own = temporaryFolder();
    await runDocket(['import', SAMPLE], { folder: own });
    await runDocket(['checkpoint'], { folder: own });
    const env = { DOCKET_LOG_ORIGIN: 'records.example/docket' };
    const refused = await runDocket(['checkpoint'], { folder: own, env });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('--adopt REASON');
    const adopted = await runDocket(['checkpoint', '--adopt', 'A name that lasts.'], { folder: own, env });
    expect(adopted.stdout).toMatch(/^records\.example\/docket\n8\n/);
    expect(await runDocket(['verify'], { folder: own })).toMatchObject({ code: 0 });
    for (const wrong of [['--key', '--adopt', 'x'], ['--adopt'], ['--adopt', ' '], ['--rotate', '--key']])
      expect(await runDocket(['checkpoint', ...wrong], { folder: own })).toMatchObject({
        code: 2,
        stdout: '',
      });
  });

  it('signs two stores in one folder, with one key and a memory of each', async () => {
    const own = temporaryFolder();
    for (const name of ['one', 'two']) {
      const store = ['--store', `sqlite:${name}.sqlite`];
      await runDocket([...store, 'import', SAMPLE, '--recipient', name], { folder: own });
      expect(await runDocket([...store, 'checkpoint'], { folder: own })).toMatchObject({
        code: 0,
        stderr: '',
      });
      expect(existsSync(join(own, `${name}.checkpoint-memory.sqlite`))).toBe(true);
    }
  });

  it('refuses a file that is no checkpoint, and a checkpoint beside records', async () => {
    const empty = join(temporaryFolder(), 'empty');
    writeFileSync(empty, '');
    for (const [file, why] of [
      ['nowhere', 'there is no such file'],
      ['.', 'it is a folder'],
      [empty, 'it is empty'],
      ['/dev/zero', 'it is larger than the maximum of 0.0625 MiB'],
    ] as const) {
      const run = await runDocket(['verify', '--checkpoint', file], { folder: untouched });
      expect(run).toMatchObject({ code: 2, stdout: '' });
      expect(run.stderr).toContain(`--checkpoint ${file}: ${why}`);
      expect(run.stderr).not.toContain('ENOENT');
    }
    for (const words of [
      ['730', '--checkpoint', empty],
      ['--file', empty],
      ['--expect-head', empty],
      ['--sign', empty],
    ])
      expect(await runDocket(['verify', ...words], { folder: untouched })).toMatchObject({
        code: 2,
        stdout: '',
      });
  });

  it('is invalid for an unknown record', async () => {
    const run = await docket('verify', '730', 'nobody-1', '--json');
    expect(run.code).toBe(1);
    expect(jsonLines(run).at(-1)).toMatchObject({ ok: false });
  });
});
