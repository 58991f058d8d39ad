import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  everyMember,
  memberPaths,
  optionalPaths,
  recordShapes,
  sensitivePaths,
  SHAPES,
} from '../support/every-shape.ts';
import { exported } from '../support/exported.ts';
import { foldInParts } from '../support/read-models.ts';

/**
 * Events of every shape that was ever released, as they were stored. A file that is there is never written again: `DOCKET_WRITE_FIXTURES=NAME
 * npm run fixtures` adds those of today's shapes, under the name of a release, and their digests are held here.
 */
const FOLDER = fileURLToPath(
  new URL('../../state-machines/inspection-recommendation/v1/fixtures/', import.meta.url),
);
const HELD: Readonly<Record<string, string>> = {
  '0.1.0-imported-bare.jsonl': '447235d1b775076f244a030005f5092b701b0d8dfa25e0edbf9ca60e8915feeb',
  '0.1.0-imported.jsonl': '0f8fd7931b82458b0b40f98ac1062d88a4e2ce69ab5ac6095af686d624f9dccd',
  '0.1.0-live-bare.jsonl': '3ff04043c33291cd4fa9b57cf69559fc0e95d75b34376c48a4e8fa00e874e142',
  '0.1.0-live.jsonl': '4bb7903dd05e3f3978a28a21c1738649fdaa9ea99bed64224d98eb525c4f17b4',
  '0.1.0-redacted.jsonl': 'd1f4a3511fa11854c279cc65112bfc0ea07aab8782ae15605d942b6cb9686a1d',
  '0.1.0-corrections-imported-bare.jsonl': '946552bf626db916f7d7fa7aee36387da2f0453b8a060cc4e4bc158e72d972a0',
  '0.1.0-corrections-imported.jsonl': '0fa6959fcc70bbf44fa55e964bc79355be89b455a395589534b56654bd08862b',
  '0.1.0-corrections-live-bare.jsonl': '6ece8de425707562630becac6943676c00ff5ac8da2159d875d0fcfd0054b2e0',
  '0.1.0-corrections-live.jsonl': '7132e744d860708fbb89da1a38077aed931ba50281c09fd12bf131e0ef8d3a30',
  '0.1.0-corrections-redacted.jsonl': '5468de1622dffe99f6b579a51bc6f3408fe525f060926e5e82fdaf62ed507a29',
};

const TYPES = Object.keys(events) as EventType[];

const store = new MemoryEventStore(createSealer());
const files: { readonly name: string; readonly text: string; readonly events: readonly Envelope[] }[] = [];

beforeAll(async () => {
  const name = process.env['DOCKET_WRITE_FIXTURES'];
  if (name !== undefined) await writeFixtures(name);
  for (const file of readdirSync(FOLDER).sort()) {
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
    writeFileSync(join(FOLDER, `${name}-${what}.jsonl`), lines.join(''), { flag: 'wx' });
    await own.close();
  }
}

const all = (): readonly Envelope[] => files.flatMap((file) => file.events);
const pathsIn = (type: string, schemaVersion: number, isTaken: (event: Envelope) => boolean = () => true) =>
  all()
    .filter((event) => event.type === type && event.schemaVersion === schemaVersion && isTaken(event))
    .map(({ data }) => new Set(memberPaths(data)));

describe('the fixtures of events', () => {
  test('are those that are held, byte for byte', () => {
    const digests = files.map(({ name, text }) => [name, createHash('sha256').update(text).digest('hex')]);
    expect(Object.fromEntries(digests)).toEqual(HELD);
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
    const members = [...new Set(memberPaths(everyMember(() => 'an-id')[type]))];
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

  test('hold events of commands, of imports and of the sweep, with and without a key', () => {
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
