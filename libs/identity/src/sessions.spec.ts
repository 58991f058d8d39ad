import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { systemRandom } from '#event-sourcing/random';
import type { Identity } from './identity.ts';
import { SessionTooLongError } from './identity-errors.ts';
import { Sessions } from './sessions.ts';

const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const HOUR_MS = 3_600_000;

const ann: Identity = {
  subject: 'ann',
  name: 'Ann Ö.',
  roles: ['force-lead'],
  organisations: ['kent', 'avon'],
  issuedAt: NOW,
  expiresAt: NOW + HOUR_MS,
};

/** Returns a character that differs in its first bit: the last bits of a part's last character are unused. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const otherThan = (character: string): string =>
  ALPHABET.charAt(((ALPHABET.indexOf(character) + 64) % 64) ^ 32);

const secret = createSecretKey(randomBytes(32));
const sessions = new Sessions(secret, systemRandom);

describe('a session', () => {
  test('given a signed-in user, then every node with the key reads the session, and no other node', async () => {
    const { id, sealed } = await sessions.seal(ann);
    expect(sealed).not.toContain('ann');
    expect(await new Sessions(secret, systemRandom).open(sealed, NOW)).toEqual({ id, identity: ann });
    expect(await new Sessions(createSecretKey(randomBytes(32)), systemRandom).open(sealed, NOW)).toBeNull();
  });

  test('given the same text again, then it is the same object, and it ends when the identity does', async () => {
    const { sealed } = await sessions.seal(ann);
    const opened = await sessions.open(sealed, NOW);
    expect(await sessions.open(sealed, ann.expiresAt - 1)).toBe(opened);
    expect(await sessions.open(sealed, ann.expiresAt)).toBeNull();
    expect(await new Sessions(secret, systemRandom).open(sealed, ann.expiresAt)).toBeNull();
  });

  test('given a text that was altered at any place, then it is not a session', async () => {
    const { sealed } = await sessions.seal(ann);
    for (let at = 0; at < sealed.length; at += 7) {
      const altered = sealed.slice(0, at) + otherThan(sealed[at] ?? '') + sealed.slice(at + 1);
      expect(await sessions.open(altered, NOW)).toBeNull();
    }
    for (const made of ['', 'a.b.c.d.e', 'x'.repeat(5_000)])
      expect(await sessions.open(made, NOW)).toBeNull();
  });

  test('given claims that this version refuses, then it is not a session: its owner signs in again', async () => {
    const { sealed } = await sessions.seal({ ...ann, organisations: ['Kent'] });
    expect(await sessions.open(sealed, NOW)).toBeNull();
  });

  test('given more bodies than a browser keeps, then it is refused with their number', async () => {
    const organisations = Array.from({ length: 100 }, (_, index) => `a-body-with-quite-a-long-slug-${index}`);
    await expect(sessions.seal({ ...ann, organisations })).rejects.toThrow(SessionTooLongError);
    await expect(sessions.seal({ ...ann, organisations })).rejects.toThrow('100 organisations');
  });
});

describe("the mark of a session's forms", () => {
  const opened = async () => {
    const session = await sessions.open((await sessions.seal(ann)).sealed, NOW);
    if (session === null) throw new Error('It was not opened');
    return session;
  };

  test('is different each time, and is valid only for its session', async () => {
    const [one, other] = [await opened(), await opened()];
    const marks = [sessions.mark(one), sessions.mark(one)];
    expect(marks[0]).not.toBe(marks[1]);
    for (const mark of marks) {
      expect(sessions.isMarkOf(one, mark)).toBe(true);
      expect(new Sessions(secret, systemRandom).isMarkOf(one, mark)).toBe(true);
      expect(sessions.isMarkOf(other, mark)).toBe(false);
    }
    for (const made of ['', 'AAAA', 'A'.repeat(43)]) expect(sessions.isMarkOf(one, made)).toBe(false);
  });
});
