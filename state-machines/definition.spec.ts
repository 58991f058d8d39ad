import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { InvalidLifecycleError } from '#lifecycle/check-definition';
import { docketStatechart } from './definition.ts';
import { definition } from './inspection-recommendation/v1/definition.ts';
import { lifecycles } from './lifecycles.ts';

function problemsOf(given: unknown): readonly string[] {
  try {
    docketStatechart(given);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidLifecycleError)) throw error;
    return error.problems;
  }
}

test.each(lifecycles.all.map(({ definition }) => [definition.name, definition.version, definition]))(
  '%s v%d holds, with all that it can reach',
  (_name, _version, definition) => {
    expect(problemsOf(definition)).toEqual([]);
  },
);

describe('the thresholds of a definition', () => {
  test('given whole numbers of days, or none, then they hold', () => {
    expect(problemsOf(definition)).toEqual([]);
    expect(problemsOf({ ...definition, thresholds: {} })).toEqual([]);
  });

  test.each([
    ['none', undefined, 'thresholds: must be given, as an object'],
    ['null', null, 'thresholds: must be given, as an object'],
    ['a list', [14], 'thresholds: must be given, as an object'],
    ['half a day', { soon: 0.5 }, 'thresholds.soon: must be a whole number of days'],
    ['a text', { soon: '14' }, 'thresholds.soon: must be a whole number of days'],
  ])('given %s, then they are refused', (_, thresholds, problem) => {
    expect(problemsOf({ ...definition, thresholds })).toContain(problem);
  });
});

test('given the definition that docs/lifecycle-definition.md shows, then it holds; without one of its members it does not', () => {
  const page = readFileSync('docs/lifecycle-definition.md', 'utf8');
  const [, shown = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
  const definition = JSON.parse(shown) as Record<string, unknown>;
  expect(problemsOf(definition)).toEqual([]);
  for (const member of Object.keys(definition)) {
    expect(page).toContain(`| \`${member}\``);
    const { [member]: _without, ...rest } = definition;
    expect(problemsOf(rest)).not.toEqual([]);
  }
});
