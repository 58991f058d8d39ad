import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { v5 } from 'uuid';
import { append, commit, draft, request } from '#test/support/event-commits';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, JsonObject, JsonValue, Pointer } from '#event-sourcing/envelope';
import { eraseFromEnvelope } from '#event-sourcing/erasure';
import type { CommandRequest } from '#event-sourcing/event-store';
import type { UnsealedEnvelope } from '#event-sourcing/sealer';
import { canonicalJson } from './canonical.ts';
import { commandIds, createSealer, matchesRequest } from './seal.ts';
import { eventId } from './event-hashes.ts';
import { envelopeHash } from './forms.ts';
import { StreamVerifier } from './verify.ts';

const sealer = createSealer();

const unsealed = (data: JsonObject): UnsealedEnvelope => {
  const { appends: _appends, ...context } = commit([append('s-1', 0)]);
  const { type, schemaVersion, effectiveOn, state } = draft();
  return {
    ...context,
    ...{ envelope: 1, eventId: eventId(context.command.id, 0), type, schemaVersion, effectiveOn, state },
    ...{ streamId: 's-1', version: 1, previousHash: null, data },
  };
};

const seal = (
  data: JsonObject,
  sensitive: readonly Pointer[],
  request: CommandRequest | null = null,
): Envelope => ({
  ...sealer.seal(unsealed(data), sensitive, request),
  position: '1',
});

const sha256 = (...parts: (Buffer | string)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

const json = fc.jsonValue({ stringUnit: 'binary' }) as fc.Arbitrary<JsonValue>;
/** JSON values with only the numbers that events may contain. */
const sealable = json.map(
  (value) =>
    JSON.parse(JSON.stringify(value), (_, member: unknown) =>
      typeof member === 'number' ? Math.trunc(member % 2 ** 53) || 0 : member,
    ) as JsonValue,
);

describe('canonical JSON', () => {
  it('is the result of `canonicalize` for any value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
      { numRuns: 200 },
    );
  });

  it('is the same for texts known to need no escaping', () => {
    const known = json.filter((value) => !JSON.stringify(value).includes('\\'));
    fc.assert(
      fc.property(known, (value) => {
        expect(canonicalJson(value, undefined, true)).toBe(canonicalize(value));
      }),
    );
  });

  it.each([
    [
      'members by UTF-16 code unit',
      { '\u20ac': 1, '\r': 2, '1': 3, '\ud83d\ude00': 4, '\ufb33': 5, '10': 6, '9': 7 },
    ],
    [
      'numbers as ECMAScript prints them',
      [333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, -0, 1e21, 9007199254740991],
    ],
    ['control characters', '\u20ac$\u000f\nA\'B"\\"/\u007f\u2028'],
    ['members that have no value', { a: undefined, b: 1 } as unknown as JsonObject],
    ['a member named __proto__', JSON.parse('{"__proto__":{"b":1,"a":2}}') as JsonObject],
    ['a long text', 'é"'.repeat(100)],
  ])('agrees on %s', (_, value) => {
    expect(canonicalJson(value)).toBe(canonicalize(value));
  });

  it.each([
    ['a lone surrogate', 'a\udc00'],
    ['a lone surrogate in a name', { '\ud800': 1 }],
    ['NaN', [NaN]],
    ['an infinity', -Infinity],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });
});

describe('the id of an event', () => {
  it('is the UUIDv5 of its index in the namespace of the command', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(), (commandId, index) => {
        const id = v5(String(index), commandId);
        expect(sealer.eventId(commandId, index)).toBe(id);
      }),
    );
  });

  it('is the same in any order of requests before it is stored', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.array(fc.nat()), (commandId, indexes) => {
        const { eventIdAt, ...ids } = commandIds(commandId);
        expect(ids).toEqual({ commandId });
        expect(indexes.map(eventIdAt)).toEqual(indexes.map((index) => sealer.eventId(commandId, index)));
        expect(indexes.map(eventIdAt)).toEqual(indexes.map(commandIds(commandId).eventIdAt));
      }),
    );
  });

  it('needs a command id that is a UUID', () => {
    expect(() => sealer.eventId('c-1', 0)).toThrow('the command id "c-1" is not a UUID');
  });
});

describe('sealing', () => {
  it('hashes the envelope without position, hash, salts and sensitive members', () => {
    const sealed = seal({ text: 'secret', kept: 'é', items: [{ name: 'n', size: 1 }] }, [
      '/data/text',
      '/data/items/*/name',
    ]);
    const { hash, salts, position: _, ...rest } = sealed;
    const body = { ...rest, data: { kept: 'é', items: [{ size: 1 }] } };
    expect(hash).toBe(sha256(canonicalize(body) ?? ''));
    expect(Object.keys(salts)).toEqual(['/data/items/0/name', '/data/text']);
  });

  it('commits to each sensitive value under a salt of its own', () => {
    const { commitments, salts } = seal({ a: 'é', b: { z: [1], a: null }, c: 'é' }, [
      '/data/a',
      '/data/b',
      '/data/c',
    ]);
    expect(commitments['/data/a']).toBe(sha256(Buffer.from(salts['/data/a'] ?? '', 'hex'), '"é"'));
    expect(commitments['/data/b']).toBe(
      sha256(Buffer.from(salts['/data/b'] ?? '', 'hex'), '{"a":null,"z":[1]}'),
    );
    for (const salt of Object.values(salts)) expect(salt).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set([...Object.values(salts), ...Object.values(commitments)]).size).toBe(6);
  });

  it('draws a nonce for each event, under its hash', () => {
    const nonces = Array.from({ length: 1_000 }, () => seal({}, []).nonce);
    expect(new Set(nonces).size).toBe(1_000);
    for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-f]{32}$/);
    const sealed = seal({}, []);
    expect(envelopeHash({ ...sealed, position: '1' })).toBe(sealed.hash);
    expect(envelopeHash({ ...sealed, position: '1', nonce: nonces[0] ?? '' })).not.toBe(sealed.hash);
  });

  it('draws a fresh salt every time', () => {
    const salts = Array.from(
      { length: 1_000 },
      () => seal({ text: 'x' }, ['/data/text']).salts['/data/text'],
    );
    expect(new Set(salts).size).toBe(1_000);
  });

  it.each([
    ['an optional member that is absent', { kept: 1 }, ['/data/text'], []],
    ['a null', { text: null }, ['/data/text'], ['/data/text']],
    ['an empty array', { items: [] }, ['/data/items/*/name'], []],
    [
      'items without the member',
      { items: [{}, { name: 'n' }, 3] },
      ['/data/items/*/name'],
      ['/data/items/1/name'],
    ],
    ['* where there is no array', { items: { '*': { name: 'n' } } }, ['/data/items/*/name'], []],
    ['a name with / and ~', { 'a/b~c': 1 }, ['/data/a~1b~0c'], ['/data/a~1b~0c']],
    ['a pattern twice', { text: 'x' }, ['/data/text', '/data/text'], ['/data/text']],
    ['an inherited member', {}, ['/data/toString'], []],
    [
      'arrays in arrays of items',
      { a: [{ b: [{ c: 1 }, { c: 2 }] }, { b: [{ c: 3 }] }] },
      ['/data/a/*/b/*/c'],
      ['/data/a/0/b/0/c', '/data/a/0/b/1/c', '/data/a/1/b/0/c'],
    ],
  ])('finds the sensitive values: %s', (_, data, sensitive, pointers) => {
    const sealed = seal(data, sensitive);
    expect(Object.keys(sealed.commitments)).toEqual(pointers);
    expect(new StreamVerifier().add(sealed)).toBeNull();
  });

  it.each(['/data', '/data/items/*', '/type', '/actor/subject', 'data/text', ''])(
    'refuses the sensitive pointer %j, which names no member of data',
    (pointer) => {
      expect(() => seal({ items: [1] }, [pointer])).toThrow(RangeError);
    },
  );

  it('agrees with verification on any data', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), sealable), sealable, sealable, (more, text, name) => {
        const data = { ...more, text, items: [{ name, size: 1 }] } as JsonObject;
        const sealed = seal(data, ['/data/text', '/data/items/*/name'], request());
        const stored = JSON.parse(JSON.stringify(sealed)) as Envelope;
        expect(new StreamVerifier().add(sealed)).toBeNull();
        expect(new StreamVerifier().add(stored)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});

describe('the digest of a command', () => {
  it('is made only for a request', () => {
    const sealed = seal({ text: 'x' }, []);
    expect(sealed.command.digest).toBeNull();
    expect(sealed.salts).toEqual({});
    expect(matchesRequest(sealed, request())).toBe('differs');
  });

  it('is SHA-256 of a salt and the canonical method, path and payload', () => {
    const { command, salts } = seal({ text: 'x' }, [], request({ b: 1, a: 'é' }));
    const { path } = request();
    expect(command.digest).toBe(
      sha256(
        Buffer.from(salts[COMMAND_DIGEST] ?? '', 'hex'),
        `{"method":"POST","path":"${path}","payload":{"a":"é","b":1}}`,
      ),
    );
  });

  it('distinguishes the same request from another', () => {
    const sealed = seal({ text: 'x' }, ['/data/text'], request());
    expect(matchesRequest(sealed, request())).toBe('matches');
    expect(matchesRequest(sealed, { ...request(), method: 'PUT' })).toBe('differs');
    expect(matchesRequest(sealed, { ...request(), path: '/other' })).toBe('differs');
    expect(matchesRequest(sealed, request({ text: 'other' }))).toBe('differs');
  });

  it('is unknown after a value of the event is erased', () => {
    const sealed = seal({ text: 'x' }, ['/data/text'], request());
    expect(matchesRequest(eraseFromEnvelope(sealed, ['/data/text']), request())).toBe('erased');
    expect(matchesRequest(eraseFromEnvelope(sealed, []), request())).toBe('matches');
  });
});
