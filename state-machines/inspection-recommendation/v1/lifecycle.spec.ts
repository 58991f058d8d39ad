import { describe, expect, test } from '@jest/globals';
import { freeText, optional } from '#lifecycle/fields';
import type { EventDefinition } from '#lifecycle/lifecycle-definition';
import { definitionsOf } from '#lifecycle/lifecycle-definition';
import { note } from '#lifecycle/shapes';
import { digestOf } from '#test/support/digest-of';
import { docketStatechart } from '../../definition.ts';
import { definition } from './definition.ts';
import { events } from './events.ts';
import { earlierDefinitions, inspectionRecommendation } from './lifecycle.ts';

const changed = (more: object) => digestOf(docketStatechart({ ...definition, ...more }));

describe('version 1', () => {
  test('has its earlier definitions under the digests that events name', () => {
    expect(earlierDefinitions.map(({ reference }) => reference.digest)).toEqual([
      '0879e5d99158dcc5bc4833c806af1149a54661f2e97c0d3601474f116beacfcb',
      'cee1e22b7b66bc161c81a1171e8367fbc9aee204e8347e35a17bbe3349347e1f',
      'bcdd1e9c1db9ce9ae25f6d8f27bce0ab95db2cfefda9f7693e91d2f7fb5c3946',
    ]);
  });

  test('covers the parts that decide how history is read, and nothing else', () => {
    expect(Object.keys(inspectionRecommendation.identity)).toEqual([
      'name',
      'version',
      'machine',
      'guards',
      'events',
      'statusRegion',
      'thresholds',
    ]);
    expect(inspectionRecommendation.identity).toMatchObject({
      name: 'inspection-recommendation',
      version: 1,
    });
  });

  test('changes its digest with any of it', () => {
    const comment: EventDefinition = definition.events.CommentAdded;
    const digests = [
      digestOf(inspectionRecommendation),
      changed({ name: 'another' }),
      changed({ version: 2 }),
      changed({ thresholds: { approachingDays: 15, escalatedDays: 30 } }),
      changed({ statusRegion: 'closure' }),
      changed({ guards: { open: { region: 'progress', in: ['awaiting-review'] } } }),
      changed({ events: { ...definition.events, CommentAdded: { ...comment, schemaVersion: 2 } } }),
      changed({ events: { ...definition.events, CommentAdded: { ...comment, sensitive: [] } } }),
      changed({ events: { ...definition.events, AnotherNote: { kind: 'note', schemaVersion: 1 } } }),
      changed({ machine: { ...definition.machine, id: 'another' } }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  test('keeps its digest for any order of its members', () => {
    const events = Object.fromEntries(Object.entries(definition.events).reverse());
    expect(changed({ events })).toBe(digestOf(inspectionRecommendation));
  });

  test('keeps its digest when an event gets one more member that may be left out', () => {
    const { members } = events.CommentAdded;
    const more = note({ ...members, topic: optional(freeText()) });
    expect(more.sensitive).toContain('/data/topic');
    expect(changed({ events: definitionsOf({ ...events, CommentAdded: more }) })).toBe(
      digestOf(inspectionRecommendation),
    );
  });

  test('still seals one by one everything that its early definitions name as sensitive', () => {
    const { types } = inspectionRecommendation.code.shapes;
    const named = earlierDefinitions.flatMap(({ definition: { events: earlier } }) =>
      Object.entries(earlier).flatMap(([type, event]) =>
        (event.sensitive ?? []).map((pointer) => [type, pointer] as const),
      ),
    );
    expect(named.length).toBeGreaterThan(80);
    for (const [type, pointer] of named)
      expect([type, types[type]?.sensitive]).toEqual([type, expect.arrayContaining([pointer])]);
  });
});
