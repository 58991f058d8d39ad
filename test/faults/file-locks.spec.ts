import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { itOnSqlite } from '../support/journey-store.ts';
import { startService } from '../support/service.ts';
import { eventually } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The list of the owners of locks, which only Linux has. */
const LOCKS = '/proc/locks';
const itListingLocks = existsSync(LOCKS) ? itOnSqlite : it.skip;

/** Returns the files, by inode, that a process has locked. */
function lockedBy(pid: number): string[] {
  const lines = readFileSync(LOCKS, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, kind, , , holder, file = ''] = line.trim().split(/\s+/);
    return kind === 'POSIX' && Number(holder) === pid ? [file.split(':').at(-1) ?? ''] : [];
  });
}

/** Opens a database with the system's SQLite, and returns the exit code; null if SQLite is not installed. */
function lookAt(path: string): number | null {
  const { error, status } = spawnSync('sqlite3', [path, 'select count(*) from sqlite_schema']);
  return error === undefined ? status : null;
}

describe('a service on files', () => {
  itListingLocks(
    'keeps their locks, so that a visitor leaves their logs in place',
    async () => {
      const folder = temporaryFolder();
      const service = await startService({ folder });
      const inspector = service.as('inspector');
      const { json } = await inspector.issue({ id: 'l-1' });
      const list = `/api/recommendations?minPosition=${json.position}`;
      expect((await inspector.get(list)).json.items).toMatchObject([{ id: 'l-1' }]);

      const files = ['docket.sqlite', 'docket.read-models.sqlite', 'docket.outbox.sqlite'];
      for (const file of files) {
        const path = join(folder, file);
        const { ino, mode } = statSync(path);
        expect(lockedBy(service.process.child.pid ?? 0)).toContain(String(ino));
        // Only the owner may read files with names of people.
        expect(mode & 0o777).toBe(0o600);
        const log = statSync(`${path}-wal`).ino;
        if (lookAt(path) !== null) expect(statSync(`${path}-wal`).ino).toBe(log);
      }
      await inspector.command('l-1', 'start-progress');
      const { items } = (
        await eventually(
          () => inspector.get('/api/recommendations'),
          ({ json: { items: found } }) => found[0]?.status === 'being-progressed',
        )
      ).json;
      expect(items).toMatchObject([{ id: 'l-1' }]);
      expect(await service.stop()).toMatchObject({ code: 0 });
    },
    60_000,
  );
});
