import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import type { Identity } from '#identity/identity';
import { lifecycles } from '#state-machines/lifecycles';
import { calendarLinksProjection } from '#read-models/calendar-links/calendar-links-projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { redactionsProjection } from '#read-models/redactions/redactions-projection';
import { ProjectionRunner } from '#projections/runner';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { disturbedStore } from '#test/support/disturbed-store';
import { onHastenedClock } from '#test/support/hastened-clock';
import { People } from '../people/people.ts';
import { assertCarriedOut, withdrawAgain } from './withdraw-again.ts';

const NOTHING = { redacted: [], revoked: [], waiting: 0 };
const NOW = Date.parse('2026-11-25T12:00:00Z');
const ALL = { recipient: null, kind: null, state: null };
const actor = { subject: 'cli:ops', roles: ['administrator'] };
const by = { lifecycles, random: systemRandom, actor, now: NOW + 60_000 };
const call = { actor, now: NOW, correlationId: '0b6c1f0e-6a55-4b0a-9c53-5f1f6f2f0d3e' };
const ann: Identity = {
  subject: 'ann',
  name: 'Ann',
  roles: ['force-lead'],
  organisations: ['kent'],
  expiresAt: NOW + 3_600_000,
  issuedAt: NOW - 60_000,
};

let store: MemoryEventStore;
let older: MemoryEventStore;
let database: ReadModelDatabase;

beforeEach(() => {
  store = new MemoryEventStore(createSealer());
  older = new MemoryEventStore(createSealer());
  database = openSqliteReadModels(':memory:');
});
afterEach(async () => {
  await database.close();
  await store.close();
  await older.close();
});

const backUp = async () => older.appendSealed(await store.readAll());
const fold = async () => {
  const projections = [redactionsProjection, calendarLinksProjection];
  const runner = new ProjectionRunner({ store, database, projections });
  await runner.catchUp();
  await runner.stop();
};

describe('an older log than the read models know', () => {
  test('given others who write to the stream each time, then it fails in the end, and records nothing', async () => {
    const people = new People(store, systemRandom);
    await people.see(ann, call);
    await backUp();
    await people.eraseName('ann', call);
    await fold();
    const others = new People(older, systemRandom);
    let written = 0;
    const raced = disturbedStore(older, {
      before: async () => {
        written += 1;
        await others.see({ ...ann, name: `Ann ${written}`, issuedAt: NOW - 60_000 + written }, call);
      },
    });

    const again = () => withdrawAgain(raced, database, by, { isLost: true });
    await expect(onHastenedClock(again)).rejects.toMatchObject({ code: 'version-conflict' });

    expect(written).toBeGreaterThan(1);
    const types = (await older.readAll()).map(({ type }) => type);
    expect(types).toEqual(Array<string>(1 + written).fill('PersonSeen'));
  });

  test('given a name was erased since, and a search, then each is erased again, once, by an event that follows no lifecycle', async () => {
    const people = new People(store, systemRandom);
    await people.see(ann, call);
    await people.saveSearch('ann', { name: 'Mine', query: 'queue=mine' }, call);
    await backUp();
    await people.eraseName('ann', call);
    await fold();

    expect(await withdrawAgain(older, database, by, { isLost: true })).toMatchObject({
      redacted: [
        { streamId: 'person-ann', pointers: ['/data/name'] },
        { streamId: 'person-ann', pointers: ['/data/name', '/data/query'] },
      ],
      revoked: [],
      waiting: 0,
    });
    expect(await new People(older, systemRandom).find('ann')).toMatchObject({
      name: null,
      named: [],
      searched: [],
    });
    expect((await older.readStream('person-ann')).at(-1)).toMatchObject({
      type: 'CommentRedacted',
      lifecycle: null,
      state: null,
      actor,
    });
    expect(await withdrawAgain(older, database, by, { isLost: true })).toEqual(NOTHING);
  });

  test('given a calendar link was revoked since, then it is revoked again, once, and another stays', async () => {
    const people = new People(store, systemRandom);
    const made = await people.makeCalendarLink(ann, ALL, call);
    const kept = await people.makeCalendarLink(ann, ALL, call);
    await backUp();
    await people.revokeCalendarLink('ann', made.link.linkId, call);
    await fold();

    expect(await withdrawAgain(older, database, by, { isLost: true })).toEqual({
      redacted: [],
      revoked: [{ subject: 'ann', linkId: made.link.linkId }],
      waiting: 0,
    });
    const restored = new People(older, systemRandom);
    const open = ({ link, secret }: typeof made) =>
      restored.openCalendarLink('ann', link.linkId, secret, NOW);
    expect(await open(made)).toBeNull();
    expect(await open(kept)).not.toBeNull();
    expect(await withdrawAgain(older, database, by, { isLost: true })).toEqual(NOTHING);
  });

  test('given a log without the withdrawn one, then the request is kept, and executed on a log that has it', async () => {
    const people = new People(store, systemRandom);
    await older.appendSealed(await store.readAll());
    await people.see(ann, call);
    const { link, secret } = await people.makeCalendarLink(ann, ALL, call);
    const newer = new MemoryEventStore(createSealer());
    await newer.appendSealed(await store.readAll());
    await people.eraseName('ann', call);
    await people.revokeCalendarLink('ann', link.linkId, call);
    await fold();

    expect(await withdrawAgain(older, database, by, { isLost: true })).toEqual({ ...NOTHING, waiting: 2 });
    expect(await older.lastPosition()).toBe('0');
    // The read models now contain the older log, without withdrawals.
    const kept = { isLost: false };
    expect(await withdrawAgain(older, database, by, kept)).toEqual({ ...NOTHING, waiting: 2 });
    // The server does not serve the log until its withdrawals are carried out again.
    await assertCarriedOut(older, database);
    await expect(assertCarriedOut(newer, database)).rejects.toMatchObject({
      code: 'read-models-ahead',
      message: expect.stringMatching(
        /^\/data\/name of event .* of person-ann was redacted in a part of this log that was lost\. Start the server once/,
      ) as unknown,
    });
    expect(await withdrawAgain(newer, database, by, kept)).toMatchObject({
      redacted: [{ streamId: 'person-ann', pointers: ['/data/name'] }],
      revoked: [{ subject: 'ann', linkId: link.linkId }],
      waiting: 0,
    });
    const restored = new People(newer, systemRandom);
    expect(await restored.find('ann')).toMatchObject({ name: null });
    expect(await restored.openCalendarLink('ann', link.linkId, secret, NOW)).toBeNull();
    await assertCarriedOut(newer, database);
    const length = await newer.lastPosition();
    expect(await withdrawAgain(newer, database, by, kept)).toEqual(NOTHING);
    expect(await newer.lastPosition()).toBe(length);
    await newer.close();
  });
});
