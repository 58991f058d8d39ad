import type { AddressedNotice } from '#notifications/outbox/record-messages';
import type { DigestTime } from '#notifications/digest-time';
import type { DeadlineFacts, DeadlineNotice, Notice } from '#notifications/notices';
import type { PresentNotice } from '#notifications/message-text';

const facts: DeadlineFacts = {
  recipient: 'wiltshire',
  deadlineId: 'd1',
  dateVersion: 1,
  deadlineKind: 'action',
  dueOn: '2026-11-23',
  day: '2026-11-24',
  reminder: null,
};

export const notice = (key: string, more: Partial<Notice> = {}) =>
  ({
    key,
    kind: 'passed',
    recordId: '730',
    eventId: key,
    occurredAt: '2026-11-24T08:03:00.000Z',
    deadline: facts,
    ...more,
  }) satisfies Notice;

export const presentNotice = (more: Partial<PresentNotice> = {}): PresentNotice => {
  const { deadline, ...own } = notice('e1') as DeadlineNotice;
  return {
    ...own,
    ...deadline,
    title: 'A title',
    status: 'being-progressed',
    called: 'recommendation 730',
    url: 'https://docket.example/recommendations/730',
    ...more,
  };
};

export const addressed = (key: string, more: Partial<AddressedNotice> = {}): AddressedNotice => ({
  notice: notice(key),
  receiver: 's1',
  channel: 'webhook',
  ...more,
});

/** Returns the next digest: one at every full hundred, whose day is its number. */
export const digestEachHundred = (after: number): DigestTime => {
  const at = (Math.floor(after / 100) + 1) * 100;
  return { at, day: `2026-01-${String(at / 100).padStart(2, '0')}` };
};
