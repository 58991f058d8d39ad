import { createHmac, timingSafeEqual } from 'node:crypto';

/** Who is to be sent no more mail, and of which kind of notice; null for none at all. */
export interface Unsubscribed {
  readonly subject: string;
  readonly kind: string | null;
}

/** A key that unsubscribes without a sign-in (RFC 8058): only whoever has the secret makes one. */
export const unsubscribeKey = (secret: Uint8Array, { subject, kind }: Unsubscribed): string => {
  const said = Buffer.from(JSON.stringify([subject, kind])).toString('base64url');
  return `${said}.${macOf(secret, said).toString('base64url')}`;
};

/** What a key says; null for one that was not made with the secret. */
export function readUnsubscribeKey(secret: Uint8Array, key: string): Unsubscribed | null {
  const [said = '', mac = '', ...more] = key.split('.');
  const given = Buffer.from(mac, 'base64url');
  const expected = macOf(secret, said);
  if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const [subject, kind] = JSON.parse(Buffer.from(said, 'base64url').toString()) as [string, string | null];
  return { subject, kind };
}

const macOf = (secret: Uint8Array, said: string): Buffer =>
  createHmac('sha256', secret).update(said).digest();
