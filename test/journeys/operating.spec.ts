import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { runDocket, SAMPLE } from '../support/command-line.ts';
import { blocksOf, installation, linesOf, ROOT, runLines } from '../support/document-lines.ts';
import type { Place } from '../support/document-lines.ts';
import { freshKurrentdbAddress, kurrentdbUrl } from '../support/kurrentdb-stores.ts';
import {
  connectTo,
  dropSchema,
  dropStore,
  freshAddress,
  postgresqlUrl,
} from '../support/postgresql-stores.ts';
import { startService } from '../support/service.ts';
import { parsePostgresqlAddress } from '#postgresql/address';

const PAGE = readFileSync(join(ROOT, 'docs/operating.md'), 'utf8');

const UPGRADING = 'docs/upgrading.md';
const BLOCKS = ['docs/operating.md', UPGRADING].flatMap(blocksOf).filter(({ language }) => language === 'sh');

/** Returns the lines of the blocks of a section in order: those that run, or those marked as not run. */
const blocks = (section: string, isMarked = false): string[][] =>
  BLOCKS.filter((block) => block.section === section && (block.notRun !== null) === isMarked).map(linesOf);

const storeOf = ({ folder, store }: Place) => ({
  DOCKET_STORE: store ?? `sqlite:${join(folder, 'data/docket.sqlite')}`,
});

/** Runs a command that is not a line of the page. */
async function docket(place: Place, words: string): Promise<string> {
  const run = await runDocket(words.split(' '), { folder: place.folder, env: storeOf(place) });
  expect(run).toMatchObject({ code: 0 });
  return run.stdout;
}

/** Runs a service until its read models contain all events. */
async function foldAll(place: Place): Promise<void> {
  const service = await startService({
    folder: place.folder,
    env: { ...storeOf(place), DOCKET_SWEEP: 'off' },
  });
  await service.stop();
}

const eventsOf = async (place: Place): Promise<unknown> =>
  (JSON.parse(await docket(place, 'verify --json')) as { events: unknown }).events;

const made: string[] = [];
const lost: string[] = [];
afterAll(async () => {
  for (const address of made) await dropStore(address);
  for (const address of lost)
    await dropSchema({ ...parsePostgresqlAddress(address), schema: lostSchema(address) });
});

const lostSchema = (address: string): string => `${parsePostgresqlAddress(address).schema.slice(0, 30)}_lost`;

/** The page's commands for moving the rest of a store away, and the address of the store afterwards. */
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

/**
 * The kinds of stores. The lines are the same for each and start many processes, so only `npm run test:long` runs them
 * on all.
 */
const KINDS = process.env['DOCKET_TEST_LONG'] === undefined ? { SQLite: EVERY_KIND.SQLite } : EVERY_KIND;

describe.each(Object.entries(KINDS))('the page on operating, on %s', (_, { fresh, moveAway }) => {
  it('runs the lines that start, back up, restore an older backup, and upgrade', async () => {
    const place = await fresh();
    await docket(place, `import ${SAMPLE} --recipient wiltshire`);

    const [backUp = []] = blocks('Backing up');
    expect(await runLines(backUp, place)).toMatch(/, verified$/m);
    // More events are stored and read, and then lost.
    await docket(place, `import ${SAMPLE} --id later-1`);
    await foldAll(place);
    expect(await docket(place, 'verify --checkpoint backups/today.checkpoint')).toMatch(/^Verified/);

    const after = await moveAway(place);
    const [restore = []] = blocks('Restoring');
    expect(await runLines(restore, after)).toMatch(/^Restored 7 events[^]*Docket is ready at /);
    const restored = (await docket(after, 'replay 730 --json')).trim().split('\n');
    expect(restored.length).toBeGreaterThanOrEqual(7);

    const upgrade = await runLines(blocks('Upgrade').flat(), after);
    expect(upgrade).toMatch(/^Backed up[^]*\n\d+\.\d+\.\d+\n[^]*Docket is ready at [^]*^Verified/m);
    const files = readdirSync(join(after.folder, 'backups')).filter((name) => name.endsWith('.backup'));
    expect(files.sort()).toEqual(['before-upgrade.backup', 'today.backup']);
  }, 240_000);

  it('runs the lines that move it to another machine', async () => {
    const here = await fresh();
    await docket(here, `import ${SAMPLE} --recipient wiltshire`);
    mkdirSync(join(here.folder, 'backups'));
    await docket(here, 'backup backups/moved.backup');
    const there = await fresh();
    mkdirSync(join(there.folder, 'backups'));
    renameSync(join(here.folder, 'backups/moved.backup'), join(there.folder, 'backups/moved.backup'));
    const [move = []] = blocks('Moving', true);
    const events = await eventsOf(here);
    expect(await runLines(move.slice(0, 1), there)).toMatch(/^Restored 6 events/);
    expect(await eventsOf(there)).toEqual(events);
    expect(await runLines(move.slice(1), there)).toMatch(/^Docket is ready at /m);
  }, 120_000);
});

describe('the pages on operating and upgrading', () => {
  it('have no block that is neither run here nor marked', () => {
    const run = ['Backing up', 'Restoring', 'Upgrade'].flatMap((section) => blocks(section));
    expect(run).toHaveLength(BLOCKS.filter(({ notRun }) => notRun === null).length);
    expect(run).toHaveLength(5);
  });
});
