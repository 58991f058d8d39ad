import { createHmac, timingSafeEqual } from 'node:crypto';
import type { NoticeGroup } from '#state-machines/person-events';

/** The person who unsubscribes, and the group of notices; null for all groups. */
export interface Unsubscribed {
  readonly subject: string;
  readonly group: NoticeGroup | null;
}

/** Returns a key for unsubscribing without a sign-in (RFC 8058). Only someone with the secret can create one. */
export const unsubscribeKey = (secret: Uint8Array, { subject, group }: Unsubscribed): string => {
  const payload = Buffer.from(JSON.stringify([subject, group])).toString('base64url');
  return `${payload}.${macOf(secret, payload).toString('base64url')}`;
};

/** Parses a key. Returns null if it was not created with the secret. */
export function readUnsubscribeKey(secret: Uint8Array, key: string): Unsubscribed | null {
  const [payload = '', mac = '', ...more] = key.split('.');
  const macBytes = Buffer.from(mac, 'base64url');
  const expected = macOf(secret, payload);
  if (more.length > 0 || macBytes.length !== expected.length || !timingSafeEqual(macBytes, expected))
    return null;
  const [subject, group] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [
    string,
    NoticeGroup | null,
  ];
  return { subject, group };
}

const macOf = (secret: Uint8Array, payload: string): Buffer =>
  createHmac('sha256', secret).update(payload).digest();
