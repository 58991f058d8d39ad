import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import type { Envelope, JsonObject } from '#event-sourcing/envelope';
import { eraseFromEnvelope } from '#event-sourcing/erasure';
import { createSealer } from './seal.ts';
import { envelopeHash, examineEvent } from './forms.ts';

interface Recorded {
  readonly envelope: Envelope;
  /** The text that was hashed for the seal. */
  readonly hashed: string;
}

/**
 * Events as sealed when the form was new: the example in docs/event-format.md, one with unusual values, and the latter after an erasure.
 */
const recorded = JSON.parse(
  readFileSync(new URL('../recorded/form-1.json', import.meta.url), 'utf8'),
) as readonly Recorded[];

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Returns the first code block after a text in docs/event-format.md. */
function blockAfter(place: string): string {
  const page = readFileSync(new URL('../../../docs/event-format.md', import.meta.url), 'utf8');
  return /```\w+\n([^]*?)\n```/.exec(page.slice(page.indexOf(place)))?.[1] ?? '';
}

describe('form 1', () => {
  it.each(recorded)('is verified as recorded: $envelope.type, $envelope.version', (event) => {
    expect(sha256(event.hashed)).toBe(event.envelope.hash);
    expect(envelopeHash(event.envelope)).toBe(event.envelope.hash);
    expect(examineEvent(event.envelope)).toMatchObject({ changed: null, values: null });
  });

  it('matches the format page', () => {
    const { position: _, ...example } = JSON.parse(blockAfter('## An example')) as Envelope;
    expect(recorded[0]).toEqual({ envelope: example, hashed: blockAfter('The hashed JSON') });
  });

  it('is erased to its documented form', () => {
    const [, whole, erased] = recorded;
    const pointers = ['/data/items/0/name', '/data/a~1b~0c'];
    expect(eraseFromEnvelope(whole!.envelope, pointers)).toEqual(erased!.envelope);
    expect(examineEvent(erased!.envelope).missing).toEqual(expect.arrayContaining(pointers));
  });
});

describe('an unknown form', () => {
  const newer = { ...recorded[0]!.envelope, envelope: 2 } as unknown as Envelope;
  const REASON = 'Version 10 of recommendation-730 is sealed in form 2';

  it('is reported, and the event is not judged', () => {
    const changed = { code: 'unknown-form', detail: expect.stringContaining(REASON) as unknown };
    expect(examineEvent(newer)).toMatchObject({ changed, values: null, missing: [], redaction: null });
  });

  it('keeps the event from being hashed, and from losing a value', () => {
    expect(() => envelopeHash(newer)).toThrow(REASON);
    expect(() => eraseFromEnvelope(newer, ['/data/text'])).toThrow(REASON);
  });

  it.each([['1'], [1.5], [null], [undefined]])('is not a form number: %p', (envelope) => {
    const event = { ...newer, envelope } as unknown as Envelope;
    expect(examineEvent(event).changed).toMatchObject({ code: 'malformed' });
  });
});

describe('a value that JSON parsers interpret differently', () => {
  const seal = (data: JsonObject) => {
    const { envelope } = recorded[0]!;
    return createSealer().seal({ ...envelope, data }, ['/data/text'], null);
  };
  const nested = (depth: number): JsonObject => (depth === 1 ? {} : { a: nested(depth - 1) });

  it.each([
    ['a broken number', { n: 1.5 }],
    ['a number that is rounded', { list: [2 ** 53] }],
    ['a half of a character, where it is hashed', { n: '\ud800' }],
    ['a half of a character, where it is committed to', { text: '\udc00' }],
    ['a name with one', { '\ud800': 1 }],
    ['what is nested more than 32 deep', nested(32)],
  ])('is not sealed: %s', (_, data) => {
    expect(() => seal(data)).toThrow(TypeError);
  });

  it('is accepted with other content', () => {
    const data = { n: 2 ** 53 - 1, m: -(2 ** 53) + 1, deep: nested(30) };
    expect(canonicalize(seal(data).data)).toBe(canonicalize(data));
  });
});
