import { describe, expect, test } from '@jest/globals';
import { freeText, optional } from '#lifecycle/fields';
import type { EventDefinition } from '#lifecycle/lifecycle-definition';
import { definitionsOf } from '#lifecycle/lifecycle-definition';
import { note } from '#lifecycle/shapes';
import { digestOf } from '#test/support/digest-of';
import { statechartOf } from '#lifecycle/statechart';
import { definition } from './definition.ts';
import { events } from './events.ts';
import { inspectionRecommendation } from './lifecycle.ts';

const changed = (more: object) => digestOf(statechartOf({ ...definition, ...more }));

describe('version 1', () => {
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
});
