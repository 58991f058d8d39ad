import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { itOnSqlite } from '../support/journey-store.ts';
import { pause, settingsIn, startWarm } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Ended } from '../support/service-child.ts';

describe('a service that cannot start says why, in words, and ends', () => {
  const started = async (
    env: Record<string, string>,
    folder = temporaryFolder(),
  ): Promise<Ended & { stderr: string; stdout: string }> => {
    const process = startWarm(
      'service',
      settingsIn(folder, { PORT: '0', DOCKET_LOG_LEVEL: 'warn', ...env }),
      folder,
    );
    const ended = await Promise.race([
      process.ended,
      pause(30_000).then(async () => {
        await process.end('SIGKILL');
        throw new Error(`It did not end by itself:\n${process.stdout()}\n${process.stderr()}`);
      }),
    ]);
    const stderr = process.stderr();
    expect(stderr).not.toMatch(/^\s+at .*\(/m);
    return { ...ended, stderr, stdout: process.stdout() };
  };

  it('with the development key on a host that others reach: exit 2, naming the setting', async () => {
    const { code, stderr, stdout } = await started({ HOST: '0.0.0.0' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/HOST.*loopback/s);
  });

  it('with a password in an address, which it does not repeat', async () => {
    const { code, stderr } = await started({ DOCKET_STORE: 'mysql://user:pa55word@db/docket' });
    expect(code).toBe(2);
    expect(stderr).not.toContain('pa55word');
  });

  itOnSqlite('on a file that is not an SQLite database: exit 3, and the file is unchanged', async () => {
    const folder = temporaryFolder();
    const text = 'This is a letter.\n'.repeat(500);
    writeFileSync(join(folder, 'docket.sqlite'), text);
    const { code, stderr, stdout } = await started({}, folder);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/docket\.sqlite.*not a SQLite database/);
    expect(readFileSync(join(folder, 'docket.sqlite'), 'utf8')).toBe(text);
  });

  itOnSqlite("on another application's database: exit 3", async () => {
    const folder = temporaryFolder();
    const database = new Database(join(folder, 'docket.sqlite'));
    database.exec('create table invoices (id integer)');
    database.close();
    const { code, stderr } = await started({}, folder);
    expect(code).toBe(3);
    expect(stderr).toMatch(/another application/);
  });

  it('on a folder that is missing and cannot be made: exit 3', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    const { code, stderr } = await started(
      { DOCKET_STORE: `sqlite:${join(folder, 'file', 'x.sqlite')}` },
      folder,
    );
    expect(code).toBe(3);
    expect(stderr).toContain('x.sqlite');
  });
});
