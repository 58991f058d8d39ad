import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { canonicalJson } from '#audit/canonical';
import { replayOf } from '#audit/pack/replay-definition';
import type { JsonValue } from '#event-sourcing/envelope';
import { DecidingMachine } from '#lifecycle/deciding-machine';
import { digestOf } from '#test/support/digest-of';
import { lifecycles } from './lifecycles.ts';

const all = lifecycles.all.map(
  ({ definition }) => [`${definition.name} v${definition.version}`, definition] as const,
);

test.each(all)('%s has the form that verifiers replay', (_, definition) => {
  const read = JSON.parse(canonicalJson(definition as unknown as JsonValue)) as JsonValue;
  expect(replayOf(read).name).toBe(definition.name);
});

test.each(all)('%s has no state and no move that no event leads to', (_, definition) => {
  const { machine, events } = definition;
  const decides = new DecidingMachine(definition);
  const unused = new Set([
    ...Object.entries(machine.states).flatMap(([region, { states }]) =>
      Object.keys(states).map((state) => `${region}.${state}`),
    ),
    ...Object.keys(events).filter((type) => decides.move(type) !== null),
  ]);
  // Equal values are the same object, and iterating a Set visits items added meanwhile.
  const reached = new Set([decides.initial]);
  for (const value of reached) {
    for (const [region, state] of Object.entries(value)) unused.delete(`${region}.${state}`);
    for (const type of Object.keys(events)) {
      const next = decides.after(value, type);
      if (next === null) continue;
      unused.delete(type);
      reached.add(next);
    }
  }
  expect([...unused]).toEqual([]);
});

test.each(lifecycles.all.map((each) => [each.reference.name, each.reference.digest, each] as const))(
  '%s is named by the digest of its definition, %s',
  (_name, digest, lifecycle) => {
    expect(digest).toBe(digestOf(lifecycle));
  },
);

const shownDefinition = (page: string): Record<string, unknown> =>
  JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? '') as Record<string, unknown>;

test('given the definition that docs/lifecycle-definition.md shows, then it is valid; without one of its members it is not', () => {
  const page = readFileSync('docs/lifecycle-definition.md', 'utf8');
  const definition = shownDefinition(page);
  expect(replayOf(definition as JsonValue).name).toBe('door');
  for (const member of Object.keys(definition)) {
    expect(page).toContain(`| \`${member}\``);
    const { [member]: _without, ...rest } = definition;
    expect(() => replayOf(rest as JsonValue)).toThrow(TypeError);
  }
});
