import { expect, test } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { systemClock } from '#event-sourcing/clock';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { identityOf } from '#identity/identity';
import { People } from '#use-cases/people/people';
import { Sightings } from './sightings.ts';

class CountingStore extends MemoryEventStore {
  reads = 0;

  override readStream(...args: Parameters<MemoryEventStore['readStream']>) {
    this.reads += 1;
    return super.readStream(...args);
  }
}

test("a token's person is recorded once, and later requests with the token do not read the person's stream", async () => {
  const store = new CountingStore(createSealer());
  const sightings = new Sightings(new People(store, systemRandom));
  const identity = identityOf({ sub: 'ann', name: 'Ann Bell', roles: ['inspector'] }, Date.now() + 60_000);
  const request = {
    identity,
    id: 'c-1',
    server: { ownOrganisations: [], clock: systemClock },
  } as unknown as FastifyRequest;

  await sightings.note(request);
  expect((await store.readAll({})).map(({ type }) => type)).toEqual(['PersonSeen']);
  const before = store.reads;
  await sightings.note(request);
  expect(store.reads).toBe(before);
  expect(before).toBeGreaterThan(0);
});
