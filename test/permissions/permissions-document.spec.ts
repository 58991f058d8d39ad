import { describe, expect, test } from '@jest/globals';
import type { StateValue } from '#event-sourcing/envelope';
import { machine } from '#state-machines/inspection-recommendation/v1/machine';
import { lockers } from '../second-lifecycle/lockers.ts';
import { conditionsOf } from './allowed-states.ts';
import { kindSection } from './permissions-document.ts';

const values: StateValue[] = ['awaiting-review', 'complete'].flatMap((progress) =>
  ['none', 'submitted', 'accepted'].map((evidence) => ({ progress, evidence })),
);

const conditions = (allowed: (value: StateValue) => boolean) =>
  conditionsOf(
    machine.states,
    values.map((value) => ({ value, allowed: allowed(value) })),
  );

describe('where a command is allowed', () => {
  test('given one region that matters, then it alone is named, with its values in the order of the chart', () => {
    expect(conditions(({ evidence }) => evidence !== 'submitted')).toEqual([
      [['evidence', ['none', 'accepted']]],
    ]);
  });

  test('given regions that matter together, then both are named', () => {
    expect(conditions(({ progress, evidence }) => progress === 'complete' && evidence === 'none')).toEqual([
      [
        ['progress', ['complete']],
        ['evidence', ['none']],
      ],
    ]);
  });

  test('given what no one condition says, then each value of the first region has its own', () => {
    expect(conditions(({ progress, evidence }) => progress === 'complete' || evidence === 'none')).toEqual([
      [
        ['progress', ['awaiting-review']],
        ['evidence', ['none']],
      ],
      [['progress', ['complete']]],
    ]);
  });

  test('given that it is allowed everywhere or nowhere, then nothing needs to be so, or nothing helps', () => {
    expect(conditions(() => true)).toEqual([[]]);
    expect(conditions(() => false)).toEqual([]);
  });
});

test('given another kind of record, then the permissions document says of each command what its lifecycle declares', () => {
  const section = kindSection(lockers);
  expect(section).toMatch(/^## Of lockers\n/);
  expect(section).toContain('| `replace-seal` | yes | yes |\n');
  expect(section).toContain(`### Replace seal

Replaces the broken seal.

- **Who**: detention-officer or custody-sergeant.
- **When**: seal is \`broken\`.
- **Records**: \`SealReplaced\`.
- **Refused**: as every command, and by \`not-the-reporter\` and \`seal-not-new\`.`);
});
