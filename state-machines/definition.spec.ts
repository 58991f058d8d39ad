import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { canonicalJson } from '#audit/canonical';
import { replayOf } from '#audit/pack/replay-definition';
import type { JsonValue } from '#event-sourcing/envelope';
import { InvalidLifecycleError } from '#lifecycle/check-definition';
import { digestOf } from '#test/support/digest-of';
import { docketStatechart } from './definition.ts';
import { definition } from './inspection-recommendation/v1/definition.ts';
import { lifecycles } from './lifecycles.ts';

function problemsOf(definition: unknown): readonly string[] {
  try {
    docketStatechart(definition);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidLifecycleError)) throw error;
    return error.problems;
  }
}

test.each(lifecycles.all.map(({ definition }) => [definition.name, definition.version, definition]))(
  '%s v%d is valid, with all that it can reach',
  (_name, _version, definition) => {
    expect(problemsOf(definition)).toEqual([]);
  },
);

test.each(lifecycles.all.map((each) => [each.reference.name, each.reference.digest, each] as const))(
  '%s is named by the digest of its definition, %s',
  (_name, digest, lifecycle) => {
    expect(digest).toBe(digestOf(lifecycle));
  },
);

describe('the thresholds of a definition', () => {
  test('given whole numbers of days, or none, then they are valid', () => {
    expect(problemsOf(definition)).toEqual([]);
    expect(problemsOf({ ...definition, thresholds: {} })).toEqual([]);
  });

  test.each([
    ['none', undefined, 'thresholds: must be an object'],
    ['null', null, 'thresholds: must be an object'],
    ['a list', [14], 'thresholds: must be an object'],
    ['half a day', { soon: 0.5 }, 'thresholds.soon: must be a whole number of days'],
    ['a text', { soon: '14' }, 'thresholds.soon: must be a whole number of days'],
  ])('given %s, then they are refused', (_, thresholds, problem) => {
    expect(problemsOf({ ...definition, thresholds })).toContain(problem);
  });
});

const shownDefinition = (page: string): Record<string, unknown> =>
  JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? '') as Record<string, unknown>;

/** Yields the definition with one change each: an added member, or a replaced value. */
function* near(definition: Record<string, unknown>): Generator<Record<string, unknown>> {
  const members = [
    'description',
    'always',
    'type',
    'on',
    'owner',
    'countsFor',
    'sensitive',
    'target',
    'more',
  ];
  const values = [
    'x',
    '.shut',
    'leaf',
    '\ud800',
    '',
    0,
    -0,
    2 ** 53,
    1e15,
    null,
    [],
    {},
    ['leaf'],
    ['\ud800'],
  ];
  function* placesIn(value: unknown, path: readonly string[]): Generator<readonly string[]> {
    if (typeof value !== 'object' || value === null) return;
    for (const name of Object.keys(value)) yield [...path, name];
    if (!Array.isArray(value)) for (const name of members) yield [...path, name];
    for (const [name, inside] of Object.entries(value)) yield* placesIn(inside, [...path, name]);
  }
  for (const path of placesIn(definition, []))
    for (const value of values) {
      const copy = structuredClone(definition);
      const parent = path
        .slice(0, -1)
        .reduce((inside, name) => inside[name] as Record<string, unknown>, copy);
      parent[path.at(-1)!] = value;
      yield copy;
    }
}

test('given any valid definition, then verifiers of packs replay it', () => {
  const shown = shownDefinition(readFileSync('docs/lifecycle-definition.md', 'utf8'));
  const holding = [...near(shown)].filter((sample) => problemsOf(sample).length === 0);
  expect(holding.length).toBeGreaterThan(20);
  for (const sample of holding)
    expect(replayOf(JSON.parse(canonicalJson(sample as JsonValue)) as JsonValue).name).toBe(sample['name']);
});

test('given the definition that docs/lifecycle-definition.md shows, then it is valid; without one of its members it is not', () => {
  const page = readFileSync('docs/lifecycle-definition.md', 'utf8');
  const definition = shownDefinition(page);
  expect(problemsOf(definition)).toEqual([]);
  for (const member of Object.keys(definition)) {
    expect(page).toContain(`| \`${member}\``);
    const { [member]: _without, ...rest } = definition;
    expect(problemsOf(rest)).not.toEqual([]);
  }
});
