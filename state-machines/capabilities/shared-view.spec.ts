import { expect, test } from '@jest/globals';
import { combineCapabilities } from '#lifecycle/capability';
import { atOnce } from '#event-sourcing/folding';
import { small, smallRecord } from '#test/support/small-record';
import { comments } from './comments.ts';
import { owner } from './owner.ts';
import { recipients } from './recipients.ts';
import { redaction } from './redaction.ts';
import { sharedView } from './shared-view.ts';

const capability = combineCapabilities(
  redaction({ kind: small }),
  recipients({ kind: small, first: 'SmallBegun' }),
  owner({ kind: small, roles: ['inspector'] }),
  comments({ kind: small, imported: {} }),
);

async function shown() {
  const record = await smallRecord(capability, { text: 'A text.', recipient: 'kent' });
  await record.sendCommand('add-comment', { text: 'Wrnog.' });
  await record.sendCommand('assign-owner', { owner: 'bob' });
  const eventId = (await record.stored())[1]?.eventId ?? '';
  await record.sendCommand('correct-comment', { eventId, text: 'Wrong.', reason: 'A slip.' });
  return { stored: await record.stored(), state: await record.state() };
}

test('given comments, an owner and a body, then a record shows its own text, and whose it is', async () => {
  const { stored, state } = await shown();
  const head = { id: '1', status: 'open', state: {}, version: 4, issuedOn: '2026-11-01' };
  const lifecycle = { name: small.name, version: 1 };
  expect(sharedView.show({ ...head, lifecycle }, state, stored, '2026-11-03')).toMatchObject({
    ...{ text: 'A text.', owner: 'bob', recipient: 'kent', issue: null },
  });
  expect(stored.map((event) => sharedView.ownTexts(event))).toEqual([['text'], [], [], []]);
});

test('given another owner and another body, then the record names the body, and no reason of theirs', async () => {
  const record = await smallRecord(capability, { text: 'A text.', recipient: 'kent' });
  await record.sendCommand('assign-owner', { owner: 'bob' });
  await record.sendCommand('assign-owner', { owner: 'ann', reason: 'Bob left.' });
  await record.sendCommand('assign-recipient', { recipient: 'avon', reason: 'They merged.' });
  const stored = await record.stored();
  expect(sharedView.details(stored)).toEqual({
    ...{ text: 'A text.', says: { text: 'A text.', recipient: 'avon' } },
  });
  expect(sharedView.detailEvents(stored).every((event) => event === stored[0])).toBe(true);
});

test('given a comment that was corrected, then the correction has its place, and both are erased together', async () => {
  const { stored } = await shown();
  expect(sharedView.replacements(stored)(stored[1]!)).toBe(stored[3]);
  const named = { eventId: stored[3]?.eventId ?? '', erased: ['/data/text'] };
  expect(atOnce(sharedView.erasedWith([named], stored)).map(({ eventId }) => eventId)).toEqual([
    named.eventId,
    stored[1]?.eventId,
  ]);
  expect(sharedView.textsErasedWith(named, stored)).toContain(stored[1]?.eventId);
});

test('given light events, then the owner is left in them, and no other text', async () => {
  const { stored } = await shown();
  expect(stored.map((event) => Object.keys(sharedView.light(event).data))).toEqual([
    ['recipient'],
    ['visibility'],
    ['owner'],
    ['visibility', 'completes'],
  ]);
});
