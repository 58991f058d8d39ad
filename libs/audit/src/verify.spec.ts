import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { append, commit, draft, redaction, request } from '#test/support/event-commits';
import { collectLog } from '#test/support/event-streams';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, JsonObject, JsonValue, Pointer } from '#event-sourcing/envelope';
import { eraseFromEnvelope } from '#event-sourcing/erasure';
import type { EventDraft } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { eventId } from './event-hashes.ts';
import { envelopeHash } from './forms.ts';
import { createSealer } from './seal.ts';
import { StreamVerifier } from './verify.ts';
import type { Divergence } from './verify.ts';

const comment = draft('a secret', {
  data: { text: 'a secret', note: 'another', visibility: 'public', items: [{ name: 'n', size: 1 }] },
  sensitive: ['/data/text', '/data/note', '/data/items/*/name'],
});

/** Returns a log whose events are sealed as a store seals them, with interleaved streams. */
async function sealedLog(
  lengths: Readonly<Record<string, number>>,
  event: EventDraft = comment,
): Promise<Envelope[]> {
  const store = new MemoryEventStore(createSealer());
  for (let version = 0; version < Math.max(...Object.values(lengths)); version++) {
    for (const [streamId, length] of Object.entries(lengths)) {
      if (version < length)
        await store.append(commit([append(streamId, version, event)], { request: request() }));
    }
  }
  return collectLog(store);
}

function verifyAll(events: readonly Envelope[]): Divergence[] {
  const verifier = new StreamVerifier();
  const divergences = events.map((event) => verifier.add(event)).filter((divergence) => divergence !== null);
  return [...divergences, ...verifier.finish()];
}

const COMMAND = 'a15af159-72a7-5f4b-b9cd-47f6a141efa8';

const replaced = (log: readonly Envelope[], index: number, changed: Partial<Envelope>): Envelope[] =>
  log.map((event, at) => (at === index ? { ...event, ...changed } : event));

describe('verification of a stream', () => {
  it('finds nothing wrong in sealed events, also interleaved', async () => {
    expect(verifyAll(await sealedLog({ 's-1': 5, 's-2': 3, 's-3': 1 }))).toEqual([]);
  });

  it.each<[string, (event: Envelope) => Partial<Envelope>]>([
    ['an unknown id', () => ({ eventId: '3191571b-3d92-52cf-8853-6d857d00fbd6' })],
    ['an id in capitals', ({ eventId }) => ({ eventId: eventId.toUpperCase() })],
    ['another command', ({ command }) => ({ command: { ...command, id: COMMAND } })],
    ['a command without an id', ({ command }) => ({ command: { ...command, id: 'none' } })],
  ])('notices %s, however well it is sealed', async (_, change) => {
    const [event] = await sealedLog({ 's-1': 1 });
    const forged = { ...event!, ...change(event!) };
    expect(verifyAll([{ ...forged, hash: envelopeHash(forged) }])).toMatchObject([{ code: 'event-id' }]);
  });

  it.each([
    [9_999, []],
    [10_000, [{ code: 'event-id' }]],
  ])(
    'accepts the number %i as the first event of a command, or refuses it as too large',
    async (number, found) => {
      const [event] = await sealedLog({ 's-1': 1 });
      const numbered = { ...event!, eventId: eventId(event!.command.id, number) };
      expect(verifyAll([{ ...numbered, hash: envelopeHash(numbered) }])).toMatchObject(found);
    },
  );

  it.each([
    ['left out', [0, 2, 3], [{ version: 3, code: 'version' }]],
    ['left out at the beginning', [1, 2, 3], [{ version: 2, code: 'version' }]],
    ['there twice', [0, 1, 1, 2, 3], [{ version: 2, code: 'version' }]],
    ['out of order', [0, 2, 1, 3], [{ version: 3 }, { version: 2 }, { version: 4 }]],
  ])('notices an event that is %s', async (_, order, divergences) => {
    const log = await sealedLog({ 's-1': 4 });
    expect(verifyAll(order.map((index) => log[index]!))).toMatchObject(divergences);
  });

  it('cannot detect that the last event is missing: checkpoints are for that', async () => {
    expect(verifyAll((await sealedLog({ 's-1': 4 })).slice(0, 3))).toEqual([]);
  });

  it('notices an event of another stream put in its place', async () => {
    const log = await sealedLog({ 's-1': 2, 's-2': 2 });
    const moved = { ...log[3]!, streamId: 's-1' };
    expect(verifyAll([log[0]!, moved])).toMatchObject([{ streamId: 's-1', version: 2, code: 'hash' }]);
  });

  it('notices a history that was sealed anew from some event on', async () => {
    const [kept, forged] = [await sealedLog({ 's-1': 4 }), await sealedLog({ 's-1': 4 })];
    expect(verifyAll([...kept.slice(0, 2), ...forged.slice(2)])).toMatchObject([
      { version: 3, code: 'previous-hash' },
    ]);
  });

  it.each<[string, Partial<Envelope>, Divergence['code']]>([
    ['its content', { effectiveOn: '2020-01-01' }, 'hash'],
    ['its hash', { hash: 'f'.repeat(64) }, 'hash'],
    ['a member that is added', { more: 1 } as Partial<Envelope>, 'hash'],
    ['a sensitive value', { data: { ...comment.data, text: 'changed' } }, 'commitment'],
    ['all salts', { salts: {} }, 'commitment'],
    ['what is not an object', { salts: null as unknown as JsonObject as Envelope['salts'] }, 'malformed'],
  ])('names exactly the changed event: %s', async (_, changed, code) => {
    const log = await sealedLog({ 's-1': 5, 's-2': 5 });
    const divergences = verifyAll(replaced(log, 4, changed));
    expect(divergences).toHaveLength(1);
    expect(divergences).toMatchObject([{ streamId: 's-1', code }]);
  });

  it('allows no salt without a value, whether the value was erased or never existed', async () => {
    const [event] = await sealedLog({ 's-1': 1 });
    const { text: _, ...data } = event!.data;
    const stray = { ...event!.salts, '/data/other': '0'.repeat(32) };
    expect(verifyAll([{ ...event!, salts: stray }])).toMatchObject([{ code: 'commitment' }]);
    expect(verifyAll([{ ...event!, data }])).toMatchObject([{ code: 'commitment' }]);
  });
});

describe('verification after an erasure', () => {
  const erasedFrom = (log: readonly Envelope[], index: number, pointers: readonly Pointer[]) =>
    log.map((event, at) => (at === index ? eraseFromEnvelope(event, pointers) : event));

  /** Returns a log of three comments, and a redaction of pointers of the event at an index. */
  async function redactedLog(index: number, named: readonly Pointer[]): Promise<Envelope[]> {
    const store = new MemoryEventStore(createSealer());
    await store.append(commit([append('s-1', 0, comment, comment, comment)]));
    const eventId = (await collectLog(store))[index]!.eventId;
    await store.append(commit([append('s-1', 3, redaction(eventId, named), comment)]));
    return collectLog(store);
  }

  it.each([
    ['all of it named', ['/data/text'], ['/data/text'], []],
    ['more named than is gone (yet)', ['/data/text'], ['/data/text', '/data/note'], []],
    ['an item of an array', ['/data/items/0/name'], ['/data/items/0/name'], []],
    ['nothing named', ['/data/text'], [], ['/data/text']],
    ['another value named', ['/data/text'], ['/data/note'], ['/data/text']],
    ['one of two named', ['/data/text', '/data/note'], ['/data/note'], ['/data/text']],
  ])('is valid if and only if a redaction names what was erased: %s', async (_, gone, named, missing) => {
    const divergences = verifyAll(erasedFrom(await redactedLog(1, named), 1, gone));
    expect(divergences).toHaveLength(missing.length);
    for (const pointer of missing) {
      expect(divergences).toContainEqual(
        expect.objectContaining({
          streamId: 's-1',
          version: 2,
          code: 'missing-value',
          detail: expect.stringContaining(pointer),
        }),
      );
    }
  });

  it('does not accept a redaction of another event', async () => {
    const log = erasedFrom(await redactedLog(0, ['/data/text']), 1, ['/data/text']);
    expect(verifyAll(log)).toMatchObject([{ version: 2, code: 'missing-value' }]);
  });

  it('does not accept a redaction in another stream', async () => {
    const store = new MemoryEventStore(createSealer());
    await store.append(commit([append('s-1', 0, comment)]));
    const [event] = await collectLog(store);
    await store.append(commit([append('s-2', 0, redaction(event!.eventId, ['/data/text']))]));
    await store.erase('s-1', 1, ['/data/text']);
    expect(verifyAll(await collectLog(store))).toMatchObject([{ streamId: 's-1', code: 'missing-value' }]);
  });

  it('does not accept a forged redaction', async () => {
    const log = erasedFrom(await redactedLog(1, []), 1, ['/data/text']);
    const forged = { ...log[3]!, data: { ...log[3]!.data, erased: ['/data/text'] } };
    expect(verifyAll(replaced(log, 3, forged))).toMatchObject([
      { version: 4, code: 'hash' },
      { version: 2, code: 'missing-value' },
    ]);
  });

  it('notices a value that is restored with different content', async () => {
    const log = erasedFrom(await redactedLog(1, ['/data/text']), 1, ['/data/text']);
    const restored = { data: { ...log[1]!.data, text: 'another' } };
    expect(verifyAll(replaced(log, 1, restored))).toMatchObject([{ version: 2, code: 'commitment' }]);
  });
});

/** Returns the path of every value within a JSON value. */
function places(value: JsonValue, path: readonly string[] = []): string[][] {
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, member]) => places(member, [...path, name]))
      : [];
  return [[...path], ...inner];
}

/** Returns a copy of a value with one inner value replaced or removed. */
function changedAt(
  value: JsonValue,
  [name, ...rest]: readonly string[],
  other: JsonValue | undefined,
): JsonValue {
  if (name === undefined) return other ?? null;
  const copy = structuredClone(value) as Record<string, JsonValue>;
  if (rest.length === 0 && other === undefined) Reflect.deleteProperty(copy, name);
  else copy[name] = rest.length === 0 ? (other ?? null) : changedAt(copy[name] ?? null, rest, other);
  return copy;
}

/** Returns another value: with one character of a text, a number or a boolean changed, or replaced. */
const mutated = (value: JsonValue, seed: number): JsonValue => {
  if (typeof value === 'string' && value.length > 0) {
    const at = seed % value.length;
    return value.slice(0, at) + (value[at] === 'x' ? 'y' : 'x') + value.slice(at + 1);
  }
  if (typeof value === 'number') return value + 1 + (seed % 5);
  if (typeof value === 'boolean') return !value;
  return value === null ? 'x' : null;
};

const valueIn = (value: JsonValue, path: readonly string[]): JsonValue =>
  path.reduce<JsonValue>((inner, name) => (inner as JsonObject)[name] ?? null, value);

describe('a change of any one member', () => {
  it('is found at exactly the event that was changed', async () => {
    const log = await sealedLog({ 's-1': 6 });
    const members = fc
      .record({ index: fc.nat(log.length - 1), place: fc.nat(), seed: fc.nat(), remove: fc.boolean() })
      .map(({ index, place, seed, remove }) => {
        const event = log[index] as unknown as JsonObject;
        // These are not sealed: the store assigns the position, and the digest's salt can only be checked against the request.
        const paths = places(event).filter(([name, member]) => {
          return name !== undefined && name !== 'position' && member !== COMMAND_DIGEST;
        });
        const path = paths[place % paths.length]!;
        const other = remove ? undefined : mutated(valueIn(event, path), seed);
        return { index, path, changed: changedAt(event, path, other) as unknown as Envelope };
      });
    fc.assert(
      fc.property(members, ({ index, path, changed }) => {
        const verifier = new StreamVerifier();
        const found = log.map((event, at) => verifier.add(at === index ? changed : event) !== null);
        // Moving an event to another stream leaves a gap in its own.
        if (path[0] === 'streamId' && index + 1 < log.length) found[index + 1] = false;
        expect(found).toEqual(log.map((_, at) => at === index));
      }),
      { numRuns: 300 },
    );
  });
});
