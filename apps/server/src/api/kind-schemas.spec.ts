import { expect, jest, test } from '@jest/globals';
import type { ViewedLifecycle } from '#state-machines/record-view';

jest.unstable_mockModule('#state-machines/lifecycles', async () => {
  const { Lifecycles } = await import('#lifecycle/lifecycles');
  const { recommendations } = await import('#state-machines/inspection-recommendation/versions');
  const { complaints } = await import('#test/second-lifecycle/complaints');
  const { letters } = await import('#test/second-lifecycle/letters');
  const { issuePayload } = await import('#lifecycle/issue');
  const notices = { ...letters, kind: { ...letters.kind, noun: { singular: 'notice', plural: 'notices' } } };
  const praises = {
    ...complaints,
    reference: { ...complaints.reference, name: 'praise', digest: '7'.repeat(64) },
    kind: {
      ...{ ...complaints.kind, name: 'praise', stream: 'praise', path: 'praises' },
      noun: { singular: 'praise', plural: 'praises' },
    },
    issue: { ...complaints.issue, payload: issuePayload('PraisePayload', 'praise', {}) },
  };
  return {
    lifecycles: new Lifecycles<unknown, ViewedLifecycle>(notices, ...recommendations, complaints, praises),
    rolesPolicy: {},
  };
});
const { schemasOfKinds } = await import('./kind-schemas.ts');

const others = { Notice: { type: 'object' }, FileLetterPayload: { type: 'object' } };
const { schemas, names, dataOfEvents } = schemasOfKinds(others);
const nameOf = (kind: string, name: string) => names.get(kind)?.get(name) ?? name;

test('given recommendations behind another kind, then their schemas have the names that they had alone', () => {
  const RECOMMENDATION = 'inspection-recommendation';
  expect(
    ['Record', 'Timeline', 'CommentAddedData', 'RecordPage'].map((name) => nameOf(RECOMMENDATION, name)),
  ).toEqual(['RecommendationRecord', 'Timeline', 'CommentAddedData', 'Recommendations']);
  expect(schemas['CommentAddedData']).toHaveProperty('properties.cutOff');
});

test('given a kind that is called as something else of the document is, then neither takes the other’s place', () => {
  expect(Object.keys(schemas).filter((name) => name in others)).toEqual([]);
  expect(nameOf('letter', 'FileLetterPayload')).toBe('NoticeFileLetterPayload');
  expect(schemas).toHaveProperty('NoticeItem.properties.title');
});

test('given an event that several kinds have, then its type is told once, with a schema for each of its shapes', () => {
  const types = [...JSON.stringify(dataOfEvents).matchAll(/"enum":\["([^"]+)"\]/g)].map(([, type]) => type);
  expect(new Set(types).size).toBe(types.length);
  const added = ['complaint', 'praise'].map((kind) => nameOf(kind, 'CommentAddedData'));
  expect(added).toEqual(['ComplaintCommentAddedData', 'ComplaintCommentAddedData']);
  expect(dataOfEvents).toContainEqual({
    properties: {
      type: { type: 'string', enum: ['CommentAdded'] },
      data: {
        anyOf: ['CommentAddedData', 'ComplaintCommentAddedData'].map((name) => ({
          $ref: `#/components/schemas/${name}`,
        })),
      },
    },
    required: ['type', 'data'],
  });
});
