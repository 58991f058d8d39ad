import { describe, expect, test } from '@jest/globals';
import { atOnce } from '#event-sourcing/folding';
import { combineCapabilities } from '#lifecycle/capability';
import { small, smallRecord } from '#test/support/small-record';
import { comments, isInternalComment, withoutReplaced } from './comments.ts';
import { recipients } from './recipients.ts';
import { erasing, redaction } from './redaction.ts';

const capability = combineCapabilities(redaction({ kind: small }), comments({ kind: small, imported: {} }));
const begun = () => smallRecord(capability);
const forceLead = { by: 'lea', as: 'force-lead', organisations: [] };

describe('a comment', () => {
  test('given each role that acts on the record, then it is added, public by default', async () => {
    const record = await begun();
    expect(await record.sendCommand('add-comment', { text: 'One.' })).toEqual(['CommentAdded']);
    expect(await record.sendCommand('add-comment', { text: 'Two.', visibility: 'internal' })).toEqual([
      'CommentAdded',
    ]);
    expect((await record.stored()).map(isInternalComment)).toEqual([false, false, true]);
    expect(await record.facts()).toMatchObject({ commenters: ['ann'] });
  });

  test.each([
    ['without a text', {}, {}, 'invalid-payload'],
    ['with what the record decides', { text: 'x', completes: 'y' }, {}, 'invalid-payload'],
    ['of a person who may not act', { text: 'x' }, { as: 'auditor' }, 'role-not-permitted'],
    ['of another body', { text: 'x' }, forceLead, 'role-not-permitted'],
  ])('given one %s, then it is refused', async (_, body, call, code) => {
    const record = await begun();
    expect(await record.sendCommand('add-comment', body, call)).toBe(code);
  });
});

describe('a correction', () => {
  async function commented() {
    const record = await begun();
    await record.sendCommand('add-comment', { text: 'Wrnog.' });
    const eventId = (await record.stored()).at(-1)?.eventId ?? '';
    return { record, body: { eventId, text: 'Wrong.', reason: 'A slip.' } };
  }

  test('given its author, then it replaces the comment, which stays in the history', async () => {
    const { record, body } = await commented();
    expect(await record.sendCommand('correct-comment', body)).toEqual(['CommentAdded']);
    const stored = await record.stored();
    expect(stored).toHaveLength(3);
    expect(withoutReplaced(stored).map(({ data }) => data['text'])).toEqual(['A text.', 'Wrong.']);
  });

  test.each([
    ['another person', {}, { by: 'bob' }, 'the-author'],
    ['the same text', { text: 'Wrnog.' }, {}, 'comment-changes'],
    ['an earlier day', { effectiveOn: '2026-11-01' }, {}, 'effective-date-of-correction'],
  ])('given %s, then it is refused', async (_, more, call, code) => {
    const { record, body } = await commented();
    expect(await record.sendCommand('correct-comment', { ...body, ...more }, call)).toBe(code);
  });

  test('given a correction, then that can be corrected again, under its id and under that of the comment', async () => {
    const { record, body } = await commented();
    await record.sendCommand('correct-comment', body);
    const { eventId = '' } = (await record.stored()).at(-1) ?? {};
    expect(await record.sendCommand('correct-comment', { ...body, text: 'Right.' })).toEqual([
      'CommentAdded',
    ]);
    expect((await record.stored()).at(-1)?.data).toMatchObject({ text: 'Right.', completes: eventId });
    const last = { ...body, eventId, text: 'Good.' };
    expect(await record.sendCommand('correct-comment', last, { by: 'cli:ann' })).toEqual(['CommentAdded']);
    expect(withoutReplaced(await record.stored()).map(({ data }) => data['text'])).toEqual([
      'A text.',
      'Good.',
    ]);
  });

  test('given another event than a comment, then it is not corrected', async () => {
    const { record, body } = await commented();
    const [begun] = await record.stored();
    expect(await record.sendCommand('correct-comment', { ...body, eventId: begun?.eventId ?? '' })).toBe(
      'comment-given-here',
    );
  });

  test('given an internal comment, then its correction is internal, and users who may not read it do not find it', async () => {
    const named = combineCapabilities(recipients({ kind: small, first: 'SmallBegun' }), capability);
    const record = await smallRecord(named, { text: 'A text.', recipient: 'kent' });
    const asForceLead = { as: 'force-lead', organisations: ['kent'] };
    await record.sendCommand('add-comment', { text: 'Wrnog.' }, asForceLead);
    await record.sendCommand('add-comment', { text: 'Wrnog.', visibility: 'internal' });
    const { eventId = '' } = (await record.stored()).at(-1) ?? {};
    const body = { eventId, text: 'Wrong.', reason: 'A slip.' };
    // Its author is refused too, whatever the correction says.
    for (const text of ['Wrong.', 'Wrnog.'])
      expect(await record.sendCommand('correct-comment', { ...body, text }, asForceLead)).toBe(
        'event-not-found',
      );
    expect(await record.sendCommand('correct-comment', body)).toEqual(['CommentAdded']);
    expect((await record.stored()).at(-1)?.data).toMatchObject({ visibility: 'internal' });
  });

  test('given a further text of the comment is redacted, then its corrections lose it, too', async () => {
    const { record } = await commented();
    const comment = (await record.stored()).at(-1)!;
    const said = { ...comment.data, topic: 'A place.' };
    const [commitments, salts] = [comment.commitments, comment.salts].map((each) => ({
      ...each,
      '/data/topic': 'x',
    }));
    const first = { ...comment, data: said, commitments: commitments!, salts: salts! };
    const later = { ...first, eventId: 'later', data: { ...said, completes: first.eventId } };
    const erased = ['/data/topic'];
    const named = { eventId: first.eventId, erased };
    expect(atOnce(erasing().closureOf([named], [first, later]))).toEqual([
      named,
      { eventId: 'later', erased },
    ]);
  });

  test('given it was redacted, then it cannot be corrected, and a correction is redacted with its comment', async () => {
    const { record, body } = await commented();
    await record.sendCommand('correct-comment', body);
    const redacts = { eventId: body.eventId, reason: 'A name.' };
    expect(await record.sendCommand('redact-comment', redacts, { by: 'zoe', as: 'approver' })).toEqual([
      'CommentRedacted',
      'CommentRedacted',
    ]);
    expect(await record.sendCommand('correct-comment', { ...body, text: 'Else.' })).toBe('comment-readable');
  });
});

describe('a redaction', () => {
  test.each([
    ['its recorder', { by: 'ann', as: 'approver' }, 'not-its-author'],
    ['an inspector, of what no approver recorded', { by: 'bob' }, 'not-its-author'],
    ['a user of a body', forceLead, 'role-not-permitted'],
  ])('given %s, then it is refused', async (_, call, code) => {
    const record = await begun();
    const eventId = (await record.stored())[0]?.eventId ?? '';
    expect(await record.sendCommand('redact-comment', { eventId, reason: 'A name.' }, call)).toBe(code);
  });

  test('given an approver recorded the text, then an inspector redacts it, once', async () => {
    const record = await begun();
    await record.sendCommand('add-comment', { text: 'x' }, { by: 'zoe', as: 'approver' });
    const body = { eventId: (await record.stored()).at(-1)?.eventId ?? '', reason: 'A name.' };
    expect(await record.sendCommand('redact-comment', { ...body, pointers: ['/data/visibility'] })).toBe(
      'not-redactable',
    );
    expect(await record.sendCommand('redact-comment', body)).toEqual(['CommentRedacted']);
    expect(await record.sendCommand('redact-comment', body)).toBe('not-yet-redacted');
  });
});
