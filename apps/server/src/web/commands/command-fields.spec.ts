import { describe, expect, test } from '@jest/globals';
import { lifecycles } from '#state-machines/lifecycles';
import { FormValues } from '../form-values.ts';
import { CONFIRM_FIELD, fieldsFor } from './command-fields.tsx';
import type { FieldsOf } from './command-fields.tsx';

const on = (lifecycle: string, command: string, more: Partial<FieldsOf> = {}): FieldsOf => ({
  ...{ lifecycle, command, recipient: 'wiltshire', form: {}, person: 'ann', roles: ['inspector'] },
  ...{ owners: [], redaction: null, chosen: new FormValues(), ...more },
});

describe.each(lifecycles.currents)('the fields of a form under $reference.name', (lifecycle) => {
  const { name } = lifecycle.reference;
  const commands = Object.entries(lifecycle.commands);

  test.each(commands)('are the members of the payload of %s', (command, { payload }) => {
    const names = fieldsFor(on(name, command)).map((field) => field.name);
    expect(names).toEqual(Object.keys(payload.members));
  });

  test.each(commands)('leave out the effective date of %s for the people of the recipient', (command) => {
    const fields = fieldsFor(on(name, command, { roles: ['force-lead'] }));
    expect(fields.map((field) => field.name)).not.toContain('effectiveOn');
  });

  test.each(commands)('include a confirmation because %s erases', (command) => {
    const fields = fieldsFor(on(name, command, { redaction: { events: [], erasedWith: [] } }));
    expect(fields.at(-1)?.name).toBe(CONFIRM_FIELD);
  });
});

test("the record's values of a form override the payload's", () => {
  const choice = { value: 'd1', text: '1 May 2027' };
  const fields = { deadlineId: { choices: [choice], label: 'Which date' }, reason: null };
  const [deadline, ...others] = fieldsFor(
    on('inspection-recommendation', 'withdraw-deadline', { form: { fields } }),
  );
  expect(deadline).toMatchObject({ kind: 'chosen', label: 'Which date', is: choice });
  expect(others.map(({ name }) => name)).toEqual(['effectiveOn']);
});
