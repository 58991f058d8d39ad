import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import canonicalize from 'canonicalize';
import type { EventDefinition } from '#lifecycle/lifecycle-definition';
import { docketStatechart } from '../../definition.ts';
import { definition } from './definition.ts';
import { events } from './events.ts';
import { earlierDefinitions, inspectionRecommendation } from './lifecycle.ts';

const digestOf = ({ identity }: Pick<typeof inspectionRecommendation, 'identity'>): string =>
  createHash('sha256').update(canonicalize(identity)!).digest('hex');

const changed = (more: object) => digestOf(docketStatechart({ ...definition, ...more }));

describe('version 1', () => {
  // Until version 1 is released, the digest in lifecycle.ts moves with the definition. From then on a change that this test finds
  // is a new version, since recorded events name this digest.
  test('is held by its digest', () => {
    expect(inspectionRecommendation.reference).toEqual({
      name: 'inspection-recommendation',
      version: 1,
      digest: digestOf(inspectionRecommendation),
    });
  });

  test('has its earlier definitions under the digests that events name', () => {
    for (const each of earlierDefinitions) {
      const { name, version } = inspectionRecommendation.reference;
      expect(each.reference).toEqual({ name, version, digest: digestOf(each) });
    }
    expect(earlierDefinitions.map(({ reference }) => reference.digest)).toEqual([
      '0879e5d99158dcc5bc4833c806af1149a54661f2e97c0d3601474f116beacfcb',
      'cee1e22b7b66bc161c81a1171e8367fbc9aee204e8347e35a17bbe3349347e1f',
    ]);
  });

  test('is of what decides how history is read, and of nothing else', () => {
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

  test('keeps its digest whatever the order in which its members are written', () => {
    const events = Object.fromEntries(Object.entries(definition.events).reverse());
    expect(changed({ events })).toBe(digestOf(inspectionRecommendation));
  });

  test('names as sensitive each member of an event that holds free text, and the digest of a source', () => {
    const sensitive = Object.entries(events).flatMap(([type, event]) =>
      event.sensitive.map((pointer) => `${type} ${pointer}`),
    );
    expect(sensitive.sort()).toMatchInlineSnapshot(`
      [
        "ClosureRefused /data/reason",
        "ClosureRequested /data/statement",
        "CommentAdded /data/reason",
        "CommentAdded /data/text",
        "CommentRedacted /data/reason",
        "CorrectionRefused /data/reason",
        "CorrectionRequested /data/reason",
        "DeadlineDismissed /data/reason",
        "DeadlineExtended /data/reason",
        "DeadlineSet /data/note",
        "DeadlineWithdrawn /data/reason",
        "EvidenceAccepted /data/note",
        "EvidenceRejected /data/reason",
        "EvidenceSubmitted /data/items/*/name",
        "EvidenceSubmitted /data/items/*/url",
        "EvidenceSubmitted /data/note",
        "ExtensionRefused /data/reason",
        "ExtensionRequested /data/reason",
        "NoFurtherActionDecided /data/statement",
        "OwnerAssigned /data/owner",
        "OwnerAssigned /data/reason",
        "RecipientAssigned /data/reason",
        "RecommendationCompleted /data/statement",
        "RecommendationIssued /data/report/name",
        "RecommendationIssued /data/text",
        "RecommendationIssued /data/title",
        "RecommendationReopened /data/reason",
        "RegisterRecordImported /data/source",
        "RegisterRecordImported /data/sourceSha256",
        "ResponsePublished /data/publishedElsewhere",
        "ResponsePublished /data/text",
        "ReturnedToReview /data/reason",
        "TextAmended /data/reason",
        "TextAmended /data/text",
        "TextAmended /data/title",
        "UnknownStatusRecorded /data/status",
      ]
    `);
  });
});
