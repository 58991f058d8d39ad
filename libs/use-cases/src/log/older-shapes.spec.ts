import { randomUUID } from 'node:crypto';
import { wholePage } from '#test/support/pieces';
import 'reflect-metadata';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Envelope, JsonObject, JsonValue, Pointer } from '#event-sourcing/envelope';
import type { Upcasters } from '#event-sourcing/upcasting';

const EVENTS = '#state-machines/inspection-recommendation/v1/events';

/** Returns the first of several texts. */
const first = (words: JsonValue | undefined): JsonObject => (words as readonly JsonObject[])[0] ?? {};

/** Simulates earlier releases with other shapes. There are none yet, so the first real shape serves as the second. */
const upcasters: Upcasters = {
  RecommendationIssued: {
    0: {
      data: ({ heading, ...rest }) => ({ ...rest, ...(heading !== undefined && { title: heading }) }),
      moved: { '/data/heading': '/data/title' },
    },
  },
  CommentAdded: {
    0: {
      data: ({ staffOnly, words, ...rest }) => ({
        ...rest,
        visibility: staffOnly === true ? 'internal' : 'public',
        ...('said' in first(words) && { text: first(words)['said'] as string }),
      }),
      moved: { '/data/words/0/said': '/data/text' },
    },
  },
  OwnerAssigned: {
    0: {
      data: ({ person, ...rest }) => ({ ...rest, ...(person !== undefined && { owner: person }) }),
      moved: { '/data/person': '/data/owner' },
    },
  },
};

const actual: object = (await import(EVENTS)) as object;
jest.unstable_mockModule(EVENTS, () => ({ ...actual, upcasters }));

const { append, commit, draft } = await import('#test/support/event-commits');
const { INSPECTOR, NOON, ServiceParts, viewer } = await import('#test/support/use-cases');
const { lifecycles } = await import('#state-machines/lifecycles');
const { recordOf } = await import('#state-machines/record-streams');
const { stoppedProjections } = await import('#platform/unreadable-events');
const { problemOf } = await import('../problems.ts');
const { seeEvents } = await import('../records/see-events.ts');
const { seeRecord } = await import('../records/see-record.ts');
const { seeTimeline } = await import('../records/see-record.ts');
const { listRecords } = await import('../register/lists.ts');
const { seeExport } = await import('../register/export-record.ts');
const { copyStore } = await import('./copy-store.ts');
const { verifyExport } = await import('./verify-export.ts');
const { verifyStore } = await import('./verify-store.ts');
const { MemoryEventStore } = await import('#event-store/memory-event-store');
const { createSealer } = await import('#audit/seal');

const parts = new ServiceParts();
const STREAM = 'recommendation-r-1';
const PAGE = { after: 0, limit: 100 };
const NOW = { view: { effectiveOn: null, knownAt: null }, now: NOON };
const THEN = { view: { effectiveOn: '2026-11-24', knownAt: null }, now: NOON };
const PAST = { view: { effectiveOn: '2026-11-24', knownAt: null, named: ['2026-11-24', null] } };
const forceLead = viewer('force-lead', 'avon');
const approver = viewer('approver');

const older = (type: string, data: JsonObject, sensitive: readonly Pointer[], schemaVersion = 0) =>
  draft('', { type, schemaVersion, data, sensitive });

/** A record whose events all have an older shape. */
beforeEach(async () => {
  const said = {
    text: 'The force should act.',
    recipient: 'avon',
    report: null,
    reference: null,
    issue: null,
  };
  const issued = older('RecommendationIssued', { heading: 'On custody', ...said }, [
    '/data/heading',
    '/data/text',
  ]);
  const comment = (text: string, staffOnly: boolean) =>
    older('CommentAdded', { words: [{ said: text }], staffOnly }, ['/data/words/*/said']);
  const owned = older('OwnerAssigned', { person: 'Ann Other' }, ['/data/person']);
  const events = [issued, comment('All forces were asked.', false), comment('Ann is ill.', true), owned];
  await parts.store.append(commit([append(STREAM, 0, ...events)]));
  await parts.follow();
  await parts.fold();
});

const stored = () => parts.stream('r-1');
const listed = async (query: object) =>
  (await listRecords(parts, INSPECTOR, { limit: 10, ...query }, NOON)).items;
const printed = async (pieces: AsyncIterable<Uint8Array>): Promise<string> =>
  Buffer.concat(await Array.fromAsync(pieces)).toString();
const exportOf = async (who: typeof INSPECTOR, format: 'json' | 'csv' | 'register' | 'cloudevents') =>
  printed(await seeExport(parts, who, recordOf('r-1'), format));

describe('events of older shapes', () => {
  test('are read in the current shape: the record, at any date, its timeline, lists and search', async () => {
    for (const point of [NOW, THEN]) {
      const { record } = await seeRecord(parts, forceLead, recordOf('r-1'), point);
      expect(record).toMatchObject({ title: 'On custody', recipient: 'avon', owner: 'Ann Other' });
    }
    const items = await Array.fromAsync(await seeTimeline(parts, INSPECTOR, recordOf('r-1')));
    expect(items.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['All forces were asked.', 'Ann is ill.']),
    );
    const theirs = await Array.fromAsync(await seeTimeline(parts, forceLead, recordOf('r-1')));
    expect(JSON.stringify(theirs)).not.toContain('Ann is ill.');
    const row = { id: 'r-1', title: 'On custody', owner: 'Ann Other' };
    expect(await listed({})).toMatchObject([row]);
    expect(await listed({ owner: ['Ann Other'] })).toMatchObject([row]);
    expect(await listed(PAST)).toMatchObject([row]);
    expect(await listed({ q: 'custody' })).toMatchObject([row]);
    expect(await listed({ q: 'forces asked' })).toMatchObject([row]);
  });

  test('are returned as they are stored, and withheld values by their pointers there', async () => {
    const all = await wholePage((await seeEvents(parts, INSPECTOR, recordOf('r-1'), PAGE)).items);
    expect(all.items).toEqual(await stored());
    const { items } = await wholePage((await seeEvents(parts, forceLead, recordOf('r-1'), PAGE)).items);
    expect(items.map(({ schemaVersion, data }) => ({ schemaVersion, data }))).toEqual(
      (await stored()).map(({ schemaVersion, data, version }) => ({
        schemaVersion,
        data: version === 3 ? { words: [{}], staffOnly: true } : data,
      })),
    );
    expect(JSON.stringify(items)).not.toContain('Ann is ill.');
  });

  test('are exported: as stored in envelopes, as read elsewhere, and the export verifies', async () => {
    const json = await exportOf(INSPECTOR, 'json');
    const file = JSON.parse(json) as { readonly title: string; readonly events: readonly Envelope[] };
    expect(file.title).toBe('On custody');
    expect(file.events).toEqual(await stored());
    expect(verifyExport(lifecycles, json)).toMatchObject({ ok: true, events: 4, erased: 0, withheld: 0 });
    const theirs = await exportOf(forceLead, 'json');
    expect(verifyExport(lifecycles, theirs)).toMatchObject({ ok: true, withheld: 1 });
    expect(JSON.parse(theirs)).toMatchObject({ withheld: [{ pointer: '/data/words/0/said' }] });
    expect(await exportOf(INSPECTOR, 'csv')).toContain('Ann is ill.');
    expect(await exportOf(forceLead, 'csv')).toContain('[withheld]');
    expect(await exportOf(forceLead, 'csv')).not.toContain('Ann is ill.');
    expect(await exportOf(forceLead, 'register')).toMatch(/^On custody\s+The force should act\./);
    expect(await exportOf(INSPECTOR, 'cloudevents')).toContain('"words"');
  });

  test('verify and are copied as they are stored', async () => {
    expect(await verifyStore(parts.store, lifecycles, [])).toMatchObject({ ok: true, events: 4 });
    const target = new MemoryEventStore(createSealer());
    await copyStore(parts.store, target);
    const hashes = (events: readonly Envelope[]) => events.map(({ hash, data }) => ({ hash, data }));
    expect(hashes(await target.readStream(STREAM))).toEqual(hashes(await stored()));
    await target.close();
  });

  test.each([
    ['an owner', 4, '/data/person', 'Ann Other'],
    ['a title', 1, '/data/heading', 'On custody'],
    ['a text', 2, '/data/words/0/said', 'All forces were asked.'],
  ])('are redacted by pointers of their own shape: %s', async (_, version, pointer, text) => {
    const eventId = (await stored())[version - 1]?.eventId as string;
    const body = (pointers: readonly string[]) => ({ eventId, pointers, reason: 'asked for' });
    await expect(
      parts.sendCommand(approver, 'r-1', 'redact-comment', body(['/data/title/0'])),
    ).rejects.toThrow(pointer);
    expect(await stored()).toHaveLength(4);
    await parts.sendCommand(approver, 'r-1', 'redact-comment', body([pointer]));
    await parts.fold();
    const { record } = await seeRecord(parts, INSPECTOR, recordOf('r-1'), NOW);
    const items = await Array.fromAsync(await seeTimeline(parts, INSPECTOR, recordOf('r-1')));
    const everything = [
      record,
      items,
      await listed({}),
      await listed(PAST),
      await stored(),
      await exportOf(INSPECTOR, 'csv'),
    ];
    expect(JSON.stringify(everything)).not.toContain(text);
    expect(await listed({ q: text })).toEqual([]);
    expect(await verifyStore(parts.store, lifecycles, [])).toMatchObject({ ok: true });
    expect(verifyExport(lifecycles, await exportOf(INSPECTOR, 'json'))).toMatchObject({
      ok: true,
      erased: 1,
    });
  });

  test('are decided on in the current shape', async () => {
    await parts.enter({ Ben: 'Ben' });
    const again = { owner: 'Ben', effectiveOn: '2026-11-24' };
    await expect(parts.sendCommand(INSPECTOR, 'r-1', 'assign-owner', again)).rejects.toMatchObject({
      details: { errors: [{ pointer: '/reason' }] },
    });
    await parts.sendCommand(INSPECTOR, 'r-1', 'assign-owner', { ...again, reason: 'Ann left.' });
    expect((await stored()).at(-1)).toMatchObject({ type: 'OwnerAssigned', schemaVersion: 1 });
  });
});

/** Events as a newer build would append them. */
const newerEvents = {
  async 'unknown-shape'() {
    const newer = older('CommentAdded', { says: 'All is well.' }, ['/data/says'], 2);
    await parts.store.append(commit([append(STREAM, 4, newer)]));
  },
  async 'unknown-form'() {
    const last = (await stored()).at(-1)!;
    const sealed = { envelope: 2, version: 5, eventId: randomUUID(), previousHash: last.hash };
    await parts.store.appendSealed([{ ...last, ...sealed, hash: 'f'.repeat(64) } as unknown as Envelope]);
  },
};

test.each([
  ['unknown-shape', /^Version 5 of recommendation-r-1 is a CommentAdded of schemaVersion 2/],
  ['unknown-form', /^Version 5 of recommendation-r-1 is sealed in form 2/],
] as const)(
  'an event that a newer build wrote is never half read: every path names it, and nothing is appended (%s)',
  async (code, reason) => {
    await newerEvents[code]();
    const end = await parts.store.lastPosition();
    for (const see of [
      () => seeRecord(parts, INSPECTOR, recordOf('r-1'), NOW),
      () => seeTimeline(parts, INSPECTOR, recordOf('r-1')),
      () => seeEvents(parts, INSPECTOR, recordOf('r-1'), PAGE),
      () => seeExport(parts, INSPECTOR, recordOf('r-1'), 'json'),
      () => parts.sendCommand(INSPECTOR, 'r-1', 'add-comment', { text: 'x' }),
    ]) {
      const thrown: unknown = await see().catch((error: unknown) => error);
      expect(problemOf(thrown)).toMatchObject({ code, isFault: true });
      expect(problemOf(thrown)?.detail).toMatch(reason);
    }
    await expect(parts.fold()).rejects.toThrow('Version 5 of recommendation-r-1');
    const stopped = await stoppedProjections(parts.store, parts.readModels);
    expect([...stopped.values()].map(({ message }) => message)).toContainEqual(expect.stringMatching(reason));
    expect(await parts.store.lastPosition()).toBe(end);
    const file = JSON.stringify({ id: 'r-1', events: await stored(), withheld: [] });
    expect(verifyExport(lifecycles, file).divergences).toContainEqual(expect.objectContaining({ code }));
  },
);

test('an event sealed in the shape of a newer build verifies, and one sealed in its form does not, and is not copied or erased from', async () => {
  await newerEvents['unknown-shape']();
  expect(await verifyStore(parts.store, lifecycles, [])).toMatchObject({ ok: true, events: 5 });
  const last = (await stored()).at(-1)!;
  const sealed = { version: 6, eventId: randomUUID(), previousHash: last.hash, hash: 'f'.repeat(64) };
  await parts.store.appendSealed([{ ...last, ...sealed, envelope: 2 } as unknown as Envelope]);
  const found = { streamId: STREAM, version: 6, code: 'unknown-form' };
  const verified = await verifyStore(parts.store, lifecycles, []);
  expect(verified).toMatchObject({ ok: false, events: 6, divergenceCount: 1, firstDivergence: found });
  const target = new MemoryEventStore(createSealer());
  expect(await copyStore(parts.store, target)).toMatchObject({ ok: false, firstDivergence: found });
  expect((await target.readStream(STREAM)).at(5)).toBeUndefined();
  await target.close();
  await expect(parts.store.erase(STREAM, 6, ['/data/says'])).rejects.toThrow('is sealed in form 2');
});
