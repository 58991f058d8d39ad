import { beforeEach, describe, expect, test } from '@jest/globals';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import type { Identity } from '#identity/identity';
import { disturbedStore } from '#test/support/disturbed-store';
import { onHastenedClock } from '#test/support/hastened-clock';
import { CALENDAR_LINKS_MAX, People, SEARCHES_MAX } from './people.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const ALL = { recipient: null, kind: null, state: null };

let store: EventStore;
let people: People;

const identity = (more: Partial<Identity> = {}): Identity => ({
  subject: 'ann',
  name: 'Ann',
  roles: ['force-lead'],
  organisations: ['kent'],
  expiresAt: NOW + 3_600_000,
  issuedAt: NOW - 60_000,
  ...more,
});
const call = (now = NOW) => ({
  actor: { subject: 'ann', roles: ['force-lead'] },
  now,
  correlationId: '0b6c1f0e-6a55-4b0a-9c53-5f1f6f2f0d3e',
});
const names = async () =>
  (await store.readStream('person-ann'))
    .filter(({ type }) => type === 'PersonSeen')
    .map(({ data }) => data['name']);

beforeEach(() => {
  store = new MemoryEventStore(createSealer());
  people = new People(store, systemRandom);
});

describe('a person who signs in', () => {
  test('given two nodes that see the same name at once, then it is recorded once', async () => {
    const nodes = Array.from({ length: 8 }, () => new People(store, systemRandom));
    await Promise.all(nodes.map((node) => node.see(identity(), call())));
    expect(await names()).toEqual(['Ann']);
  });

  test('given other writers who change the person first each time, then it fails in the end, and records nothing', async () => {
    let others = 0;
    const raced = disturbedStore(store, {
      before: async () => {
        others += 1;
        await people.see(identity({ name: `Ann ${others}`, issuedAt: NOW - 60_000 + others }), call());
      },
    });
    const see = () => new People(raced, systemRandom).see(identity({ name: 'Anne', issuedAt: NOW }), call());
    await expect(onHastenedClock(see)).rejects.toMatchObject({ code: 'version-conflict' });
    expect(others).toBeGreaterThan(1);
    expect(await names()).toEqual(Array.from({ length: others }, (_, index) => `Ann ${index + 1}`));
  });

  test('given an older token of another name, when it comes after a newer one that said nothing new, then it is passed over', async () => {
    await people.see(identity({ issuedAt: NOW - 60_000 }), call());
    await people.see(identity({ issuedAt: NOW - 10_000 }), call());
    await people.see(identity({ name: 'Anne', issuedAt: NOW - 30_000 }), call());
    expect(await names()).toEqual(['Ann']);
  });

  test('given a token with an issue time in the future, then a later token is newer all the same', async () => {
    await people.see(identity({ issuedAt: NOW + 86_400_000 }), call());
    await people.see(identity({ name: 'Anne', issuedAt: NOW + 1_000 }), call(NOW + 2_000));
    expect(await names()).toEqual(['Ann', 'Anne']);
  });

  test('given the name was erased, then only a later token restores a name', async () => {
    await people.see(identity(), call());
    await people.eraseName('ann', call());
    await people.see(identity({ issuedAt: NOW - 1_000 }), call());
    expect(await people.find('ann')).toMatchObject({ name: null, named: [] });
    await people.see(identity({ name: 'Ann Again', issuedAt: NOW + 1_000 }), call(NOW + 2_000));
    expect(await people.find('ann')).toMatchObject({ name: 'Ann Again' });
  });

  test('given rights that change, then they are recorded, and the same rights only once', async () => {
    await people.see(identity(), call());
    await people.see(identity({ organisations: [], issuedAt: NOW - 50_000 }), call());
    await people.see(identity({ organisations: [], issuedAt: NOW - 40_000 }), call());
    await people.makeCalendarLink(identity({ organisations: [], issuedAt: NOW - 40_000 }), ALL, call());
    const seen = (await store.readStream('person-ann')).filter(({ type }) => type === 'PersonSeen');
    expect(seen.map(({ data }) => [data['roles'], data['organisations']])).toEqual([
      [['force-lead'], ['kent']],
      [['force-lead'], []],
    ]);
  });

  test('given a token without a name, then its person is recorded all the same', async () => {
    expect(await people.isKnown('ann')).toBe(false);
    await people.see(identity({ name: null }), call());
    expect(await people.isKnown('ann')).toBe(true);
    expect(await names()).toEqual([undefined]);
  });

  test('given a link is made by an older token than was seen, then it goes by the rights of the newer one', async () => {
    await people.see(identity({ name: 'Anne', organisations: [], issuedAt: NOW - 10_000 }), call());
    await people.makeCalendarLink(identity({ issuedAt: NOW - 60_000 }), ALL, call());
    expect(await people.find('ann')).toMatchObject({ name: 'Anne', rights: { organisations: [] } });
    // A node that has not seen the newer token reads its name from the stream.
    await people.see(identity({ subject: 'bea', name: 'Bea New', issuedAt: NOW - 10_000 }), call());
    const other = new People(store, systemRandom);
    await other.makeCalendarLink(
      identity({ subject: 'bea', name: 'Bea Old', issuedAt: NOW - 60_000 }),
      ALL,
      call(),
    );
    expect(await other.find('bea')).toMatchObject({
      name: 'Bea New',
      rights: { organisations: ['kent'] },
      issuedAt: new Date(NOW - 10_000).toISOString(),
    });
  });
});

describe('calendar links', () => {
  test('given links made at once on two nodes, then they do not exceed the limit of a person', async () => {
    const nodes = [people, new People(store, systemRandom)];
    const made = await Promise.allSettled(
      Array.from({ length: CALENDAR_LINKS_MAX + 6 }, (_, index) =>
        nodes[index % 2]!.makeCalendarLink(identity(), ALL, call()),
      ),
    );
    const refused = made.filter((each) => each.status === 'rejected');
    expect(refused.length).toBeGreaterThanOrEqual(6);
    expect((await people.find('ann')).links.length).toBe(made.length - refused.length);
    expect((await people.find('ann')).links.length).toBeLessThanOrEqual(CALENDAR_LINKS_MAX);
  });

  test('given a year has passed, then a link opens nothing', async () => {
    const { link, secret } = await people.makeCalendarLink(identity(), ALL, call());
    const open = (now: number) => people.openCalendarLink('ann', link.linkId, secret, now);
    expect(await open(Date.parse('2027-11-24T23:59:00Z'))).not.toBeNull();
    expect(await open(Date.parse('2027-11-25T00:01:00Z'))).toBeNull();
  });

  test('given a link is revoked on one node, then it opens nothing on another', async () => {
    const { link, secret } = await people.makeCalendarLink(identity(), ALL, call());
    const other = new People(store, systemRandom);
    expect(await other.openCalendarLink('ann', link.linkId, secret, NOW)).not.toBeNull();
    expect(await people.revokeCalendarLink('ann', link.linkId, call())).toBe(true);
    expect(await other.openCalendarLink('ann', link.linkId, secret, NOW)).toBeNull();
    expect(await other.revokeCalendarLink('ann', link.linkId, call())).toBe(false);
  });
});

describe('the searches that a person keeps', () => {
  const LATE = { name: 'Late in Kent', query: 'recipient=kent&deadline=overdue' };
  const savedSearches = async (node = people) => (await node.find('ann')).searches.map(({ name }) => name);

  test('given a search that is saved on one node, then another node has it until it is removed', async () => {
    const other = new People(store, systemRandom);
    await people.saveSearch('ann', { ...LATE, name: '  Late in\nKent ' }, call());
    const [search] = (await other.find('ann')).searches;
    expect(search).toMatchObject(LATE);
    expect(await other.removeSearch('ann', search!.searchId, call())).toBe(true);
    expect(await savedSearches()).toEqual([]);
    expect(await people.removeSearch('ann', search!.searchId, call())).toBe(false);
    expect(await people.removeSearch('bea', search!.searchId, call())).toBe(false);
  });

  test.each([
    ['no name', { ...LATE, name: ' \u200b ' }, '/name'],
    ['a name that is too long', { ...LATE, name: 'a'.repeat(101) }, '/name'],
    ['the name of another', LATE, '/name'],
    ['a query that is too long', { name: 'Long', query: `q=${'a'.repeat(2_000)}` }, '/query'],
  ])('given %s, then it is refused, and nothing is appended', async (_, search, pointer) => {
    await people.saveSearch('ann', LATE, call());
    await expect(people.saveSearch('ann', search, call())).rejects.toMatchObject({
      code: 'invalid-payload',
      details: { errors: [{ pointer }] },
    });
    expect(await store.readStream('person-ann')).toHaveLength(1);
  });

  test('given the maximum number of searches, then one more is refused until one is removed', async () => {
    for (let count = 1; count <= SEARCHES_MAX; count += 1)
      await people.saveSearch('ann', { ...LATE, name: `Search ${count}` }, call());
    const more = () => people.saveSearch('ann', LATE, call());
    await expect(more()).rejects.toMatchObject({ code: 'too-many-searches' });
    const [first] = (await people.find('ann')).searches;
    await people.removeSearch('ann', first!.searchId, call());
    await more();
    expect(await savedSearches()).toHaveLength(SEARCHES_MAX);
  });

  test('given the person is erased, then the texts about them are erased, also of one that was removed', async () => {
    await people.see(identity(), call());
    await people.saveSearch('ann', LATE, call());
    await people.saveSearch('ann', { ...LATE, name: 'Gone' }, call());
    const gone = (await people.find('ann')).searches[1];
    await people.removeSearch('ann', gone!.searchId, call());
    expect(await people.eraseName('ann', call())).not.toBeNull();
    const events = await store.readStream('person-ann');
    const texts = ['/data/name', '/data/query'];
    expect(events.slice(4).map(({ data }) => [data['eventId'], data['erased']])).toEqual([
      [events[0]?.eventId, ['/data/name']],
      [events[1]?.eventId, texts],
      [events[2]?.eventId, texts],
    ]);
    expect(await savedSearches()).toEqual([]);
    // There is nothing to erase; the person stays.
    expect(await people.eraseName('ann', call())).toBeNull();
    await people.saveSearch('ann', LATE, call());
    expect(await savedSearches()).toEqual(['Late in Kent']);
  });
});

describe('a person entered by an administrator', () => {
  const entered = { name: 'Ann Lee', roles: ['force-lead'], organisations: ['kent'] };
  const types = async () => (await store.readStream('person-ann')).map(({ type }) => type);

  test('given they are entered again with nothing new, then nothing is recorded', async () => {
    await people.enter('ann', entered, call());
    await people.enter('ann', entered, call());
    expect(await people.find('ann')).toMatchObject({ name: 'Ann Lee', rights: { organisations: ['kent'] } });
    expect(await types()).toEqual(['PersonEntered']);
  });

  test('given their token, then it has their rights, and their name if it has one', async () => {
    await people.enter('ann', entered, call());
    await people.see(identity({ name: null, organisations: ['avon'] }), call());
    expect(await people.find('ann')).toMatchObject({ name: 'Ann Lee', rights: { organisations: ['avon'] } });
    await people.see(identity({ name: 'Ann Married', issuedAt: NOW }), call());
    expect(await people.find('ann')).toMatchObject({ name: 'Ann Married' });
  });

  test('given a token named them otherwise, then they are not entered under another name', async () => {
    await people.see(identity(), call());
    await expect(people.enter('ann', entered, call())).rejects.toMatchObject({ code: 'name-from-token' });
    expect(await types()).toEqual(['PersonSeen']);
  });

  test('given the name is erased, then it is nowhere, and the person is still known', async () => {
    await people.enter('ann', entered, call());
    await people.eraseName('ann', call());
    expect(await people.find('ann')).toMatchObject({ name: null, named: [] });
    expect(await people.isKnown('ann')).toBe(true);
    expect(JSON.stringify(await store.readStream('person-ann'))).not.toContain('Ann Lee');
  });
});
