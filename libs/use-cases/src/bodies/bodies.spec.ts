import { beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import type { Body } from '#state-machines/body-events';
import { Bodies, BODIES_MAX } from './bodies.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const call = { actor: { subject: 'cli:ann', roles: ['administrator'] }, now: NOW, correlationId: 'spec' };
const KENT: Body = { slug: 'kent', name: 'Kent Police', kind: 'police-force' };
const ESSEX: Body = { slug: 'essex', name: 'Essex Police', kind: 'police-force' };

let store: EventStore;
let bodies: Bodies;

beforeEach(() => {
  store = new MemoryEventStore(createSealer());
  bodies = new Bodies(store, systemRandom);
});

const stored = async () => (await store.readStream('bodies')).map(({ data }) => data);
const all = async (of = bodies) => [...(await of.all()).values()];

describe('bodies that are named', () => {
  test('are known by their names, each with one event', async () => {
    expect(await bodies.name([KENT, ESSEX], call)).toEqual([KENT, ESSEX]);
    expect(await all()).toEqual([KENT, ESSEX]);
    expect(await store.readStream('bodies')).toMatchObject([
      { type: 'BodyNamed', data: KENT, actor: call.actor, lifecycle: null, effectiveOn: '2026-11-25' },
      { type: 'BodyNamed', data: ESSEX },
    ]);
  });

  test('given a known body, then nothing is appended for it', async () => {
    await bodies.name([KENT], call);
    expect(await bodies.name([KENT, ESSEX], call)).toEqual([ESSEX]);
    expect(await bodies.name([KENT, ESSEX], call)).toEqual([]);
    expect(await stored()).toEqual([KENT, ESSEX]);
  });

  test.each([{ name: 'Kent Constabulary' }, { kind: 'county-force' }])(
    'given %j, then this name is current from then on',
    async (changed) => {
      await bodies.name([KENT], call);
      await bodies.name([{ ...KENT, ...changed }], call);
      expect(await all()).toEqual([{ ...KENT, ...changed }]);
    },
  );

  test('given more names than allowed, then none of them is recorded', async () => {
    const many = Array.from({ length: BODIES_MAX }, (_, index) => ({ ...KENT, slug: `b-${index}` }));
    await expect(bodies.name([...many, KENT], call)).rejects.toMatchObject({ code: 'invalid-payload' });
    expect(await stored()).toEqual([]);
    await bodies.name(many, call);
    await expect(bodies.name([KENT], call)).rejects.toMatchObject({ code: 'invalid-payload' });
    expect(await bodies.name([{ ...KENT, slug: 'b-0', name: 'Another' }], call)).toHaveLength(1);
  });

  test('given several nodes that name a body at once, then the name is recorded once, and all nodes know it', async () => {
    const nodes = Array.from({ length: 6 }, () => new Bodies(store, systemRandom));
    await Promise.all(nodes.map((node) => node.name([KENT], call)));
    expect(await stored()).toEqual([KENT]);
    for (const node of nodes) expect(await all(node)).toEqual([KENT]);
  });

  test('for any names in any order, a node that continues reading knows the same names as one that reads everything', async () => {
    const body = fc.record({
      slug: fc.constantFrom('a', 'b', 'c'),
      name: fc.constantFrom('One', 'Two'),
      kind: fc.constantFrom('x', 'y'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uniqueArray(body, { selector: ({ slug }) => slug, maxLength: 3 }), { maxLength: 6 }),
        async (commands) => {
          const own = new MemoryEventStore(createSealer());
          const [writer, reader] = [new Bodies(own, systemRandom), new Bodies(own, systemRandom)];
          const expected = new Map<string, Body>();
          for (const named of commands) {
            await writer.name(named, call);
            for (const each of named) expected.set(each.slug, each);
            expect(await reader.all()).toEqual(expected);
          }
          expect(await new Bodies(own, systemRandom).all()).toEqual(expected);
        },
      ),
      { numRuns: 50 },
    );
  });
});
