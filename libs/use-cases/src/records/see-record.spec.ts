import { wholePage } from '#test/support/pieces';
import 'reflect-metadata';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { CommandRefusedError } from '#lifecycle/refused';
import { lifecycles } from '#state-machines/lifecycles';
import { append, commit, draft } from '#test/support/event-commits';
import { INSPECTOR, NOON, ServiceParts, viewer } from '#test/support/use-cases';
import type { Reader } from '../call-context.ts';
import { ProblemError, problemOf } from '../problems.ts';
import { seeExport } from '../register/export-record.ts';
import { seeChart, seeCommands, seeRecord, seeTimeline } from './see-record.ts';
import { seeEvents } from './see-events.ts';
import { seePage } from './see-page.ts';
import { recordOf } from '#state-machines/record-streams';

const parts = new ServiceParts();
const NOW = { view: { effectiveOn: null, knownAt: null }, now: NOON };
const BEFORE = { view: { effectiveOn: '2025-12-31', knownAt: null }, now: NOON };
const PAGE = { after: 0, limit: 100 };
const ENTRIES = { page: 1, size: 100 };
const forceLead = viewer('force-lead', 'avon');

const public_ = 'All forces were asked.';
const internal = 'Ann is ill.';

beforeEach(async () => {
  await parts.issue('r-1', 'avon');
  await parts.sendCommand(INSPECTOR, 'r-1', 'add-comment', { text: public_, visibility: 'public' });
  await parts.sendCommand(INSPECTOR, 'r-1', 'add-comment', { text: internal, visibility: 'internal' });
  await parts.fold();
});

/** The methods that return a record. */
const READS: readonly (readonly [string, (who: Reader, id: string) => Promise<unknown>])[] = [
  ['the record', (who, id) => seeRecord(parts, who, recordOf(id), NOW)],
  ['its events', (who, id) => seeEvents(parts, who, recordOf(id), PAGE)],
  ['its timeline', (who, id) => seeTimeline(parts, who, recordOf(id))],
  ['its chart', (who, id) => seeChart(parts, who, recordOf(id), NOW)],
  ['its commands', (who, id) => seeCommands(parts, who, recordOf(id), NOON)],
  ['its page', (who, id) => seePage(parts, who, recordOf(id), { ...NOW, entries: ENTRIES })],
  ['its export', (who, id) => seeExport(parts, who, recordOf(id), 'json')],
];

const textOf = async (items: AsyncIterable<unknown>): Promise<string> =>
  JSON.stringify(await Array.fromAsync(items));
const printed = async (pieces: AsyncIterable<Uint8Array>): Promise<string> =>
  Buffer.concat(await Array.fromAsync(pieces)).toString();

describe.each(READS)('%s', (_, see) => {
  test('of another body is refused as that of no record is, and nothing is appended', async () => {
    const end = await parts.store.lastPosition();
    const error = async (who: Reader, id: string) => {
      const thrown: unknown = await see(who, id).catch((reason: unknown) => reason);
      expect(thrown).toMatchObject({ name: 'CommandRefusedError', code: 'not-found' });
      const { message, kind, details, seen } = thrown as CommandRefusedError;
      return { message, kind, details, seen };
    };
    const absent = await error(INSPECTOR, 'r-2');
    expect(await error(viewer('force-lead', 'kent'), 'r-1')).toEqual(absent);
    expect(await error(viewer('commissioner'), 'r-1')).toEqual(absent);
    expect(await error({ ...forceLead, roles: [] }, 'r-1')).toEqual(absent);
    expect(await parts.store.lastPosition()).toBe(end);
  });

  test('needs the same time for a record of another body as for an unknown one', async () => {
    const reads: string[] = [];
    const read = parts.store.readStream.bind(parts.store);
    parts.store.readStream = (...args) => {
      reads.push(args[0]);
      return read(...args);
    };
    const readsFor = async (id: string): Promise<number> => {
      reads.length = 0;
      await see(viewer('force-lead', 'kent'), id).catch(() => undefined);
      return reads.length;
    };
    expect(await readsFor('r-1')).toBe(await readsFor('r-2'));
    expect(reads).toEqual(['recommendation-r-2']);
  });

  test.each([forceLead, INSPECTOR, viewer('auditor'), viewer('administrator')])(
    'is visible to users who see the body: $subject',
    async (who) => {
      await expect(see(who, 'r-1')).resolves.toBeDefined();
    },
  );
});

describe('a record', () => {
  test('is returned with its day, and the last redaction', async () => {
    const comment = (await parts.stream('r-1'))[1];
    const body = { eventId: comment?.eventId as string, pointers: ['/data/text'], reason: 'A slip.' };
    await parts.follow();
    await parts.sendCommand(viewer('approver'), 'r-1', 'redact-comment', body);
    const view = { effectiveOn: '2026-11-24', knownAt: '2026-11-24T11:59:59.999Z' };
    const known = { view: { ...view, knownAt: null }, now: NOON };
    expect(await seeRecord(parts, forceLead, recordOf('r-1'), NOW)).toMatchObject({
      record: { id: 'r-1', version: 4 },
      day: '2026-11-24',
      redactedIn: 4,
    });
    expect(await seeRecord(parts, forceLead, recordOf('r-1'), known)).toMatchObject({
      day: '2026-11-24',
      redactedIn: 4,
    });
    await expect(seeRecord(parts, forceLead, recordOf('r-1'), { view, now: NOON })).rejects.toThrow(
      ProblemError,
    );
  });

  test.each([
    ['it', seeRecord],
    ['its chart', seeChart],
  ])('did not exist before it was issued: %s is not found', async (_, see) => {
    await expect(see(parts, forceLead, recordOf('r-1'), BEFORE)).rejects.toMatchObject({
      code: 'not-found',
      message: 'The record did not exist or was not known at that time',
    });
  });
});

describe('a text that a viewer does not read', () => {
  /** Returns all responses to a viewer that may contain a comment. */
  const responsesTo = async (who: Reader): Promise<string[]> => [
    await textOf((await seeEvents(parts, who, recordOf('r-1'), PAGE)).items),
    await textOf(await seeTimeline(parts, who, recordOf('r-1'))),
    JSON.stringify(await seePage(parts, who, recordOf('r-1'), { ...NOW, entries: ENTRIES })),
    await printed(await seeExport(parts, who, recordOf('r-1'), 'json')),
    await printed(await seeExport(parts, who, recordOf('r-1'), 'csv')),
  ];

  test.each([
    forceLead,
    viewer('commissioner', 'avon'),
    viewer('administrator'),
    viewer('scheduler'),
    // On a record of their own body, they have only the rights of its people.
    { ...INSPECTOR, organisations: ['avon'] },
  ])('is withheld, with its salt: $subject $organisations', async (who) => {
    for (const text of await responsesTo(who)) {
      expect(text).toContain(public_);
      expect(text).not.toContain(internal);
    }
    const { items } = await wholePage((await seeEvents(parts, who, recordOf('r-1'), PAGE)).items);
    expect(Object.keys(items[2]?.commitments ?? {})).toContain('/data/text');
    expect(Object.keys(items[2]?.salts ?? {})).not.toContain('/data/text');
    expect(Object.keys(items[1]?.salts ?? {})).toContain('/data/text');
  });

  test.each([INSPECTOR, viewer('approver'), viewer('auditor')])(
    'is readable for users who may read it: $subject',
    async (who) => {
      for (const text of await responsesTo(who)) expect(text).toContain(internal);
    },
  );
});

describe('the events of a record', () => {
  test('come page by page', async () => {
    const page = async (after: number, limit: number) => {
      const seen = await seeEvents(parts, forceLead, recordOf('r-1'), { after, limit });
      const { items, next } = await wholePage(seen.items);
      expect(next).toBe(seen.next);
      return { versions: items.map(({ version }) => version), next };
    };
    expect(await page(0, 2)).toEqual({ versions: [1, 2], next: 2 });
    expect(await page(2, 2)).toEqual({ versions: [3], next: null });
    expect(await page(3, 2)).toEqual({ versions: [], next: null });
  });
});

describe('the commands on a record', () => {
  test('are all listed, each with the reasons against it for this viewer, and are refused for those reasons', async () => {
    const commands = await seeCommands(parts, viewer('auditor'), recordOf('r-1'), NOON);
    expect(commands.map(({ command }) => command)).toEqual(
      Object.keys(lifecycles.current('inspection-recommendation').commands),
    );
    for (const { command, allowed, because } of commands) {
      expect([command, allowed]).toEqual([command, false]);
      expect(because[0]).toMatchObject({ code: 'role-not-permitted' });
    }
    const own = await seeCommands(parts, forceLead, recordOf('r-1'), NOON);
    const [yes, no] = [own.filter(({ allowed }) => allowed), own.filter(({ allowed }) => !allowed)];
    expect(yes.map(({ command }) => command)).toContain('add-comment');
    expect(yes.every(({ because }) => because.length === 0)).toBe(true);
    const before = await parts.stream('r-1');
    const payloadless = no.find(({ because }) => because.some(({ code }) => code === 'role-not-permitted'));
    await expect(parts.sendCommand(forceLead, 'r-1', payloadless?.command as string)).rejects.toMatchObject({
      name: 'CommandRefusedError',
    });
    expect(await parts.stream('r-1')).toEqual(before);
  });
});

const LATER = {
  ...lifecycles.current('inspection-recommendation').reference,
  version: 2,
  digest: 'f'.repeat(64),
};

describe.each([
  ['a lifecycle that this build does not have', LATER, String.raw`\S+ v2 \(digest f{64}\)`],
  // A missing lifecycle is never guessed: another version may be current by then.
  ['no lifecycle', null, 'none, which'],
])('a record under %s', (_, reference, named) => {
  beforeEach(async () => {
    const { length } = await parts.stream('r-1');
    const events = append('recommendation-r-1', length, draft('Written by another build.'));
    await parts.store.append({ ...commit([events]), lifecycle: reference });
  });

  const command = (who: Reader, id: string) =>
    parts.sendCommand(who, id, 'add-comment', { text: 'x', visibility: 'public' });

  test.each([...READS, ['a command', command] as const])(
    'reports %s, and the next step',
    async (what, see) => {
      const end = await parts.store.lastPosition();
      const thrown: unknown = await see(INSPECTOR, 'r-1').catch((reason: unknown) => reason);
      expect(problemOf(thrown)).toMatchObject({ code: 'unknown-lifecycle', isFault: true });
      expect([what, problemOf(thrown)?.detail]).toEqual([
        what,
        expect.stringMatching(
          new RegExp(`^Version 4 of recommendation-r-1 was recorded under lifecycle ${named}`),
        ),
      ]);
      expect(await parts.store.lastPosition()).toBe(end);
    },
  );

  test('stops the read models at its event, and they name the unknown part', async () => {
    await expect(parts.fold()).rejects.toThrow('Version 4 of recommendation-r-1 was recorded under');
  });
});
