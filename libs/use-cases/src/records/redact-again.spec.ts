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
import { People } from '../people/people.ts';
import { knownWithdrawals, withdrawAgain, withdrawnLines } from './redact-again.ts';

const NOTHING = { redacted: [], revoked: [], withoutTarget: 0 };
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
  database = openSqliteReadModels(':memory:', [redactionsProjection, calendarLinksProjection]);
});
afterEach(async () => {
  await database.close();
  await store.close();
  await older.close();
});

const backUp = async () => older.appendSealed(await store.readAll());
const fold = async () => {
  const runner = new ProjectionRunner({ store, database });
  await runner.catchUp();
  await runner.stop();
};

const again = async () => withdrawAgain(older, await knownWithdrawals(database, NOW), by);

describe('a backup that is older than the read models', () => {
  test('given a name was erased since, and a search, then each is erased again, once, by an event that follows no lifecycle', async () => {
    const people = new People(store, systemRandom);
    await people.see(ann, call);
    await people.saveSearch('ann', { name: 'Mine', query: 'queue=mine' }, call);
    await backUp();
    await people.eraseName('ann', call);
    await fold();

    expect(await again()).toMatchObject({
      redacted: [
        { streamId: 'person-ann', pointers: ['/data/name'] },
        { streamId: 'person-ann', pointers: ['/data/name', '/data/query'] },
      ],
      revoked: [],
      withoutTarget: 0,
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
    expect(await again()).toEqual(NOTHING);
  });

  test('given a calendar link was revoked since, then it is revoked again, once, and another stays', async () => {
    const people = new People(store, systemRandom);
    const made = await people.makeCalendarLink(ann, ALL, call);
    const kept = await people.makeCalendarLink(ann, ALL, call);
    await backUp();
    await people.revokeCalendarLink('ann', made.link.linkId, call);
    await fold();

    expect(await again()).toEqual({
      redacted: [],
      revoked: [{ subject: 'ann', linkId: made.link.linkId }],
      withoutTarget: 0,
    });
    const restored = new People(older, systemRandom);
    const open = ({ link, secret }: typeof made) =>
      restored.openCalendarLink('ann', link.linkId, secret, NOW);
    expect(await open(made)).toBeNull();
    expect(await open(kept)).not.toBeNull();
    expect(await again()).toEqual(NOTHING);
  });

  test('given a backup without the withdrawn ones, then they are counted, and nothing is recorded', async () => {
    const people = new People(store, systemRandom);
    await backUp();
    await people.see(ann, call);
    const { link } = await people.makeCalendarLink(ann, ALL, call);
    await people.eraseName('ann', call);
    await people.revokeCalendarLink('ann', link.linkId, call);
    await fold();

    const outcome = await again();
    expect(outcome).toEqual({ ...NOTHING, withoutTarget: 2 });
    expect(withdrawnLines(outcome)).toEqual([
      expect.stringMatching(
        /^2 redactions or revocations concern something that the backup does not contain/,
      ),
    ]);
    expect(await older.lastPosition()).toBe('0');
  });
});
