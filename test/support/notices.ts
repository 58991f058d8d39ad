import type { Addressed } from '#notifications/outbox/outbox';
import type { DigestTime } from '#notifications/digest-time';
import type { Notice } from '#notifications/notices';
import type { ToldNotice } from '#notifications/message-text';

export const notice = (key: string, more: Partial<Notice> = {}): Notice => ({
  key,
  kind: 'passed',
  recordId: '730',
  recipient: 'wiltshire',
  deadlineId: 'd1',
  dateVersion: 1,
  deadlineKind: 'action',
  dueOn: '2026-11-23',
  day: '2026-11-24',
  eventId: key,
  reminder: null,
  occurredAt: '2026-11-24T08:03:00.000Z',
  ...more,
});

export const told = (more: Partial<ToldNotice> = {}): ToldNotice => ({
  ...notice('e1'),
  title: 'A title',
  status: 'being-progressed',
  called: '730',
  url: 'https://docket.example/recommendations/730',
  ...more,
});

export const addressed = (
  key: string,
  { subscription = 's1', digest = null }: { subscription?: string; digest?: Addressed['digest'] } = {},
): Addressed => ({ notice: notice(key), subscription, channel: 'webhook', digest });

/** A digest at every full hundred, whose day is its number. */
export const digestEachHundred = (after: number): DigestTime => {
  const at = (Math.floor(after / 100) + 1) * 100;
  return { at, day: `2026-01-${String(at / 100).padStart(2, '0')}` };
};
