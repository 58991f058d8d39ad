import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, JsonObject, JsonValue, Pointer } from '#event-sourcing/envelope';
import { pointerTokens, escapeToken, memberOf } from '#event-sourcing/erasure';
import { systemRandom } from '#event-sourcing/random';
import type { Random } from '#event-sourcing/random';
import type { CommandRequest } from '#event-sourcing/event-store';
import type { Sealer } from '#event-sourcing/sealer';
import type { CommandIds } from '#lifecycle/commit-for';
import { canonicalJson, refuseInexact } from './canonical.ts';
import { eventId, hashOfForm1, SALT_BYTES, saltedHash } from './event-hashes.ts';

/** This module's URL, from which each worker thread imports its own sealer: functions cannot be sent to threads. */
export const SEALER_MODULE = new URL(import.meta.url);

/** Returns a sealer of envelopes: it adds event ids, nonces, commitments under fresh salts, and the hash that chains the stream. */
export function createSealer(random: Random = systemRandom): Sealer {
  const freshBytes = nonceSource(random);
  return {
    eventId,
    seal(envelope, sensitive, request) {
      // Verifiers would refuse such a number in a pack, and readers would parse it differently in an export.
      refuseInexact(envelope.data, 2);
      const commitments: Record<Pointer, string> = {};
      const salts: Record<Pointer, string> = {};
      for (const { pointer, value } of sensitiveValues(envelope.data, sensitive)) {
        const salt = freshBytes();
        commitments[pointer] = saltedHash(salt, canonicalJson(value));
        salts[pointer] = salt;
      }
      let digest: string | null = null;
      if (request !== null) {
        const salt = freshBytes();
        digest = requestDigest(salt, request);
        salts[COMMAND_DIGEST] = salt;
      }
      const command = { id: envelope.command.id, name: envelope.command.name, digest };
      // In the documented order, in which the envelope is stored.
      const { previousHash, ...members } = envelope;
      const sealed = { ...members, command, nonce: freshBytes(), commitments, salts, previousHash };
      return { ...sealed, hash: hashOfForm1(sealed) };
    },
  };
}

/** Reports whether a request matches an event's command digest. Returns `erased` if the digest's salt was erased. */
export function matchesRequest(
  envelope: Pick<Envelope, 'command' | 'salts'>,
  request: CommandRequest,
): 'matches' | 'differs' | 'erased' {
  if (envelope.command.digest === null) return 'differs';
  const salt = envelope.salts[COMMAND_DIGEST];
  if (salt === undefined) return 'erased';
  return requestDigest(salt, request) === envelope.command.digest ? 'matches' : 'differs';
}

const requestDigest = (salt: string, { method, path, payload }: CommandRequest): string =>
  saltedHash(salt, canonicalJson({ method, path, payload }));

/** Returns a source of 16 random bytes in hex. It reads four kilobytes at a time, because a read of 16 bytes is slower than a SHA-256. */
function nonceSource(random: Random): () => string {
  let pool = random.bytes(0);
  let next = 0;
  return () => {
    if (next === pool.length) {
      pool = random.bytes(256 * SALT_BYTES);
      next = 0;
    }
    next += SALT_BYTES;
    return pool.toString('hex', next - SALT_BYTES, next);
  };
}

/** Returns the ids of a command's events. Computes each on first use. */
export function commandIds(commandId: string): CommandIds {
  const eventIds: string[] = [];
  return { commandId, eventIdAt: (index) => (eventIds[index] ??= eventId(commandId, index)) };
}

interface SensitiveValue {
  readonly pointer: Pointer;
  readonly value: JsonValue;
}

/** Returns the tokens of a pattern; the first is `data`. */
function patternTokens(pattern: Pointer): readonly string[] {
  const tokens = pointerTokens(pattern);
  if (tokens[0] !== 'data' || tokens.length === 1 || tokens.at(-1) === '*') {
    throw new RangeError(`the sensitive pointer ${pattern} names no member of an object in /data`);
  }
  return tokens;
}

/** Returns the values that the patterns match, without duplicates, in the order of their pointers. */
function sensitiveValues(data: JsonObject, patterns: readonly Pointer[]): SensitiveValue[] {
  const values: SensitiveValue[] = [];
  for (const pattern of patterns) collect(data, patternTokens(pattern), 1, [], values);
  if (values.length > 1) values.sort((a, b) => (a.pointer < b.pointer ? -1 : 1));
  return values.filter(({ pointer }, index) => pointer !== values[index - 1]?.pointer);
}

function collect(
  value: JsonValue,
  pattern: readonly string[],
  depth: number,
  path: readonly string[],
  found: SensitiveValue[],
): void {
  const token = pattern[depth];
  if (token === undefined) {
    found.push({ pointer: '/data/' + path.map(escapeToken).join('/'), value });
  } else if (token === '*') {
    if (!Array.isArray(value)) return;
    (value as readonly JsonValue[]).forEach((item, index) => {
      collect(item, pattern, depth + 1, [...path, String(index)], found);
    });
  } else if (!Array.isArray(value)) {
    const member = memberOf(value, token);
    if (member !== undefined) collect(member, pattern, depth + 1, [...path, token], found);
  }
}
