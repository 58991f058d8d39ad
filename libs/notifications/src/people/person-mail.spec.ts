import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import type { InboxItem } from '#read-models/inbox/inbox-query';
import { NOTICE_GROUPS } from '#state-machines/person-events';
import { groupOf } from './notice-groups.ts';
import { personMail } from './person-mail.ts';
import { readUnsubscribeKey, unsubscribeKey } from './unsubscribe-key.ts';

const item = (kind: string, id: string, more: Partial<InboxItem> = {}): InboxItem => ({
  ...{ stream: recordStream(id), version: 7, kind, at: '2026-03-12T10:00:00.000Z', actor: 'ruth' },
  ...{ command: 'c', eventId: 'e', title: 'A secret title', hasLeft: false, isSettled: false, isRead: false },
  ...{ recipient: null, asks: false, dueOn: null, ...more },
});
const options = {
  baseUrl: 'https://docket.example',
  digestOn: null,
  unsubscribe: 'https://docket.example/u?key=1',
};

describe('a mail to a person', () => {
  test("contains the news of each record, and none of the record's text", () => {
    const { subject, text, html } = personMail([item('closure-refused', '730')], {
      ...options,
      group: 'decisions',
    });
    expect(subject).toBe('Closure refused: recommendation 730');
    expect(text).toContain('https://docket.example/recommendations/730?at=7#event-7');
    expect(text).toContain('Replies are not read');
    expect(text).toContain(
      'Stop emails about this: Requests, and the decisions on them: https://docket.example/u?key=1',
    );
    expect(html).toContain('<a href="https://docket.example/recommendations/730?at=7#event-7">');
    for (const said of [subject, text, html]) expect(said).not.toMatch(/secret|ruth/);
  });

  test('links to the inbox for a record that has left', () => {
    const left = item('recipient-changed', '730', { title: null, hasLeft: true });
    const { text } = personMail([left], { ...options, group: null });
    expect(text).toContain('Body changed: recommendation 730\n  https://docket.example/inbox\n');
  });

  test('lists decisions first, and the date of a deadline', () => {
    const news = [
      item('deadline-passed', '730', { dueOn: '2026-03-11' }),
      item('closure-requested', '731', { asks: true }),
    ];
    const { text, html } = personMail(news, { ...options, group: null });
    const said = [
      ...['Waiting for your decision', 'Closure requested: recommendation 731'],
      ...['Other notices', 'Deadline passed: recommendation 730, due on 11 March 2026'],
    ];
    for (const whole of [text, html]) expect(whole).toMatch(new RegExp(said.join('[\\s\\S]*')));
  });

  test('for a day states the number of its items', () => {
    const both = [item('closure-refused', '730'), item('comment', '731')];
    const { subject, text } = personMail(both, { ...options, digestOn: '2026-03-12', group: null });
    expect(subject).toBe('Docket, 12 March 2026: 2 notices');
    expect(text).toContain('Comment added: recommendation 731');
    expect(text).toContain('Stop these emails');
  });
});

test.each([
  ['closure-requested', 'decisions'],
  ['closure-refused', 'decisions'],
  ['extension-granted', 'decisions'],
  ['deadline-approaching', 'deadlines'],
  ['deadline-escalated', 'deadlines'],
  ['deadline-withdrawn', 'changes'],
  ['comment', 'changes'],
  ['owner-assigned', 'changes'],
])('a notice of the kind %s belongs to the group %s', (kind, group) => {
  expect(groupOf(kind)).toBe(group);
});

describe('a key to unsubscribe', () => {
  const secret = new Uint8Array(32).fill(7);
  const links = fc.record({ subject: fc.string(), group: fc.option(fc.constantFrom(...NOTICE_GROUPS)) });

  test('contains person and group, and is valid only with its secret', () => {
    fc.assert(
      fc.property(links, (link) => {
        const key = unsubscribeKey(secret, link);
        expect(readUnsubscribeKey(secret, key)).toEqual(link);
        expect(readUnsubscribeKey(new Uint8Array(32), key)).toBeNull();
        expect(new URLSearchParams(`key=${key}`).get('key')).toBe(key);
      }),
    );
  });

  test('that was changed, or is not a key, identifies no one', () => {
    const key = unsubscribeKey(secret, { subject: 'ann', group: null });
    for (const wrong of ['', '.', 'a.b', `${key}.`, key.slice(1), `x${key}`])
      expect(readUnsubscribeKey(secret, wrong)).toBeNull();
  });
});
