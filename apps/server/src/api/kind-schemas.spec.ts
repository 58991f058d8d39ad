import { expect, jest, test } from '@jest/globals';
import type { ViewedLifecycle } from '#state-machines/record-view';

jest.unstable_mockModule('#state-machines/lifecycles', async () => {
  const { Lifecycles } = await import('#lifecycle/lifecycles');
  const { recommendations } = await import('#state-machines/inspection-recommendation/versions');
  const { letters } = await import('#test/second-lifecycle/letters');
  const { identifier } = await import('#lifecycle/fields');
  const { issuePayload } = await import('#lifecycle/issue');
  const { commandPayload, note } = await import('#lifecycle/shapes');
  const notices = { ...letters, kind: { ...letters.kind, noun: { singular: 'notice', plural: 'notices' } } };
  const shelves = {
    ...letters,
    reference: { ...letters.reference, name: 'shelf', digest: '7'.repeat(64) },
    definition: { ...letters.definition, name: 'shelf' },
    kind: {
      ...{ ...letters.kind, name: 'shelf', stream: 'shelf', path: 'shelves' },
      noun: { singular: 'shelf', plural: 'shelves' },
    },
    issue: { ...letters.issue, payload: issuePayload('ShelfPayload', 'shelf', {}) },
    code: {
      ...letters.code,
      shapes: { ...letters.code.shapes, CommentAdded: note({ place: identifier('Where.') }) },
    },
    commands: {
      ...letters.commands,
      'lend-shelf': {
        ...letters.commands['file-letter']!,
        payload: commandPayload('LendShelfPayload', { borrower: identifier('Who.', { isPerson: true }) }),
      },
    },
  };
  return {
    lifecycles: new Lifecycles<unknown, ViewedLifecycle>(notices, ...recommendations, shelves),
  };
});
const { schemasOfKinds } = await import('./kind-schemas.ts');
const { PROBLEMS } = await import('#use-cases/problems');

const others = { Notice: { type: 'object' }, FileLetterPayload: { type: 'object' } };
const { schemas, names, dataOfEvents } = schemasOfKinds(others);
const nameOf = (kind: string, name: string) => names.get(kind)?.get(name) ?? name;

test('given recommendations listed after a different kind, then their schemas have the same names as without that kind', () => {
  const RECOMMENDATION = 'inspection-recommendation';
  expect(
    ['Record', 'Timeline', 'CommentAddedData', 'RecordPage'].map((name) => nameOf(RECOMMENDATION, name)),
  ).toEqual(['RecommendationRecord', 'Timeline', 'CommentAddedData', 'Recommendations']);
  expect(schemas['CommentAddedData']).toHaveProperty('properties.cutOff');
});

test('given a kind named like another schema of the document, then neither replaces the other', () => {
  expect(Object.keys(schemas).filter((name) => name in others)).toEqual([]);
  expect(nameOf('letter', 'FileLetterPayload')).toBe('NoticeFileLetterPayload');
  expect(schemas).toHaveProperty('NoticeItem.properties.title');
});

test('given an event that several kinds have, then its type is listed once, with a schema for each of its shapes', () => {
  const types = [...JSON.stringify(dataOfEvents).matchAll(/"enum":\["([^"]+)"\]/g)].map(([, type]) => type);
  expect(new Set(types).size).toBe(types.length);
  expect(dataOfEvents).toContainEqual({
    properties: {
      type: { type: 'string', enum: ['CommentAdded'] },
      data: {
        anyOf: ['CommentAddedData', 'ShelfCommentAddedData'].map((name) => ({
          $ref: `#/components/schemas/${name}`,
        })),
      },
    },
    required: ['type', 'data'],
  });
});

test('given a command that names a person, then the document has the problems of unknown names', () => {
  expect(PROBLEMS).toMatchObject({
    'borrower-unknown': { status: 422, title: 'The borrower is not a known person' },
    'borrower-ambiguous': { status: 422 },
  });
});
