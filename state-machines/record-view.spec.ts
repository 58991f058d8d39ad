import { expect, test } from '@jest/globals';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { complaints } from '#test/second-lifecycle/complaints';
import { plainView } from './record-view.ts';

const view = plainView(complaints.code);

function eventOf(
  version: number,
  type: string,
  data: ReadEvent['data'],
  texts: readonly string[],
): ReadEvent {
  return {
    ...{ envelope: 1, eventId: `e${version}`, schemaVersion: 1, streamId: 'complaint-1', position: '1' },
    ...{ recordedAt: '2026-01-01T00:00:00.000Z', effectiveOn: '2026-01-01', correlationId: 'c' },
    ...{ actor: { subject: 'ann', roles: [] }, command: { id: 'c', name: 'spec', digest: null } },
    ...{ decision: null, causationId: null, origin: 'command', lifecycle: complaints.reference, state: null },
    ...{ version, type, data, salts: {} },
    commitments: Object.fromEntries(texts.map((member) => [`/data/${member}`, 'commitment'])),
  };
}

const made = eventOf(1, 'ComplaintMade', { title: 'Noise', text: 'It was loud.', recipient: null }, [
  'title',
  'text',
]);
const answer = { position: 'no-action', text: 'It was not us.', dueOn: null, late: false };
const answered = eventOf(3, 'ResponsePublished', answer, ['text']);
const internal = eventOf(4, 'CommentAdded', { text: 'A secret.', visibility: 'internal' }, ['text']);

test('given a later event with a text, then the record keeps the text that its lifecycle declares', () => {
  const details = view.details([made, answered]);
  expect(details).toMatchObject({ title: 'Noise', text: 'It was loud.', says: { text: 'It was not us.' } });
  expect(view.detailEvents([made, answered])).toContain(made);
  expect([made, answered].map((event) => view.ownTexts(event))).toEqual([['title', 'text'], []]);
});

test('given the declared text was erased, then the record has no text, and not that of another event', () => {
  const erased = { ...made, data: { title: 'Noise', recipient: null } };
  expect(view.details([erased, answered])).toMatchObject({ title: 'Noise', text: null });
});

test('given an internal comment, then the record says nothing of it', () => {
  const details = view.details([made, internal]);
  expect(details.says).toMatchObject({ text: 'It was loud.' });
  expect(JSON.stringify([details, view.detailEvents([made, internal])])).not.toMatch(/secret|internal/);
});

test('given a member that is null, then a history entry has no such member, but null for an erased one', () => {
  expect(view.lineMembers(made)).toEqual({});
  const closed = eventOf(5, 'ComplaintClosed', {}, ['outcome']);
  expect(view.lineMembers(closed)).toEqual({ outcome: null });
});

test('given a lifecycle with bodies, then the record shows its body', () => {
  const head = {
    ...{ id: '1', status: 'open', state: {}, version: 1, issuedOn: '2026-01-01' },
    lifecycle: { name: 'complaint', version: 1 },
  };
  const state = { ...complaints.initialState('2026-01-01'), body: 'kent' };
  expect(view.show(head, state, [made], '2026-01-01')).toMatchObject({ recipient: 'kent' });
});
