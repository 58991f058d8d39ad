import { ReadableStream } from 'node:stream/web';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { append, commit, draft } from '#test/support/event-commits';
import { recordedBy } from '#test/support/recording';
import { eventId } from '#audit/event-hashes';
import { envelopeHash } from '#audit/forms';
import { createSealer } from '#audit/seal';
import type { Envelope } from '#event-sourcing/envelope';
import type { EventDraft } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { draftEvents } from '#lifecycle/decide';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { lifecycles } from '#state-machines/lifecycles';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { examineEntry, pageOf } from '#use-cases/log/examine-entry';
import type { ExaminedPage } from '#use-cases/log/examine-entry';
import { HistoryVerifier } from '#use-cases/log/verify-history';
import { verifyStore } from '#use-cases/log/verify-store';
import type { Verification } from '#use-cases/log/verify-store';
import { PagePacker, StreamNumbers, UnpackedPage } from './examined-page.ts';

/** Pages of this size have a tree, which packing requires. */
const PAGE = 8;
const ACTOR = { subject: 'ann', roles: ['inspector'] };

let store: MemoryEventStore;
let log: readonly Envelope[];

/** Creates records with the same history, whose events alternate, and a stream without a lifecycle. */
beforeAll(async () => {
  store = new MemoryEventStore(createSealer());
  const issued = { title: 'Units', text: 'Do it.', recipient: 'avon' };
  const life = [
    { type: 'RecommendationIssued', data: issued },
    { type: 'ProgressStarted', data: {} },
    ...['one', 'two', 'three'].map((text) => ({
      type: 'CommentAdded',
      data: { text, visibility: 'public' },
    })),
    { type: 'ClosureRequested', data: { statement: 'Done.' } },
    { type: 'ClosureRefused', data: { reason: 'Not yet.' } },
    { type: 'ReturnedToReview', data: { reason: 'Again.' } },
  ];
  const { drafts } = draftEvents(inspectionRecommendation, null, life, '2026-01-05', recordedBy(ACTOR));
  const bare = (text: string): EventDraft => draft(text, { state: null });
  for (const [version, each] of drafts.entries()) {
    const records = ['a', 'b', 'c'].map((id) => append(recordStream(id), version, each));
    await store.append(commit(records));
    await store.append(commit([append('refusals-x', version, bare(`refusal ${version}`))]));
  }
  log = await store.readAll({ limit: 1_000 });
});

const inAnotherScript = (digit: string): string => String.fromCharCode(0x4e00 + digit.charCodeAt(0));

/** Forgeries of an event, which is then sealed again. Some use another event's members. */
const FORGERIES: readonly ((event: Envelope, other: Envelope) => Partial<Envelope>)[] = [
  ({ previousHash }) => ({ previousHash: previousHash?.toUpperCase() ?? null }),
  // Characters whose lower byte is that of the digit.
  ({ previousHash }) => ({ previousHash: previousHash?.replaceAll(/[1-9]/g, inAnotherScript) ?? null }),
  (_, { hash }) => ({ previousHash: hash }),
  () => ({ previousHash: null }),
  () => ({ previousHash: 'x' }),
  ({ version }) => ({ version: version + 1 }),
  () => ({ version: 1 }),
  () => ({ version: 0.5 }),
  (_, { eventId }) => ({ eventId }),
  ({ eventId }) => ({ eventId: eventId.toUpperCase() }),
  () => ({ eventId: 'no id' }),
  () => ({ eventId: '00000000-0000-0000-0000-000000000000' }),
  (_, { type }) => ({ type }),
  (_, { state }) => ({ state }),
  ({ state }) => ({ state: state && { ...state, progress: 'complete' } }),
  () => ({ lifecycle: null }),
  (_, { lifecycle }) => ({ lifecycle }),
  ({ lifecycle }) => ({ lifecycle: lifecycle && { ...lifecycle, digest: '00' } }),
  (_, { streamId }) => ({ streamId }),
  ({ recordedAt }) => ({ recordedAt: new Date(Date.parse(recordedAt) - 1).toISOString() }),
  () => ({ recordedAt: '1960-01-01T00:00:00.000Z' }),
  ({ recordedAt }) => ({ recordedAt: recordedAt.replace('.000Z', 'Z') }),
  (_, { command }) => ({ command, eventId: eventId(command.id, 9) }),
  // Other events of its stream then precede a signed checkpoint.
  () => ({ type: 'CheckpointSigned', recordedAt: '2030-01-01T00:00:00.000Z' }),
];

const sealedAgain = (event: Envelope): Envelope => ({ ...event, hash: envelopeHash(event) });

interface Forgery {
  readonly at: number;
  readonly from: number;
  readonly kind: number;
  /** Whether later events are changed to follow it. */
  readonly isFollowed: boolean;
}

const anyForgery: fc.Arbitrary<Forgery> = fc.record({
  at: fc.nat(),
  from: fc.nat(),
  kind: fc.nat(FORGERIES.length - 1),
  isFollowed: fc.boolean(),
});

function forged(events: readonly Envelope[], { at, from, kind, isFollowed }: Forgery): Envelope[] {
  const index = at % events.length;
  const event = events[index]!;
  const changed = sealedAgain({ ...event, ...FORGERIES[kind]!(event, events[from % events.length]!) });
  const result = events.with(index, changed);
  let before = changed;
  for (const [place, each] of events.entries()) {
    if (!isFollowed || place <= index || each.streamId !== event.streamId) continue;
    result[place] = before = sealedAgain({ ...each, previousHash: before.hash });
  }
  return result;
}

const pagesOf = (events: readonly Envelope[]): Envelope[][] =>
  Array.from({ length: Math.ceil(events.length / PAGE) }, (_, page) =>
    events.slice(PAGE * page, PAGE * (page + 1)),
  );

const entryOf = (event: Envelope) => {
  const { position, streamId, version } = event;
  return examineEntry({ position, streamId, version, event, faults: [] });
};

function* packed(pages: readonly Envelope[][]): Generator<UnpackedPage> {
  const numbers = new StreamNumbers();
  const streams: string[] = [];
  const reader = { streams };
  for (const page of pages) {
    const packer = new PagePacker(numbers, PAGE);
    for (const event of page) packer.add(entryOf(event), event.streamId);
    const unpacked = structuredClone(packer.finish());
    streams.push(...unpacked.streams);
    yield new UnpackedPage(unpacked, reader);
  }
}

const verified = (pages: readonly ExaminedPage[]): Promise<Verification> =>
  verifyStore(store, lifecycles, [], { examined: ReadableStream.from(pages) });

describe('pages of examined events', () => {
  test('given a valid log, then all of it is checked by figures, and each entry can be derived from them', () => {
    const pages = [...packed(pagesOf(log))];
    expect(pages.map(({ length }) => length)).toEqual(pagesOf(log).map(({ length }) => length));
    const entries = pages.flatMap((page) =>
      Array.from({ length: page.length }, (_, index) => page.entryAt(index)),
    );
    expect(entries).toEqual(log.map(entryOf));
    const history = new HistoryVerifier(lifecycles);
    for (const { figures, length } of pages)
      for (let index = 0; index < length; index += 1) expect(history.addFigures(figures, index)).toBe(true);
    expect(history.finish()).toMatchObject({ ok: true, streams: 4, events: log.length });
  });

  test('given events that were forged and sealed again, then figures find the same as entries', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyForgery, { maxLength: 4 }), async (forgeries) => {
        const events = forgeries.reduce<readonly Envelope[]>(forged, log);
        const entries = await verified(pagesOf(events).map((page) => pageOf(page.map(entryOf))));
        const figures = await verified([...packed(pagesOf(events))]);
        expect(figures).toEqual(entries);
        if (!entries.ok) found += 1;
      }),
      { numRuns: 300 },
    );
    expect(found).toBeGreaterThan(100);
  });
});
