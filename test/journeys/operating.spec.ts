import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SAMPLE } from '../support/command-line.ts';
import { installation, ROOT, runLines } from '../support/document-lines.ts';
import type { Place } from '../support/document-lines.ts';
import { freshKurrentdbAddress, kurrentdbUrl } from '../support/kurrentdb-stores.ts';
import {
  connectTo,
  dropSchema,
  dropStore,
  freshAddress,
  postgresqlUrl,
} from '../support/postgresql-stores.ts';
import { parsePostgresqlAddress } from '#postgresql/address';

const PAGE = readFileSync(join(ROOT, 'docs/operating.md'), 'utf8');

/** Returns the lines of each block in a section of the page. */
function blocks(section: string): string[][] {
  const [, text = ''] = new RegExp(`^## ${section}\\n([^]*?)(?=^## |$(?![^]))`, 'm').exec(PAGE) ?? [];
  return [...text.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, lines = '']) => lines.trim().split('\n'));
}

const docket = (place: Place, words: string): Promise<string> => runLines([`docket ${words}`], place);

const headOf = async (place: Place): Promise<unknown> =>
  (JSON.parse(await docket(place, 'verify --json')) as { head: unknown }).head;

const made: string[] = [];
const lost: string[] = [];
afterAll(async () => {
  for (const address of made) await dropStore(address);
  for (const address of lost)
    await dropSchema({ ...parsePostgresqlAddress(address), schema: lostSchema(address) });
});

const lostSchema = (address: string): string => `${parsePostgresqlAddress(address).schema.slice(0, 30)}_lost`;

/** The page's commands for moving the rest of a store away, and the store's address afterwards. */
const EVERY_KIND = {
  SQLite: {
    fresh: (): Promise<Place> => Promise.resolve({ folder: installation() }),
    moveAway: async (place: Place): Promise<Place> => {
      const [, line = ''] = /^\| SQLite +\| `(.*?)`/m.exec(PAGE) ?? [];
      await runLines([line], place);
      return place;
    },
  },
  PostgreSQL: {
    fresh: async (): Promise<Place> => {
      const store = freshAddress(await postgresqlUrl());
      made.push(store);
      return { folder: installation(), store };
    },
    moveAway: async (place: Place): Promise<Place> => {
      const { store = '' } = place;
      const [, sql = ''] = /^\| PostgreSQL +\| `(.*?)`/m.exec(PAGE) ?? [];
      const { schema } = parsePostgresqlAddress(store);
      const client = await connectTo(store);
      expect(sql).toMatch(/^ALTER SCHEMA docket RENAME TO docket_lost$/);
      await client.query(
        sql.replace('docket_lost', lostSchema(store)).replace('SCHEMA docket', `SCHEMA ${schema}`),
      );
      await client.end();
      lost.push(store);
      return place;
    },
  },
  KurrentDB: {
    fresh: async (): Promise<Place> => ({
      folder: installation(),
      store: freshKurrentdbAddress(await kurrentdbUrl()),
    }),
    moveAway: async ({ folder }: Place): Promise<Place> => ({
      folder,
      store: freshKurrentdbAddress(await kurrentdbUrl()),
    }),
  },
};

/** The lines are the same for each kind of store, and start many processes: only `npm run test:long` runs them on all. */
const KINDS = process.env['DOCKET_TEST_LONG'] === undefined ? { SQLite: EVERY_KIND.SQLite } : EVERY_KIND;

describe.each(Object.entries(KINDS))('the page on operating, on %s', (_, { fresh, moveAway }) => {
  it('installs, backs up, restores an older backup, and upgrades by the lines that stand there', async () => {
    const place = await fresh();
    const [install = []] = blocks('Installing');
    expect(await runLines(install, place)).toMatch(/^\d+\.\d+\.\d+\nDocket is ready at /m);
    await docket(place, `import ${SAMPLE} --recipient wiltshire`);

    const [backUp = [], look = []] = blocks('Backing up');
    const told = await runLines(backUp, place);
    expect(told).toMatch(/^Backed up 6 events/m);
    // Saved as printed.
    writeFileSync(join(place.folder, 'head.txt'), told);
    expect(await runLines(look, place)).toMatch(/^Holds/);
    const head = await headOf(place);
    // Events that were stored and read, and then lost.
    await docket(place, `import ${SAMPLE} --id later-1`);
    await runLines(['npm start'], place);
    expect(await docket(place, 'verify --expect-head head.txt')).toMatch(/^Holds/);

    const after = await moveAway(place);
    const [restore = []] = blocks('Restoring');
    expect(await runLines(restore, after)).toMatch(/^Restored 6 events[^]*Docket is ready at /);
    const restored = (await docket(after, 'replay 730 --json')).trim().split('\n');
    expect(restored.length).toBeGreaterThanOrEqual(7);
    expect(head).toMatchObject({ events: 6 });

    const [before = [], upgrade = []] = blocks('Upgrading');
    expect(await runLines(before, after)).toMatch(/^Backed up/m);
    expect(await runLines(upgrade, after)).toMatch(/Docket is ready at /);
    const files = readdirSync(join(after.folder, 'backups')).filter((name) => name.endsWith('.backup'));
    expect(files.sort()).toEqual(['before-upgrade.backup', 'today.backup']);
  }, 240_000);

  it('moves to another machine by the lines that stand there', async () => {
    const here = await fresh();
    await docket(here, `import ${SAMPLE} --recipient wiltshire`);
    mkdirSync(join(here.folder, 'backups'));
    await docket(here, 'backup backups/moved.backup');
    const there = await fresh();
    mkdirSync(join(there.folder, 'backups'));
    renameSync(join(here.folder, 'backups/moved.backup'), join(there.folder, 'backups/moved.backup'));
    const [move = []] = blocks('Moving');
    const head = await headOf(here);
    expect(await runLines(move.slice(0, 1), there)).toMatch(/^Restored 6 events/);
    expect(await headOf(there)).toEqual(head);
    expect(await runLines(move.slice(1), there)).toMatch(/^Docket is ready at /m);
  }, 120_000);
});

describe('the page on operating', () => {
  it('has no block that is not run', () => {
    const run = ['Installing', 'Backing up', 'Restoring', 'Upgrading', 'Moving'].flatMap(blocks);
    expect(run).toHaveLength([...PAGE.matchAll(/^```/gm)].length / 2);
    expect(run).toHaveLength(7);
  });
});
