import type { AddressedNotice } from '#notifications/outbox/record-messages';
import type { DigestTime } from '#notifications/digest-time';
import type { Notice } from '#notifications/outbox/outbox-database';

export const notice = (key: string, more: Partial<Notice> = {}): Notice => ({
  key,
  kind: 'deadline-passed',
  recordId: '730',
  eventId: key,
  occurredAt: '2026-11-24T08:03:00.000Z',
  ...more,
});

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
