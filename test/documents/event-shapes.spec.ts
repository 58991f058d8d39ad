import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atOnce } from '#event-sourcing/folding';
import { createSealer } from '#audit/seal';
import type { Envelope } from '#event-sourcing/envelope';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { PROJECTIONS } from '#platform/projections';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { events, upcasters } from '#state-machines/inspection-recommendation/v1/events';
import type { EventType } from '#state-machines/inspection-recommendation/v1/events';
import { asRecordEvents } from '#state-machines/inspection-recommendation/v1/record-event';
import { lifecycles } from '#state-machines/lifecycles';
import { verifyExport } from '#use-cases/log/verify-export';
import { verifyStore } from '#use-cases/log/verify-store';
import { readRecord } from '#use-cases/records/read-record';
import { replayRecord } from '#use-cases/records/replay-record';
import { timeline } from '#read-models/timeline/timeline';
import {
  dataOf,
  memberPaths,
  optionalPaths,
  recordShapes,
  sensitivePaths,
  SHAPES,
} from '../support/every-shape.ts';
import { withShapes } from '../support/shapes-in-words.ts';
import { exported } from '../support/exported.ts';
import { foldInParts } from '../support/read-models.ts';

/**
 * Stored events of every released shape. Existing files are never overwritten: `DOCKET_WRITE_FIXTURES=NAME
 * npm run fixtures` adds events of the current shapes under a release's name, and their digests to `SHA256SUMS`. It also lists the
 * members of each event type in docs/event-format.md.
 */
const FOLDER = fileURLToPath(
  new URL('../../state-machines/inspection-recommendation/v1/fixtures/', import.meta.url),
);
const PAGE = fileURLToPath(new URL('../../docs/event-format.md', import.meta.url));
const SUMS = join(FOLDER, 'SHA256SUMS');

const TYPES = Object.keys(events) as EventType[];

const store = new MemoryEventStore(createSealer());
const files: { readonly name: string; readonly text: string; readonly events: readonly Envelope[] }[] = [];

beforeAll(async () => {
  const name = process.env['DOCKET_WRITE_FIXTURES'];
  if (name !== undefined) await writeFixtures(name);
  for (const file of readdirSync(FOLDER)
    .filter((each) => each.endsWith('.jsonl'))
    .sort()) {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    const envelopes = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Envelope);
    files.push({ name: file, text, events: envelopes });
    await store.appendSealed(envelopes.map(({ position: _, ...envelope }) => envelope));
  }
});

afterAll(() => store.close());

async function writeFixtures(name: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  for (const what of Object.keys(SHAPES) as (keyof typeof SHAPES)[]) {
    const own = new MemoryEventStore(createSealer());
    const lines = (await recordShapes(own, what, name)).map((event) => `${JSON.stringify(event)}\n`);
    const file = `${name}-${what}.jsonl`;
    writeFileSync(join(FOLDER, file), lines.join(''), { flag: 'wx' });
    appendFileSync(SUMS, `${sha256(lines.join(''))}  ${file}\n`);
    await own.close();
  }
  writeFileSync(PAGE, withShapes(readFileSync(PAGE, 'utf8')));
}

const all = (): readonly Envelope[] => files.flatMap((file) => file.events);
const pathsIn = (type: string, schemaVersion: number, isCounted: (event: Envelope) => boolean = () => true) =>
  all()
    .filter((event) => event.type === type && event.schemaVersion === schemaVersion && isCounted(event))
    .map(({ data }) => new Set(memberPaths(data)));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('docs/event-format.md lists the members of each type of event of a record', () => {
  const page = readFileSync(PAGE, 'utf8');
  expect(page).toBe(withShapes(page));
});

describe('the fixtures of events', () => {
  test('are the recorded ones, byte for byte', () => {
    const sums = readFileSync(SUMS, 'utf8').trimEnd().split('\n');
    expect(files.map(({ name, text }) => `${sha256(text)}  ${name}`).sort()).toEqual(sums.sort());
  });

  test('have each type of event in every shape in which it was ever recorded', () => {
    const shapes = TYPES.flatMap((type) =>
      [...Object.keys(upcasters[type] ?? {}), events[type].schemaVersion].map(
        (version) => `${type} ${version}`,
      ),
    );
    const recorded = new Set(all().map(({ type, schemaVersion }) => `${type} ${schemaVersion}`));
    expect(shapes.filter((shape) => !recorded.has(shape))).toEqual([]);
  });

  test.each(TYPES)('have every member of %s, and each that may be left out is left out in one', (type) => {
    const { schemaVersion } = events[type];
    const found = pathsIn(type, schemaVersion);
    const members = [...new Set(memberPaths(dataOf(type, () => 'an-id', false)))];
    expect([...new Set(found.flatMap((paths) => [...paths]))].sort()).toEqual(members.sort());
    const optional = [...optionalPaths(type)];
    expect(optional.filter((path) => found.every((paths) => paths.has(path)))).toEqual([]);
  });

  test.each(TYPES.filter((type) => sensitivePaths(type).length > 0))(
    'have %s with all of its texts erased',
    (type) => {
      const erased = all().filter(
        ({ type: its, commitments, salts }) =>
          its === type &&
          Object.keys(commitments).length > 0 &&
          Object.keys(commitments).every((at) => !(at in salts)),
      );
      expect(erased).not.toEqual([]);
    },
  );

  test('contain events of commands, of imports and of the sweep, with and without a key', () => {
    expect(new Set(all().map(({ origin }) => origin))).toEqual(new Set(['command', 'import', 'sweep']));
    expect(new Set(all().map(({ command }) => command.digest === null))).toEqual(new Set([true, false]));
  });

  test('verify, as they were sealed', async () => {
    expect(await verifyStore(store, lifecycles, [])).toMatchObject({ ok: true, events: all().length });
  });

  test('are read and replayed: each event is legal, and the state is the stored one', () => {
    for (const { events: stored } of files) {
      const read = asRecordEvents(stored);
      const today = '2026-11-24';
      const now = { effectiveOn: null, knownAt: null };
      expect(atOnce(readRecord(lifecycles, read, now, today))).toMatchObject({ version: stored.length });
      expect(atOnce(readRecord(lifecycles, read, { ...now, effectiveOn: today }, today))).toMatchObject({
        version: stored.length,
      });
      const replay = replayRecord(lifecycles, read, now, today);
      expect(replay?.lines.filter(({ legal }) => !legal)).toEqual([]);
      expect(replay?.last.value).toEqual(stored.at(-1)?.state);
      expect(timeline(lifecycles, read, { seesInternal: true }).length).toBeGreaterThan(10);
    }
  });

  test('are exported in every format, and the export verifies', async () => {
    for (const { events: stored } of files) {
      const json = (await exported(stored, 'json')).toString();
      expect((JSON.parse(json) as { events: unknown }).events).toEqual(stored);
      expect(verifyExport(lifecycles, json)).toMatchObject({ ok: true, events: stored.length });
      for (const format of ['register', 'csv', 'cloudevents'] as const)
        expect((await exported(stored, format)).length).toBeGreaterThan(100);
    }
  });

  test('are folded into every read model', async () => {
    const database = openSqliteReadModels(':memory:');
    const log = await store.readAll({ limit: 10_000 });
    for (const projection of PROJECTIONS) await foldInParts(database, projection, [log]);
    await database.close();
  });
});
