import { beforeEach, describe, expect, test } from '@jest/globals';
import { renderToString } from 'preact-render-to-string';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { Bodies } from '#use-cases/bodies/bodies';
import { People } from '#use-cases/people/people';
import { disturbedStore } from '#test/support/disturbed-store';
import { ChoosePerson } from './sign-in/sign-in.controller.tsx';
import { bodyName, namedBodies, personName, withNames } from './names.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const call = { actor: { subject: 'sam', roles: ['administrator'] }, now: NOW, correlationId: 'spec' };
const KENT = { slug: 'kent', name: 'Kent Police', kind: 'police-force' };

let store: EventStore;
let parts: { readonly bodies: Bodies; readonly people: People };
let renderings: number;

const nodeOf = (on: EventStore) => ({
  bodies: new Bodies(on, systemRandom),
  people: new People(on, systemRandom),
});
const seen = (people: People, subject: string, name: string) =>
  people.see(
    { subject, name, roles: [], organisations: [], expiresAt: NOW + 60_000, issuedAt: NOW },
    { ...call, actor: { subject, roles: [] } },
  );

/** Returns the store with a callback before each read. */
const onRead = (first: () => void): EventStore => ({
  ...disturbedStore(store, {}),
  readStream: async (...args) => {
    first();
    return store.readStream(...args);
  },
});

beforeEach(() => {
  store = new MemoryEventStore(createSealer());
  parts = nodeOf(store);
  renderings = 0;
});

function View() {
  renderings += 1;
  return (
    <p>
      {bodyName('kent')}, {bodyName('avon')}, {personName('ann')}, {personName('bob')}
    </p>
  );
}

const content = <View />;
const page = (of = parts) => withNames(of, () => renderToString(content));

describe('a page that names bodies and people', () => {
  test('given no known names, then it shows slugs and subjects', async () => {
    expect(await page()).toBe('<p>kent, avon, ann, bob</p>');
  });

  test('given some known names, then it shows them', async () => {
    await parts.bodies.name([KENT], call);
    await seen(parts.people, 'ann', 'Ann Reed');
    expect(await page()).toBe('<p>Kent Police, avon, Ann Reed, bob</p>');
  });

  test("given the sign-in page, then it shows the name of each person's body", async () => {
    await parts.bodies.name([KENT], call);
    const dev = { subject: 'dev', name: 'Dev Patel', role: 'force-lead', organisations: ['kent'] } as const;
    const page = await withNames(parts, () => renderToString(<ChoosePerson people={[dev]} to="/" />));
    expect(page).toContain('Dev Patel, force lead for Kent Police');
  });

  test('given names that another node recorded, then it shows the same names', async () => {
    await parts.bodies.name([KENT], call);
    await seen(parts.people, 'ann', 'Ann Reed');
    expect(await page(nodeOf(store))).toBe('<p>Kent Police, avon, Ann Reed, bob</p>');
  });

  test('when it is requested again, then nothing is read, and it is rendered once', async () => {
    let reads = 0;
    const counted = nodeOf(onRead(() => void (reads += 1)));
    await page(counted);
    const before = { reads, renderings };
    await page(counted);
    expect({ reads, renderings }).toEqual({ reads: before.reads, renderings: before.renderings + 1 });
    expect(before).toMatchObject({ renderings: 2 });
    expect(before.reads).toBeGreaterThan(0);
  });

  test('given a name that was erased here, then the next page has the subject', async () => {
    await seen(parts.people, 'ann', 'Ann Reed');
    expect(await page()).toContain('Ann Reed');
    await parts.people.eraseName('ann', call);
    expect(await page()).toBe('<p>kent, avon, ann, bob</p>');
  });

  test('given a page without names, then nothing is read: a page about a failing store is still rendered', async () => {
    const failing = nodeOf(
      onRead(() => {
        throw new Error('The store is gone');
      }),
    );
    expect(await withNames(failing, () => renderToString(<p>Try again</p>))).toBe('<p>Try again</p>');
    await expect(page(failing)).rejects.toThrow('The store is gone');
  });

  test('offers the bodies that have a name', async () => {
    await parts.bodies.name([KENT], call);
    const offered = () => [...namedBodies().values()].map(({ slug, name }) => `${slug}: ${name}`).join();
    expect(await withNames(parts, offered)).toBe('kent: Kent Police');
  });
});
