import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Random } from '#event-sourcing/random';
import { InvalidTokenError, SEALED_LENGTH_MAX, SessionTooLongError } from './identity-errors.ts';
import { identityOf } from './identity.ts';
import type { Identity } from './identity.ts';
import { derivedKey, seal, unseal } from './sealed.ts';

/** Derives the key for unsubscribe links from a key shared by all nodes. */
export const unsubscribingKey = (secret: KeyObject): Uint8Array => derivedKey(secret, 'unsubscribe');

/** A person's sign-in to the pages. */
export interface Session {
  /** Different for each sign-in. A form of one session is rejected in another. */
  readonly id: string;
  readonly identity: Identity;
}

/** The maximum number of cached sessions. The least recently used is evicted. */
const OPENED_MAX = 10_000;
const ID_BYTES = 16;
const MARK_BYTES = 16;

/**
 * Seals sessions into texts that browsers store, so that every node with the same key can read them. Whether
 * a session was ended is recorded elsewhere.
 */
export class Sessions {
  readonly #random: Random;
  readonly #sealing: Uint8Array;
  readonly #marking: Uint8Array;
  /** The key for unsubscribe links. */
  readonly unsubscribing: Uint8Array;
  /** The unsealed sessions by digest: a page makes several requests, and unsealing costs as much as a short page. */
  readonly #opened = new LRUCache<string, Session>({ max: OPENED_MAX });

  /** @param secret a key shared by all nodes. */
  constructor(secret: KeyObject, random: Random) {
    this.#random = random;
    this.#sealing = derivedKey(secret, 'sessions');
    this.#marking = derivedKey(secret, 'form marks');
    this.unsubscribing = unsubscribingKey(secret);
  }

  /**
   * Creates and seals a session that expires with the identity.
   * @throws SessionTooLongError if it does not fit into a cookie.
   */
  async seal(identity: Identity): Promise<{ readonly id: string; readonly sealed: string }> {
    const { subject, name, email, roles, organisations, issuedAt, expiresAt } = identity;
    const id = this.#random.bytes(ID_BYTES).toString('base64url');
    const claims = {
      id,
      sub: subject,
      roles,
      organisations,
      ...(name !== null && { name }),
      ...(email !== undefined && { email, email_verified: true }),
      ...(issuedAt !== null && { iat: Math.floor(issuedAt / 1_000) }),
    };
    const sealed = await seal(this.#sealing, claims, expiresAt);
    if (sealed.length > SEALED_LENGTH_MAX) {
      const { roles, organisations } = identity;
      throw new SessionTooLongError(roles.length, organisations.length, sealed.length);
    }
    return { id, sealed };
  }

  /**
   * Returns the session in a sealed text, the same object each time; null if it is invalid or expired.
   * @param now milliseconds since 1970.
   */
  async open(sealed: string, now: number): Promise<Session | null> {
    if (sealed.length > SEALED_LENGTH_MAX) return null;
    const digest = hash('sha256', sealed, 'base64');
    const opened = this.#opened.get(digest);
    if (opened !== undefined) return now < opened.identity.expiresAt ? opened : null;
    const claims = await unseal(this.#sealing, sealed, now);
    if (claims === null) return null;
    const { id, exp = 0 } = claims;
    const identity = identityIn(claims, exp);
    if (identity === null) return null;
    const session = { id: String(id), identity };
    this.#opened.set(digest, session);
    return session;
  }

  /**
   * Returns the anti-forgery token of this session, masked differently each time, so that it cannot be
   * guessed from the size of compressed pages.
   */
  mark(session: Session): string {
    const mask = this.#random.bytes(MARK_BYTES);
    return Buffer.concat([mask, xor(mask, this.#markOf(session))]).toString('base64url');
  }

  /** Reports whether a form's token belongs to this session. */
  isMarkOf(session: Session, mark: string): boolean {
    const bytes = Buffer.from(mark, 'base64url');
    if (bytes.length !== 2 * MARK_BYTES) return false;
    const unmasked = xor(bytes.subarray(0, MARK_BYTES), bytes.subarray(MARK_BYTES));
    return timingSafeEqual(unmasked, this.#markOf(session));
  }

  #markOf({ id }: Session): Buffer {
    return createHmac('sha256', this.#marking).update(id).digest().subarray(0, MARK_BYTES);
  }
}

/** Returns the identity in claims; null for claims that are rejected. The person then signs in again. */
function identityIn(claims: JWTPayload, exp: number): Identity | null {
  try {
    return identityOf(claims, exp * 1_000);
  } catch (error) {
    if (error instanceof InvalidTokenError) return null;
    throw error;
  }
}

const xor = (one: Uint8Array, other: Uint8Array): Buffer =>
  Buffer.from(one.map((byte, index) => byte ^ (other[index] ?? 0)));
