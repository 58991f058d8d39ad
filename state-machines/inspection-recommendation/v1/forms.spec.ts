import { expect, test } from '@jest/globals';
import type { FormSubject } from '#lifecycle/command-form';
import { NO_SIZE } from '#lifecycle/record-size';
import { noFacts } from './evolve-facts.ts';
import type { Facts } from './facts.ts';
import { forms } from './forms.ts';
import { commands } from './policy.ts';

const request = (eventId: string, requester: string) => ({
  ...{ eventId, requester, on: '2026-11-24', recordedAt: '2026-11-24T12:00:00.000Z', version: 2 },
});

const facts: Facts = {
  ...noFacts,
  recipient: 'wiltshire',
  extensions: [
    { ...request('x1', 'cli:ann'), deadlineId: 'd1', dueOn: '2100-01-01' },
    { ...request('x2', 'bob'), deadlineId: 'd2', dueOn: '2100-01-01' },
    { ...request('x3', 'eve'), deadlineId: 'd3', dueOn: '2100-01-01' },
  ],
  corrections: [
    { ...request('c1', 'ann'), corrects: 'e1', claimant: null, correction: { dueOn: '2099-01-01' } },
    { ...request('c2', 'bob'), corrects: 'e2', claimant: null, correction: { dueOn: '2099-01-01' } },
    { ...request('c3', 'bob'), corrects: 'e3', claimant: 'ann', correction: { confirms: true } },
  ],
};

const subject: FormSubject<Facts> = {
  state: {
    ...{ of: 'inspection-recommendation', body: 'wiltshire', firstOn: '2026-11-24', movedOn: {} },
    ...{ size: NO_SIZE, facts },
    value: { progress: 'being-progressed', closure: 'none', evidence: 'submitted', response: 'not-required' },
  },
  ...{ title: 'Title', text: 'By the end of 2099', person: 'ann', roles: ['inspector'], today: '2026-11-24' },
  ...{ chosen: () => null, events: [], other: null },
  history: ['e1', 'e2', 'e3'].map((eventId) => ({
    ...{
      eventId,
      type: 'DeadlineSet',
      effectiveOn: '2026-11-24',
      role: 'inspector',
      headline: 'Deadline set',
    },
    actor: eventId === 'e3' ? 'ann' : 'bob',
  })),
};

const fieldsOf = (command: string, of: FormSubject<Facts> = subject) => forms[command]?.form(of).fields ?? {};

test.each(Object.keys(forms))(
  'given %s, then its form says something of members of its payload alone',
  (name) => {
    const { payload } = commands[name as keyof typeof commands];
    expect(Object.keys(payload.members)).toEqual(expect.arrayContaining(Object.keys(fieldsOf(name))));
  },
);

test.each([
  ['grant-extension', 'deadlineId', ['d2', 'd3']],
  ['refuse-extension', 'deadlineId', ['d2', 'd3']],
  ['withdraw-extension', 'deadlineId', ['d1']],
  // Another person must confirm a claim.
  ['approve-correction', 'eventId', ['e2']],
  ['refuse-correction', 'eventId', ['e2']],
])(
  'given requests of several people, then %s offers those that the person may decide or withdraw',
  (name, member, offered) => {
    expect(fieldsOf(name)[member]?.choices?.map(({ value }) => value)).toEqual(offered);
  },
);

test('given a person of the recipient, then a comment is public', () => {
  expect(fieldsOf('add-comment', { ...subject, roles: ['force-lead'] })).toMatchObject({
    visibility: { value: 'public' },
  });
  expect(fieldsOf('add-comment')['visibility']?.choices).toHaveLength(2);
});
