import { expect, test } from '@jest/globals';
import { memberWords, valueWords, wordChanges } from './member-words.tsx';

test('a text changes word by word, and its lines stay where they are', () => {
  expect(wordChanges('The force should act.\n\nSoon.', 'The force must act.\n\nSoon.')).toEqual([
    { in: 'both', text: 'The force ' },
    { in: 'before', text: 'should' },
    { in: 'after', text: 'must' },
    { in: 'both', text: ' act.\n\nSoon.' },
  ]);
});

test('finds a change in the longest texts, and stops comparing two that share nothing', () => {
  const long = (word: string) => Array.from({ length: 8_000 }, (_, index) => `${word}${index}`).join(' ');
  expect(wordChanges(long('a'), `${long('a')} more`)?.at(-1)).toEqual({ in: 'after', text: ' more' });
  expect(wordChanges(long('a'), long('b'))).toBeNull();
});

test.each([
  ['status', 'being-progressed', 'Status', 'Being progressed'],
  ['state.evidence', 'submitted', 'Evidence', 'Submitted'],
  ['state.deadline', 'on-track', 'Deadline', 'On track'],
  ['deadlines.d1.dueOn', '2016-06-30', 'Deadline d1, due', '30 June 2016'],
  ['deadlines.d1.sourceGone', true, 'Deadline d1, sourceGone', 'Yes'],
  ['pending.extensions.0f7c-11.requester', 'ann', 'Extension requested, requested by', 'ann'],
  ['pending.evidence.decides', ['0f7c-11'], 'Pending evidence', '1 submission'],
  ['pending.evidence.decides', ['0f7c-11', '0f7c-12'], 'Pending evidence', '2 submissions'],
  [
    'pending.evidence.items',
    ['plan.pdf', '2016-06-30', null],
    'Pending evidence',
    'plan.pdf, 2016-06-30, [redacted]',
  ],
  ['pending.evidence.items', null, 'Pending evidence', 'Nothing'],
  [
    'pending.corrections.0f7c-11.requestedOn',
    '2016-06-30',
    'Correction requested, requested on',
    '30 June 2016',
  ],
  ['pending.corrections.0f7c-11.eventId', '0f7c-11', 'Correction requested, request', '0f7c-11'],
  ['says.sourceSha256', 'ab', 'Digest of the imported file', 'ab'],
  ['says.dueOn', '2016-06-30', 'Due on', '30 June 2016'],
  ['owner', null, 'Owner', 'Nothing'],
  ['text', null, 'Text', '[redacted]'],
  ['something.new', ['a', 'b'], 'something.new', 'a, b'],
] as const)('%s is described in words', (path, value, member, words) => {
  expect([memberWords(path), valueWords(path, value)]).toEqual([member, words]);
});
