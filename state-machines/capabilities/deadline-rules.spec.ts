import { describe, expect, test } from '@jest/globals';
import { small } from '#test/support/small-record';
import type { DeadlineFacts } from './deadline-facts.ts';
import * as rules from './deadline-rules.ts';
import { PLAIN_KINDS } from './deadlines.ts';
import { deadlines as withDeadlines } from './dated-work.ts';

const open = { region: 'work', in: ['open'] };
const { initial } = withDeadlines({
  ...{ kind: small, first: 'SmallBegun', regions: { work: { initial: 'open', states: { open: {} } } }, open },
  roles: { decide: ['inspector'], request: ['inspector'] },
});
const terms: rules.DeadlineTerms = {
  kind: small,
  kinds: PLAIN_KINDS,
  isOpen: ({ work }) => work === 'open',
  isPublished: ({ response }) => response === 'published',
  settles: () => '; publish-response settles it',
};
const deadlineIsExtendable = rules.deadlineIsExtendable(terms);
const deadlineInForce = rules.deadlineInForce(terms);
const hasDeadline = rules.hasDeadline(terms, 'isExtendable');
const extensionPending = rules.extensionPending(terms);

const deadline = (id: string, kind: 'action' | 'response'): DeadlineFacts['deadlines'][number] => ({
  id,
  kind,
  dueOn: '2027-01-31',
  firstDueOn: '2027-01-31',
  dueSince: '2026-11-25',
  setBy: null,
});
const stateOf = (deadlines: DeadlineFacts['deadlines'], work = 'open') => ({
  of: small.name,
  body: null,
  value: { work, response: 'due' },
  firstOn: '2026-11-25',
  movedOn: {},
  size: { events: 1, bytes: 0, theirs: { events: 0, bytes: 0 } },
  days: null,
  facts: { ...initial, deadlines, deadlineIds: deadlines.length },
});
const both = stateOf([deadline('d1', 'action'), deadline('d2', 'response')]);
const responseAlone = stateOf([deadline('d1', 'response')]);
const context = {} as Parameters<typeof deadlineIsExtendable.detail>[2];

describe('the refusal to change the date of a response', () => {
  const refusal = 'the date of a response cannot be extended or withdrawn; publish-response settles it';

  test('of an extension', () => {
    expect(deadlineIsExtendable.isMet(both, { deadlineId: 'd2' }, context)).toBe(false);
    expect(deadlineIsExtendable.detail(both, { deadlineId: 'd2' }, context)).toBe(
      `d2 is for the response: ${refusal}. Deadlines that can be extended: d1 (2027-01-31)`,
    );
    expect(deadlineIsExtendable.detail(both, { deadlineId: 'd3' }, context)).toBe(
      'No such deadline can be extended. Deadlines that can be: d1 (2027-01-31)',
    );
  });

  test('of a withdrawal', () => {
    const named = { deadlineId: 'd2', reason: 'a slip' };
    expect(deadlineInForce.isMet(both, named, context)).toBe(false);
    expect(deadlineInForce.detail(both, named, context)).toBe(
      `d2 is not a current deadline for the small thing; ${refusal}`,
    );
  });

  test('without another deadline', () => {
    expect(hasDeadline.isMet(responseAlone, { subject: 'ann', roles: [] }, 'inspector')).toBe(false);
    expect(hasDeadline.detail(responseAlone)).toBe(
      `The record has no deadline for the small thing itself; ${refusal}`,
    );
    expect(hasDeadline.detail(stateOf([]))).toBe('The record has no deadline for the small thing itself');
  });
});

test('where no extension waits, the refusal suggests a request only where one is possible', () => {
  expect(extensionPending.detail(both)).toBe('No extension has been requested; use request-extension first');
  const closed = extensionPending.detail(stateOf(both.facts.deadlines, 'done'));
  expect(closed).toMatch(/closing the record dropped all requests/);
  expect(closed).not.toMatch(/use request-extension first/);
});
