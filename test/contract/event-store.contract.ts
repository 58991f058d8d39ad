import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSealer, matchesRequest } from '#audit/seal';
import { StreamVerifier } from '#audit/verify';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, JsonValue } from '#event-sourcing/envelope';
import { logEvents, READ_LIMIT, streamEvents } from '#event-sourcing/event-store';
import type { AppendResult, Commit, EventStore, StreamAppend } from '#event-sourcing/event-store';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import type { StoreReports } from '#event-sourcing/store-observer';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { append, commit, draft, redaction, request } from '../support/event-commits.ts';
import { collectLog, untilTrue } from '../support/event-streams.ts';
import { keepingObserver } from '../support/observed.ts';

const LATER = '2026-11-25T10:00:00.000Z';
const EARLIER = '2026-11-23T10:00:00.000Z';

/** The place of one store, which is empty at first. */
interface StorePlace {
  /** Opens the store. A shared one can be opened repeatedly, as by several processes. */
  open(options?: { readonly readOnly?: boolean; readonly reports?: StoreReports }): Promise<EventStore>;
  /**
   * Starts appending an event as the store's own writer does, in a transaction of another connection: its position is
   * assigned, but not committed.
   */
  pauseAppend?(event: SealedEnvelope): Promise<PausedAppend>;
  /** Damages the text of the event at position 2, in a store with rows. */
  damage?(to: 'a beginning' | 'another JSON'): Promise<void>;
  /** Applies one kind of tampering to the stored data. */
  tamper?(kind: string): Promise<void>;
}

/** The message that an inspection must report for each kind of tampering. */
type Tamperings = Readonly<Record<string, RegExp>>;

interface PausedAppend {
  /** True if later appends wait for it. Otherwise they come before it, in the order of their commits. */
  readonly othersWait: boolean;
  commit(): Promise<void>;
  rollBack(): Promise<void>;
}

interface StoreUnderContract {
  readonly name: string;
  /** True if a place can be opened again, and several times at once. */
  readonly shared: boolean;
  readonly makePlace: () => Promise<StorePlace>;
  readonly tamperings?: Tamperings;
  /** True if an event is a row with its text, which can be damaged. */
  readonly hasRows?: boolean;
  /** True for a KurrentDB before 25.1, which appends to one stream at a time. */
  readonly isOlder?: boolean;
}

/** The number of events in the longest stream: two pages. */
const LONGEST = 1_500;

/** Runs the tests of the `EventStore` port, each on an empty store. */
export function eventStoreContract({
  name,
  shared,
  makePlace,
  tamperings = {},
  hasRows = false,
  isOlder = false,
}: StoreUnderContract): void {
  describe(`the event store contract: ${name}`, () => {
    let place: StorePlace;
    let store: EventStore;
    let cases = 0;

    beforeEach(async () => {
      cases++;
      place = await makePlace();
      store = await place.open();
    });

    afterEach(async () => {
      await store.close();
    });

    afterAll(() => {
      process.stdout.write(`The event store contract ran ${cases} cases on ${name}\n`);
    });

    const currentStore = () => store;
    const open = async () => (await makePlace()).open();
    appending(currentStore);
    repeating(currentStore);
    preceding(currentStore);
    takingSealed(currentStore);
    reading(currentStore);
    subscribing(currentStore);
    erasing(currentStore);
    redacting(currentStore, shared ? () => place.open() : null);
    finding(currentStore);
    closing(currentStore);
    modelled(open, isOlder ? 1 : 3);
    inspecting(currentStore, () => place, tamperings);
    if (shared) sharing(currentStore, () => place);
    if (hasRows) damaged(currentStore, () => place);
  });
}

type StoreGetter = () => EventStore;

/** Checks that a commit is refused, and that the log is unchanged. */
async function expectRefused(store: EventStore, refused: Commit, error: object): Promise<void> {
  const before = await collectLog(store);
  await expect(store.append(refused)).rejects.toMatchObject(error);
  expect(await collectLog(store)).toEqual(before);
}

function damaged(currentStore: StoreGetter, place: () => StorePlace): void {
  describe('an event that is damaged', () => {
    const stores: EventStore[] = [];
    const another = async (reports?: StoreReports) => {
      const store = await place().open({ ...(reports && { reports }) });
      stores.push(store);
      return store;
    };
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close();
    });

    it('is reported by its position, and ends its subscription', async () => {
      await currentStore().append(commit([append('s-1', 0, draft(), draft(), draft())]));
      await place().damage!('a beginning');
      const { observer, drops } = keepingObserver();
      const store = await another(observer);
      const damaged = {
        code: 'store-damaged',
        place: { position: '2', streamId: 's-1', version: 2 },
        message: expect.stringContaining('position 2, version 2 of s-1: its text is not JSON') as unknown,
      };
      // Events before and after it can be read.
      expect(await store.readAll()).toMatchObject([{ position: '1' }]);
      expect(await store.readStream('s-1')).toMatchObject([{ position: '1' }]);
      expect(await store.readAll({ after: '2' })).toMatchObject([{ position: '3' }]);
      await expect(store.readAll({ after: '1' })).rejects.toMatchObject(damaged);
      await expect(store.readStream('s-1', { after: 1 })).rejects.toMatchObject(damaged);
      const subscription = store.subscribe('0', () => Promise.resolve());
      await expect(subscription.ended).rejects.toThrow('position 2');
      expect(drops).toEqual(['read']);
    });

    it('fails only the repeated command that recorded it', async () => {
      const keyed = commit([append('s-1', 0, draft(), draft())], { request: request() });
      await currentStore().append(keyed);
      await place().damage!('a beginning');
      const store = await another();
      const answers = await Promise.allSettled([
        store.append(keyed),
        store.append(commit([append('s-2', 0, draft())])),
      ]);
      expect(answers).toMatchObject([
        { status: 'rejected', reason: { code: 'store-damaged' } },
        { status: 'fulfilled', value: { repeated: false } },
      ]);
    });

    it.each(['a beginning', 'another JSON'] as const)(
      'is followed by none, nor erased, where its text is %s',
      async (text) => {
        await currentStore().append(commit([append('s-1', 0, draft(), draft())]));
        await place().damage!(text);
        // This is another node, which has not cached the stream's head.
        const store = await another();
        const damaged = { code: 'store-damaged', place: { streamId: 's-1' } };
        await expect(store.append(commit([append('s-1', 2, draft())]))).rejects.toMatchObject(damaged);
        await expect(store.erase('s-1', 2, ['/data/text'])).rejects.toMatchObject(damaged);
        await store.append(commit([append('s-2', 0, draft())]));
        expect(await store.readAll({ after: '2' })).toMatchObject([{ streamId: 's-2', version: 1 }]);
      },
    );
  });
}

const conflict = (streamId: string, expectedVersion: number, actualVersion: number) => ({
  name: 'VersionConflictError',
  code: 'version-conflict',
  streamId,
  expectedVersion,
  actualVersion,
});

/** The ids of the keyed commands in the inspected store. */
export const KEYED = [
  '00000000-0000-4000-8000-00000000000a',
  '00000000-0000-4000-8000-00000000000b',
] as const;

function inspecting(currentStore: StoreGetter, placeOf: () => StorePlace, tamperings: Tamperings): void {
  describe('inspect', () => {
    /** Appends to three streams, with two keyed commands. The positions of most stores are 1 to 6. */
    const fill = async (): Promise<void> => {
      const keyed = { request: request() };
      await currentStore().append(commit([append('s-1', 0, draft(), draft())], { id: KEYED[0], ...keyed }));
      await currentStore().append(commit([append('s-2', 0, draft('other'))]));
      await currentStore().append(commit([append('s-1', 2, draft())], { id: KEYED[1], ...keyed }));
      await currentStore().append(commit([append(LONG, 0, draft(), draft('last'))]));
    };
    const LONG = `s-${'long'.repeat(80)}`;
    const faults = async (streamId?: string): Promise<string[]> =>
      (await Array.fromAsync(currentStore().inspect(streamId))).flatMap(({ position, ...entry }) =>
        entry.faults.map(
          ({ code, detail }) => `${position} ${entry.streamId} v${entry.version} ${code}: ${detail}`,
        ),
      );

    it('returns every event with the place where reads find it, and finds nothing wrong in a good store', async () => {
      await fill();
      const [first] = await currentStore().readStream('s-1');
      await currentStore().erase('s-1', 1, ['/data/text']);
      const entries = await Array.fromAsync(currentStore().inspect());
      expect(entries.flatMap(({ faults: found }) => found)).toEqual([]);
      expect(entries.map(({ event }) => event)).toEqual(await collectLog(currentStore()));
      expect(entries.map(({ streamId, version }) => [streamId, version])).toEqual([
        ['s-1', 1],
        ['s-1', 2],
        ['s-2', 1],
        ['s-1', 3],
        [LONG, 1],
        [LONG, 2],
      ]);
      expect(entries[0]).toMatchObject({ position: first?.position });
    });

    it('returns the faults found under one stream, and nothing for none', async () => {
      await fill();
      const entries = await Array.fromAsync(currentStore().inspect('s-1'));
      expect(entries.map(({ event }) => event)).toEqual(await currentStore().readStream('s-1'));
      expect(await Array.fromAsync(currentStore().inspect('s-9'))).toEqual([]);
    });

    if (Object.keys(tamperings).length === 0) return;
    it.each(Object.entries(tamperings))('names each manipulation: %s', async (kind, report) => {
      await fill();
      await placeOf().tamper?.(kind);
      expect(await faults()).toContainEqual(expect.stringMatching(report));
    });
  });
}

function appending(currentStore: StoreGetter): void {
  describe('append', () => {
    it('returns the appended events, and stores them sealed', async () => {
      const appended = commit([append('s-1', 0, draft('first'), draft('second'))]);
      const result = await currentStore().append(appended);
      const stored = await currentStore().readStream('s-1');
      expect(result).toEqual({
        repeated: false,
        events: stored.map(({ eventId, streamId, type, version, position, recordedAt }) => {
          return { eventId, streamId, type, version, position, recordedAt };
        }),
      });
      expect(stored.map(({ data }) => data['text'])).toEqual(['first', 'second']);
      expect(stored).toMatchObject([
        { version: 1, previousHash: null, command: { id: appended.command.id, digest: null } },
        { version: 2, previousHash: stored[0]?.hash },
      ]);
      await expectVerified(currentStore());
    });

    it('refuses a wrong expected version', async () => {
      await expectRefused(currentStore(), commit([append('s-1', 1, draft())]), conflict('s-1', 1, 0));
      await currentStore().append(commit([append('s-1', 0, draft(), draft())]));
      for (const expected of [0, 1, 3]) {
        const refused = commit([append('s-1', expected, draft())]);
        await expectRefused(currentStore(), refused, conflict('s-1', expected, 2));
      }
    });

    it('lets one of many simultaneous appends at one version win', async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, () => currentStore().append(commit([append('s-1', 0, draft())]))),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject(conflict('s-1', 0, 1));
      }
      expect(await collectLog(currentStore())).toHaveLength(1);
    });

    it('continues after a conflict as before it', async () => {
      const waiting = [
        currentStore().append(commit([append('s-1', 0, draft())])),
        currentStore().append(commit([append('s-1', 0, draft())])),
        currentStore().append(commit([append('s-1', 1, draft())])),
        currentStore().append(commit([append('s-2', 0, draft())])),
      ];
      const results = await Promise.allSettled(waiting);
      expect(results.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'fulfilled',
      ]);
      await expectVerified(currentStore());
    });

    it('stores each event under the lifecycle of its stream, else that of the commit, else none', async () => {
      const other = { name: 'another', version: 2, digest: 'f'.repeat(64) };
      const streams = [
        append('s-1', 0, draft()),
        { ...append('s-2', 0, draft()), lifecycle: other },
        append('s-3', 0, draft('no state', { state: null })),
      ];
      const said = commit(streams);
      await currentStore().append(said);
      const stored = await collectLog(currentStore());
      expect(stored.map(({ lifecycle }) => lifecycle)).toEqual([said.lifecycle, other, null]);
    });

    it('appends to several streams at once', async () => {
      await currentStore().append(commit([append('s-1', 0, draft())]));
      const result = await currentStore().append(
        commit([append('s-1', 1, draft('a'), draft('b')), append('s-2', 0, draft('c'))]),
      );
      const stored = await currentStore().readAll({ after: '0' });
      expect(stored.map(({ streamId, version }) => [streamId, version])).toEqual([
        ['s-1', 1],
        ['s-1', 2],
        ['s-1', 3],
        ['s-2', 1],
      ]);
      expect(result.events.map(({ eventId }) => eventId)).toEqual(
        stored.slice(1).map(({ eventId }) => eventId),
      );
      expect(new Set(stored.map(({ eventId }) => eventId)).size).toBe(4);
      await expectVerified(currentStore());
    });

    it('appends to none of several streams when one conflicts', async () => {
      await currentStore().append(commit([append('s-1', 0, draft()), append('s-2', 0, draft())]));
      const appends = [append('s-1', 1, draft()), append('s-2', 0, draft()), append('s-3', 0, draft())];
      await expectRefused(currentStore(), commit(appends), conflict('s-2', 0, 1));
    });

    it('checks the version of a stream that it appends nothing to', async () => {
      await currentStore().append(commit([append('checked', 0, draft())]));
      await expectRefused(
        currentStore(),
        commit([append('s-1', 0, draft()), append('checked', 0)]),
        conflict('checked', 0, 1),
      );
      await currentStore().append(commit([append('s-1', 0, draft()), append('checked', 1)]));
      expect(await currentStore().readStream('s-1')).toHaveLength(1);
      expect(await currentStore().readStream('checked')).toHaveLength(1);
    });

    it('answers a mere check with no events', async () => {
      expect(await currentStore().append(commit([append('s-1', 0)]))).toEqual({
        repeated: false,
        events: [],
      });
      await expectRefused(currentStore(), commit([append('s-1', 1)]), conflict('s-1', 1, 0));
    });

    it('refuses a commit that names a stream twice', async () => {
      const twice = commit([append('s-1', 0, draft()), append('s-1', 0, draft())]);
      await expectRefused(currentStore(), twice, { name: 'RangeError' });
    });

    it('refuses values without canonical JSON, and accepts their neighbours', async () => {
      const beside = currentStore().append(commit([append('s-2', 0, draft())]));
      const unsealable = commit([append('s-1', 0, draft(), draft('a lone surrogate: \ud800'))]);
      await expect(currentStore().append(unsealable)).rejects.toMatchObject({ name: 'TypeError' });
      await beside;
      expect(await collectLog(currentStore())).toMatchObject([{ streamId: 's-2' }]);
    });

    it('never lets recordedAt decrease in a stream, and sets one for a command', async () => {
      await currentStore().append(commit([append('s-1', 0, draft())], { recordedAt: LATER }));
      const result = await currentStore().append(
        commit([append('s-2', 0, draft()), append('s-1', 1, draft())], { recordedAt: EARLIER }),
      );
      expect(result.events.map(({ recordedAt }) => recordedAt)).toEqual([LATER, LATER]);
      const own = await currentStore().append(commit([append('s-3', 0, draft())], { recordedAt: EARLIER }));
      expect(own.events).toMatchObject([{ recordedAt: EARLIER }]);
    });

    it('accepts any text as the id of a stream', async () => {
      const text = 'naïve 記録 😀 \u0000 \u2028 "\\';
      for (const streamId of [
        'a stream',
        'ünïcødé-√-記録-😀',
        "s'; DROP TABLE events;--",
        '%_*?',
        'x'.repeat(1_000),
        // This text is longer than an index can contain.
        '記録'.repeat(3_000),
        'a\u0000b',
      ]) {
        await currentStore().append(commit([append(streamId, 0, draft(text))]));
        await currentStore().append(commit([append(`${streamId} `, 0, draft())]));
        expect(await currentStore().readStream(streamId)).toMatchObject([{ streamId, data: { text } }]);
      }
      await expectVerified(currentStore());
    });

    it('keeps similar ids apart as different streams', async () => {
      const alike = ['caf\u00e9', 'cafe\u0301', 'CAF\u00c9', 'caf\u00e9\u200b'];
      for (const streamId of alike)
        await currentStore().append(commit([append(streamId, 0, draft(streamId))]));
      for (const streamId of alike) {
        expect(await currentStore().readStream(streamId)).toMatchObject([
          { streamId, data: { text: streamId } },
        ]);
      }
    });

    it('accepts an event of a megabyte', async () => {
      const text = 'Æ"\n'.repeat(350_000);
      await Promise.all([
        currentStore().append(commit([append('s-1', 0, draft(text))])),
        currentStore().append(commit([append('s-2', 0, draft(text))])),
      ]);
      expect((await currentStore().readStream('s-2'))[0]?.data['text']).toBe(text);
      await expectVerified(currentStore());
    });
  });
}

function repeating(currentStore: StoreGetter): void {
  describe('a keyed command', () => {
    const keyed = (appends: readonly StreamAppend[], id: string = randomUUID()) =>
      commit(appends, { id, request: request() });

    it('is answered with its events as they are stored when it comes again', async () => {
      const first = keyed([append('s-1', 0, draft()), append('s-2', 0, draft())]);
      await currentStore().append(first);
      await currentStore().append(commit([append('s-1', 1, draft())]));
      const again = await currentStore().append(first);
      expect(again).toEqual({ repeated: true, events: (await collectLog(currentStore())).slice(0, 2) });
      expect(await collectLog(currentStore())).toHaveLength(3);
    });

    it('is looked up before its expected version', async () => {
      const first = keyed([append('s-1', 0, draft())]);
      await currentStore().append(first);
      const other = keyed([append('s-1', 7, draft())], first.command.id);
      expect(await currentStore().append(other)).toMatchObject({ repeated: true, events: [{ version: 1 }] });
      expect(await collectLog(currentStore())).toHaveLength(1);
    });

    it('is appended once when it comes twenty times at once', async () => {
      const once = keyed([append('s-1', 0, draft('a'), draft('b'))]);
      const results = await Promise.all(Array.from({ length: 20 }, () => currentStore().append(once)));
      expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
      const ids = results.map(({ events }) => events.map(({ eventId }) => eventId));
      expect(new Set(ids.map(String)).size).toBe(1);
      const log = await collectLog(currentStore());
      expect(log.map(({ eventId }) => eventId)).toEqual(ids[0]);
      for (const result of results) if (result.repeated) expect(result.events).toEqual(log);
    });

    it('is not remembered when it was refused', async () => {
      const refused = keyed([append('s-1', 1, draft())]);
      await expect(currentStore().append(refused)).rejects.toMatchObject(conflict('s-1', 1, 0));
      expect(await currentStore().findCommand(refused.command.id)).toEqual([]);
      const result = await currentStore().append(keyed([append('s-1', 0, draft())], refused.command.id));
      expect(result.repeated).toBe(false);
    });

    it('is found by its id; one without a key is not', async () => {
      const one = keyed([append('s-1', 0, draft(), draft()), append('s-2', 0, draft())]);
      const unkeyed = commit([append('s-3', 0, draft())]);
      await currentStore().append(one);
      await currentStore().append(unkeyed);
      expect(await currentStore().findCommand(one.command.id)).toEqual(
        (await collectLog(currentStore())).slice(0, 3),
      );
      expect(await currentStore().findCommand(unkeyed.command.id)).toEqual([]);
      expect(await currentStore().findCommand(randomUUID())).toEqual([]);
    });

    it('keeps a digest that detects another request under the key', async () => {
      const { command } = keyed([]);
      await currentStore().append(keyed([append('s-1', 0, draft())], command.id));
      const [event] = await currentStore().findCommand(command.id);
      expect(event && matchesRequest(event, request())).toBe('matches');
      expect(event && matchesRequest(event, request({ text: 'another' }))).toBe('differs');
    });
  });
}

function preceding(currentStore: StoreGetter): void {
  describe('a commit that others precede', () => {
    const noted = (streamId: string, expectedVersion: number) =>
      commit([append(streamId, expectedVersion, draft('noted'))]);
    /** Returns a commit with one event for each stream, after two others in the first and one in the second. */
    const after = (version: number, id: string = randomUUID()): Commit => ({
      ...commit([append('s-1', version + 2, draft('own')), append('s-2', version + 1, draft('own'))], {
        id,
        request: request(),
      }),
      preceding: [noted('s-1', version), noted('s-1', version + 1), noted('s-2', version)],
    });
    const textsOf = (events: readonly Envelope[]) =>
      events.map(({ streamId, version, data }) => `${streamId} ${version} ${data['text'] as string}`);

    it('is appended after them, in one step, with the ids of its own command', async () => {
      const one = after(0);
      const result = await currentStore().append(one);
      const log = await collectLog(currentStore());
      expect(textsOf(log)).toEqual(['s-1 1 noted', 's-1 2 noted', 's-2 1 noted', 's-1 3 own', 's-2 2 own']);
      const commands = [...(one.preceding ?? []), one, one].map(({ command }) => command.id);
      expect(log.map(({ command }) => command.id)).toEqual(commands);
      const own = log.slice(3);
      const sealer = createSealer();
      expect(own.map(({ eventId }) => eventId)).toEqual(
        [0, 1].map((at) => sealer.eventId(one.command.id, at)),
      );
      const stored = own.map(({ eventId, streamId, type, version, position, recordedAt }) => {
        return { eventId, streamId, type, version, position, recordedAt };
      });
      expect(result).toEqual({ repeated: false, events: stored });
      await expectVerified(currentStore());
    });

    it('is answered with its own events alone when it comes again, and nothing is appended', async () => {
      const one = after(0);
      await currentStore().append(one);
      const log = await collectLog(currentStore());
      expect(await currentStore().append({ ...one, preceding: after(1).preceding ?? [] })).toEqual({
        repeated: true,
        events: log.slice(3),
      });
      expect(await currentStore().findCommand(one.command.id)).toEqual(log.slice(3));
      expect(await collectLog(currentStore())).toEqual(log);
    });

    it.each([
      ['one that precedes it', { ...after(0), preceding: [noted('s-1', 1)] }, conflict('s-1', 1, 0)],
      [
        'itself',
        { ...commit([append('s-1', 0, draft())]), preceding: [noted('s-1', 0)] },
        conflict('s-1', 0, 1),
      ],
    ])('stores nothing if %s is refused', async (_, refused, error) => {
      await expectRefused(currentStore(), refused, error);
    });
  });
}

function takingSealed(currentStore: StoreGetter): void {
  describe('appendSealed', () => {
    const ID = randomUUID();
    const keyed = commit([append('s-1', 1, draft('b')), append('s-3', 0, draft('c'), draft('d'))], {
      id: ID,
      request: request(),
    });

    /**
     * Returns six events in three streams as another store sealed them. The last three belong to a keyed command, and
     * the first is erased.
     */
    async function sealedElsewhere(): Promise<Envelope[]> {
      const source = new MemoryEventStore(createSealer());
      await source.append(commit([append('s-1', 0, draft('a \u0000 記録 😀'))], { recordedAt: EARLIER }));
      await source.append(commit([append('s-2', 0, draft())]));
      await source.append(keyed);
      const [first] = await source.readStream('s-1');
      await source.append(commit([append('s-1', 2, redaction(first!.eventId, ['/data/text']))]));
      await source.erase('s-1', 1, ['/data/text']);
      return collectLog(source);
    }

    const unplaced = (events: readonly Envelope[]): SealedEnvelope[] =>
      events.map(({ position: _, ...sealed }) => sealed);

    async function expectRefusedSealed(events: readonly SealedEnvelope[], error: object): Promise<void> {
      const before = await collectLog(currentStore());
      await expect(currentStore().appendSealed(events)).rejects.toMatchObject(error);
      expect(await collectLog(currentStore())).toEqual(before);
    }

    it('keeps the order and every member; positions are its own', async () => {
      await currentStore().append(commit([append('other', 0, draft(), draft())]));
      const events = await sealedElsewhere();
      await currentStore().appendSealed(events);
      const log = await collectLog(currentStore());
      expectIncreasing(log);
      expect(unplaced(log.slice(2))).toEqual(unplaced(events));
      expect(log[2]!.data).not.toHaveProperty('text');
      expect(log[2]!.salts).toEqual({});
      expect(await currentStore().lastPosition()).toBe(log.at(-1)!.position);
      expect(await currentStore().readStream('s-1')).toEqual(
        log.filter(({ streamId }) => streamId === 's-1'),
      );
      await expectVerified(currentStore());
    });

    it('accepts them page by page, also where a command is divided', async () => {
      const events = await sealedElsewhere();
      for (const event of events) await currentStore().appendSealed([event]);
      await currentStore().appendSealed([]);
      expect(unplaced(await collectLog(currentStore()))).toEqual(unplaced(events));
      expect(unplaced(await currentStore().findCommand(ID))).toEqual(unplaced(events.slice(2, 5)));
    });

    it('finds keyed commands again, and no others, and answers them as repeated', async () => {
      const events = await sealedElsewhere();
      await currentStore().appendSealed(events);
      const log = await collectLog(currentStore());
      expect(await currentStore().findCommand(ID)).toEqual(log.slice(2, 5));
      expect(await currentStore().findCommand(log[0]!.command.id)).toEqual([]);
      expect(await currentStore().append(keyed)).toEqual({ repeated: true, events: log.slice(2, 5) });
      expect(matchesRequest(log[2]!, request())).toBe('matches');
      expect(await collectLog(currentStore())).toEqual(log);
    });

    it('answers a keyed command that comes in the same moment as repeated', async () => {
      const events = await sealedElsewhere();
      const [, answer, next] = await Promise.all([
        currentStore().appendSealed(events),
        currentStore().append(keyed),
        currentStore().append(commit([append('s-3', 2, draft())])),
      ]);
      expect(answer.repeated).toBe(true);
      expect(answer.events).toEqual(await currentStore().findCommand(ID));
      expect(next.events).toMatchObject([{ streamId: 's-3', version: 3 }]);
      await expectVerified(currentStore());
    });

    it('chains later appends to them', async () => {
      await currentStore().appendSealed(await sealedElsewhere());
      await currentStore().append(commit([append('s-1', 3, draft()), append('s-4', 0, draft())]));
      const [, , third, fourth] = await currentStore().readStream('s-1');
      expect(fourth!.previousHash).toBe(third!.hash);
      await currentStore().append(commit([append('s-3', 2, draft())], { recordedAt: EARLIER }));
      const [, second, last] = await currentStore().readStream('s-3');
      expect(last!.recordedAt).toBe(second!.recordedAt);
      await expectVerified(currentStore());
    });

    it('shows them to subscriptions', async () => {
      const seen: Envelope[] = [];
      const subscription = currentStore().subscribe('0', async (batch) => {
        seen.push(...batch);
        await Promise.resolve();
      });
      await currentStore().appendSealed(await sealedElsewhere());
      await untilTrue(() => seen.length === 6);
      await subscription.close();
      expect(seen).toEqual(await collectLog(currentStore()));
    });

    it('accepts none of them when one is not the next of its stream', async () => {
      const events = await sealedElsewhere();
      await expectRefusedSealed(events.slice(1), conflict('s-1', 1, 0));
      await expectRefusedSealed([...events, events[1]!], conflict('s-2', 0, 1));
      await currentStore().appendSealed(events.slice(0, 2));
      await expectRefusedSealed(events.slice(1), conflict('s-2', 0, 1));
      await expectRefusedSealed(
        [...events.slice(2, 4), events[5]!, events[4]!].slice(1),
        conflict('s-1', 2, 1),
      );
    });

    it('accepts none of them when one follows another event than its stream has', async () => {
      const differs = { name: 'HistoryDiffersError', code: 'history-differs' };
      const events = await sealedElsewhere();
      const first = { ...events[0]!, previousHash: '0'.repeat(64) };
      await expectRefusedSealed([events[1]!, first], differs);
      await currentStore().append(commit([append('s-1', 0, draft('an own one'))]));
      await expectRefusedSealed(events.slice(1), differs);
      await currentStore().append(commit([append('s-1', 1, draft())]));
      await expectVerified(currentStore());
    });

    it('lets one of several concurrent writers win', async () => {
      const events = await sealedElsewhere();
      const results = await Promise.allSettled(
        Array.from({ length: 5 }, () => currentStore().appendSealed(events)),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject(conflict('s-1', 0, 3));
      }
      expect(await collectLog(currentStore())).toHaveLength(6);
    });
  });
}

function reading(currentStore: StoreGetter): void {
  describe('reading', () => {
    it('is empty without events', async () => {
      expect(await currentStore().readStream('s-1')).toEqual([]);
      expect(await currentStore().readAll()).toEqual([]);
      expect(await currentStore().lastPosition()).toBe('0');
      expect(await currentStore().lastEvent()).toBeNull();
    });

    it('reads a stream and the log from the requested place, and no more than requested', async () => {
      await currentStore().append(commit([append('s-1', 0, ...Array.from({ length: 5 }, () => draft()))]));
      await currentStore().append(commit([append('s-2', 0, draft())]));
      const versions = async (options: { after?: number; limit?: number }) =>
        (await currentStore().readStream('s-1', options)).map(({ version }) => version);
      expect(await versions({ after: 2 })).toEqual([3, 4, 5]);
      expect(await versions({ after: 1, limit: 2 })).toEqual([2, 3]);
      expect(await versions({ after: 5 })).toEqual([]);
      const log = await currentStore().readAll();
      expect(log).toHaveLength(6);
      expect(await currentStore().readAll({ after: log[1]!.position, limit: 3 })).toEqual(log.slice(2, 5));
      expect(await currentStore().readAll({ after: log[5]!.position })).toEqual([]);
      expect(await currentStore().lastPosition()).toBe(log[5]!.position);
      expect(await currentStore().lastEvent()).toEqual(log[5]);
    });

    it('returns at least one event, and no page with a gap, where little text is enough', async () => {
      await currentStore().append(
        commit([append('s-1', 0, ...Array.from({ length: 9 }, () => draft('x'.repeat(500))))]),
      );
      const all = await currentStore().readAll();
      for (const enough of [1, 2_500]) {
        const page = await currentStore().readAll({ enough, limit: 8 });
        expect(page).toEqual(all.slice(0, Math.max(page.length, 1)));
        const rest = await currentStore().readStream('s-1', { after: page.length, enough });
        expect(rest).toEqual(all.slice(page.length, page.length + Math.max(rest.length, 1)));
      }
    });

    it('ends a page where its events are large, and reads on from there', async () => {
      const text = 'x'.repeat(1_000_000);
      for (let version = 0; version < 12; version += 4) {
        const four = Array.from({ length: 4 }, () => draft(text));
        await currentStore().append(commit([append('s-1', version, ...four)]));
      }
      const lengthOf = (page: readonly Envelope[]) => JSON.stringify(page).length;
      const pages = [await currentStore().readAll(), await currentStore().readStream('s-1')];
      for (const page of pages) {
        expect(page.length).toBeLessThan(12);
        expect(lengthOf(page)).toBeLessThan(10_000_000);
      }
      expect(await collectLog(currentStore())).toHaveLength(12);
      expect(await Array.fromAsync(streamEvents(currentStore(), 's-1'))).toHaveLength(12);
      let largest = 0;
      let seen = 0;
      const subscription = currentStore().subscribe('0', async (batch) => {
        largest = Math.max(largest, lengthOf(batch));
        seen += batch.length;
        await Promise.resolve();
      });
      await untilTrue(() => seen === 12);
      await subscription.close();
      expect(largest).toBeLessThan(10_000_000);
    });

    it('refuses an invalid position', async () => {
      for (const after of ['', '-1', '1.5', 'abc', ' 1'])
        await expect(currentStore().readAll({ after })).rejects.toThrow('is not a position');
    });

    it('shows the log in the order of its positions while others write', async () => {
      const seen: Envelope[] = [];
      let writing = true;
      const reader = async () => {
        while (writing || seen.at(-1)?.position !== (await currentStore().lastPosition())) {
          const after = seen.at(-1)?.position ?? '0';
          seen.push(...(await currentStore().readAll({ after, limit: 7 })));
          await delay(0);
        }
      };
      const read = reader();
      await manyWriters(currentStore(), 10, 8);
      writing = false;
      await read;
      expectIncreasing(seen);
      expect(seen).toEqual(await collectLog(currentStore()));
      expect(seen).toHaveLength(80);
      await expectVerified(currentStore());
    });

    it(`reads a stream of ${LONGEST} events whole`, async () => {
      const batch = Array.from({ length: 500 }, () => draft('x'));
      for (let version = 0; version < LONGEST; version += batch.length) {
        await currentStore().append(commit([append('long', version, ...batch)]));
      }
      let version = 0;
      let previousHash: string | null = null;
      let chained = true;
      for await (const event of streamEvents(currentStore(), 'long')) {
        chained &&= event.version === ++version && event.previousHash === previousHash;
        previousHash = event.hash;
      }
      expect({ version, chained }).toEqual({ version: LONGEST, chained: true });
    }, 120_000);
  });
}

function subscribing(currentStore: StoreGetter): void {
  describe('a subscription', () => {
    it('sends existing events, then new ones, in order', async () => {
      await currentStore().append(commit([append('s-1', 0, draft())]));
      const seen: Envelope[] = [];
      const subscription = currentStore().subscribe('0', async (batch) => {
        seen.push(...batch);
        await delay(0);
      });
      await untilTrue(() => seen.length === 1);
      await currentStore().append(commit([append('s-1', 1, draft()), append('s-2', 0, draft())]));
      await untilTrue(() => seen.length === 3);
      expect(seen).toEqual(await collectLog(currentStore()));
      await subscription.close();
      await expect(subscription.ended).resolves.toBeUndefined();
    });

    it('misses nothing and repeats nothing while many write', async () => {
      const seen: Envelope[] = [];
      const subscription = currentStore().subscribe('0', async (batch) => {
        seen.push(...batch);
        await Promise.resolve();
      });
      await manyWriters(currentStore(), 10, 8);
      await untilTrue(() => seen.length >= 80);
      await subscription.close();
      expectIncreasing(seen);
      expect(seen).toEqual(await collectLog(currentStore()));
    });

    it('that drops again and again, and is resumed at its place, misses and repeats nothing', async () => {
      const seen: Envelope[] = [];
      let drops = 0;
      const follow = async () => {
        for (; seen.length < 100; drops++) {
          const subscription = currentStore().subscribe(seen.at(-1)?.position ?? '0', async (batch) => {
            seen.push(...batch);
            await delay(0);
            throw new Error('dropped');
          });
          await expect(subscription.ended).rejects.toThrow('dropped');
        }
      };
      const followed = follow();
      for (let round = 1; round <= 4; round++) {
        await manyWriters(currentStore(), 5, 5, `round-${round}`);
        await untilTrue(() => seen.length >= round * 25);
      }
      await followed;
      expect(drops).toBeGreaterThanOrEqual(4);
      expect(seen).toEqual(await collectLog(currentStore()));
    });

    it('has one batch in flight, of bounded size, however slow its handler', async () => {
      for (let version = 0; version < LONGEST; version += 500) {
        await currentStore().append(
          commit([append('s-1', version, ...Array.from({ length: 500 }, () => draft('x')))]),
        );
      }
      let inFlight = 0;
      let most = 0;
      let seen = 0;
      const release: (() => void)[] = [];
      const subscription = currentStore().subscribe('0', async (batch) => {
        most = Math.max(most, ++inFlight);
        expect(batch.length).toBeLessThanOrEqual(READ_LIMIT);
        await new Promise<void>((resolve) => release.push(resolve));
        seen += batch.length;
        inFlight--;
      });
      await untilTrue(() => release.length === 1);
      await currentStore().append(commit([append('s-2', 0, draft())]));
      await delay(20);
      expect({ release: release.length, seen }).toEqual({ release: 1, seen: 0 });
      for (let batch = 0; seen < LONGEST + 1; batch++) {
        await untilTrue(() => release.length > batch);
        release[batch]!();
        await delay(0);
      }
      expect(most).toBe(1);
      await subscription.close();
    });

    it("ends with its handler's error, and sends nothing after it", async () => {
      await currentStore().append(commit([append('s-1', 0, draft())]));
      let batches = 0;
      const subscription = currentStore().subscribe('0', async () => {
        batches++;
        await Promise.resolve();
        throw new Error('a broken fold');
      });
      await expect(subscription.ended).rejects.toThrow('a broken fold');
      await currentStore().append(commit([append('s-1', 1, draft())]));
      await delay(20);
      expect(batches).toBe(1);
      await subscription.close();
    });

    it('waits for the batch in flight when it is closed, and hands over nothing after', async () => {
      await currentStore().append(commit([append('s-1', 0, draft())]));
      let finish: () => void = () => undefined;
      let batches = 0;
      let finished = false;
      const subscription = currentStore().subscribe('0', async () => {
        batches++;
        await new Promise<void>((resolve) => (finish = resolve));
        finished = true;
      });
      await untilTrue(() => batches === 1);
      const closed = subscription.close();
      await currentStore().append(commit([append('s-1', 1, draft())]));
      expect(finished).toBe(false);
      finish();
      await closed;
      await subscription.ended;
      expect({ finished, batches }).toEqual({ finished: true, batches: 1 });
    });

    it('serves several at once, each at its own pace', async () => {
      const counts = [0, 0, 0];
      const subscriptions = counts.map((_, index) =>
        currentStore().subscribe('0', async (batch) => {
          await delay(index * 5);
          counts[index]! += batch.length;
        }),
      );
      await manyWriters(currentStore(), 5, 10);
      await untilTrue(() => counts.every((count) => count === 50));
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
    });
  });
}

function erasing(currentStore: StoreGetter): void {
  describe('erase', () => {
    const items = draft('a secret', {
      data: {
        text: 'a secret',
        kept: 'stays',
        items: [{ name: 'n-0', size: 1 }, { size: 2 }, { name: 'n-2' }],
      },
      sensitive: ['/data/text', '/data/items/*/name', '/data/absent'],
    });

    it('removes values, their salts and the salt of the command digest, and nothing else', async () => {
      await currentStore().append(commit([append('s-1', 0, items, draft('b'))], { request: request() }));
      const [before, other] = await currentStore().readStream('s-1');
      expect(Object.keys(before!.commitments)).toEqual([
        '/data/items/0/name',
        '/data/items/2/name',
        '/data/text',
      ]);
      await currentStore().erase('s-1', 1, ['/data/items/0/name', '/data/text']);
      const after = await currentStore().readStream('s-1');
      expect(after).toEqual([
        {
          ...before,
          data: { kept: 'stays', items: [{ size: 1 }, { size: 2 }, { name: 'n-2' }] },
          salts: { '/data/items/2/name': before!.salts['/data/items/2/name'] },
        },
        other,
      ]);
      expect(other?.salts).toHaveProperty([COMMAND_DIGEST]);
      expect(await collectLog(currentStore())).toEqual(after);
      expect(await currentStore().findCommand(before!.command.id)).toEqual(after);
    });

    it('leaves a chain that verifies once a redaction names the erased values', async () => {
      await currentStore().append(commit([append('s-1', 0, items)]));
      await currentStore().erase('s-1', 1, ['/data/text']);
      expect(await problemsOf(currentStore())).toMatchObject([{ version: 1, code: 'missing-value' }]);
      const [event] = await currentStore().readStream('s-1');
      await currentStore().append(commit([append('s-1', 1, redaction(event!.eventId, ['/data/text']))]));
      expect(await problemsOf(currentStore())).toEqual([]);
    });

    it('changes nothing when it comes again', async () => {
      await currentStore().append(commit([append('s-1', 0, items)]));
      await currentStore().erase('s-1', 1, ['/data/text']);
      const erased = await collectLog(currentStore());
      await currentStore().erase('s-1', 1, ['/data/text']);
      await currentStore().erase('s-1', 1, []);
      expect(await collectLog(currentStore())).toEqual(erased);
    });

    it('knows no event at another version, or of another stream', async () => {
      await currentStore().append(commit([append('s-1', 0, items)]));
      const before = await collectLog(currentStore());
      for (const [streamId, version] of [
        ['s-1', 2],
        ['s-1', 0],
        ['s-2', 1],
      ] as const)
        await expect(currentStore().erase(streamId, version, ['/data/text'])).rejects.toMatchObject({
          name: 'EventNotFoundError',
          code: 'event-not-found',
        });
      expect(await collectLog(currentStore())).toEqual(before);
    });

    it('refuses to remove a value that is not sensitive', async () => {
      await currentStore().append(commit([append('s-1', 0, items)]));
      const before = await collectLog(currentStore());
      for (const pointer of ['/data/kept', '/type', '/data/items', '/data/items/1/name', 'text']) {
        const erased = currentStore().erase('s-1', 1, ['/data/text', pointer]);
        await expect(erased).rejects.toMatchObject({ name: 'RangeError' });
        expect(await collectLog(currentStore())).toEqual(before);
      }
    });
  });
}

function redacting(currentStore: StoreGetter, another: (() => Promise<EventStore>) | null): void {
  describe('an append that reports erased values', () => {
    const SECRET = 'Ottoline';
    const two = draft(SECRET, {
      data: { text: SECRET, note: 'stays' },
      sensitive: ['/data/text', '/data/note'],
    });

    /** Returns all output of the store about a stream, as text. */
    const allOf = async (store: EventStore): Promise<string> => {
      const log = await collectLog(store);
      const ids = log.map(({ eventId }) => eventId);
      const commands = await Promise.all(log.map(({ command }) => store.findCommand(command.id)));
      const streams = [...new Set(log.map(({ streamId }) => streamId))];
      const found = await Promise.all(streams.map((streamId) => store.findEvents(streamId, ids)));
      const read = await Promise.all(streams.map((streamId) => store.readStream(streamId)));
      let handed: readonly Envelope[] = [];
      const subscription = store.subscribe('0', (batch) => {
        handed = handed.concat(batch);
        return Promise.resolve();
      });
      await untilTrue(() => handed.length >= log.length);
      await subscription.close();
      return JSON.stringify([log, commands, found, read, handed]);
    };

    it('is answered when no read returns them, and nothing else is gone', async () => {
      await currentStore().append(commit([append('s-1', 0, two, draft('b'))], { request: request() }));
      const [event, other] = await currentStore().readStream('s-1');
      await currentStore().append(commit([append('s-1', 2, redaction(event!.eventId, ['/data/text']))]));
      expect(await allOf(currentStore())).not.toContain(SECRET);
      const after = await currentStore().readStream('s-1');
      expect(after[0]).toEqual({
        ...event,
        data: { note: 'stays' },
        salts: { '/data/note': event!.salts['/data/note'] },
      });
      expect(after[1]).toEqual(other);
      expect(await problemsOf(currentStore())).toEqual([]);
    });

    it('erases all values that several redactions of one command name', async () => {
      await currentStore().append(commit([append('s-1', 0, two, draft(SECRET))]));
      const [one, other] = await currentStore().readStream('s-1');
      await currentStore().append(
        commit([
          append(
            's-1',
            2,
            redaction(one!.eventId, ['/data/text', '/data/note']),
            redaction(other!.eventId, ['/data/text']),
          ),
        ]),
      );
      expect(await allOf(currentStore())).not.toContain(SECRET);
      expect(await problemsOf(currentStore())).toEqual([]);
    });

    it('changes nothing on a conflict', async () => {
      await currentStore().append(commit([append('s-1', 0, two)]));
      const before = await collectLog(currentStore());
      const stale = commit([append('s-1', 0, redaction(before[0]!.eventId, ['/data/text']))]);
      await expect(currentStore().append(stale)).rejects.toMatchObject({ code: 'version-conflict' });
      expect(await collectLog(currentStore())).toEqual(before);
      expect(await currentStore().redactions()).toEqual([]);
    });

    it.each([
      ['no sensitive value', ['/data/visibility', '/type']],
      ['nothing', []],
    ])('changes nothing if it names %s, or an event of another stream', async (_, erased) => {
      await currentStore().append(commit([append('s-1', 0, two), append('s-2', 0, draft())]));
      const [event] = await currentStore().readStream('s-1');
      await currentStore().append(
        commit([
          append('s-1', 1, redaction(event!.eventId, erased)),
          append('s-2', 1, redaction(event!.eventId, ['/data/text'])),
        ]),
      );
      expect((await currentStore().readStream('s-1'))[0]).toEqual(event);
    });

    it('is the same where another store sealed it, and its event was copied before with its values', async () => {
      const source = new MemoryEventStore(createSealer());
      await source.append(commit([append('s-1', 0, two)]));
      const withText = await collectLog(source);
      await currentStore().appendSealed(withText);
      await source.append(commit([append('s-1', 1, redaction(withText[0]!.eventId, ['/data/text']))]));
      await currentStore().appendSealed((await collectLog(source)).slice(1));
      expect(await allOf(currentStore())).not.toContain(SECRET);
      expect(await currentStore().redactions()).toMatchObject([{ eventId: withText[0]!.eventId }]);
    });

    it('is found by an index, in order, a page at a time, after a position', async () => {
      await currentStore().append(commit([append('s-1', 0, two, draft('b')), append('s-2', 0, draft('c'))]));
      const [one, two_] = await currentStore().readStream('s-1');
      const [three] = await currentStore().readStream('s-2');
      const named = [
        { streamId: 's-1', eventId: one!.eventId, erased: ['/data/text'] },
        { streamId: 's-2', eventId: three!.eventId, erased: ['/data/text'] },
        { streamId: 's-1', eventId: two_!.eventId, erased: [] },
      ];
      const versions = new Map([
        ['s-1', 2],
        ['s-2', 1],
      ]);
      for (const { streamId, eventId, erased } of named) {
        const version = versions.get(streamId) as number;
        await currentStore().append(commit([append(streamId, version, redaction(eventId, erased))]));
        versions.set(streamId, version + 1);
      }
      const all = await currentStore().redactions();
      expect(all).toMatchObject(named);
      const log = await collectLog(currentStore());
      expect(all.map(({ position }) => position)).toEqual(
        log.filter(({ type }) => type === 'CommentRedacted').map(({ position }) => position),
      );
      expect(await currentStore().redactions({ limit: 2 })).toEqual(all.slice(0, 2));
      expect(await currentStore().redactions({ after: all[0]!.position })).toEqual(all.slice(1));
      expect(await currentStore().redactions({ after: await currentStore().lastPosition() })).toEqual([]);
    });

    const alsoElsewhere = another === null ? it.skip : it;
    alsoElsewhere('is in effect in another process at once, also for what it had read before', async () => {
      const reader = await (another as () => Promise<EventStore>)();
      await currentStore().append(commit([append('s-1', 0, two)], { request: request() }));
      expect(await allOf(reader)).toContain(SECRET);
      const [event] = await reader.readStream('s-1');
      await currentStore().append(commit([append('s-1', 1, redaction(event!.eventId, ['/data/text']))]));
      expect(await allOf(reader)).not.toContain(SECRET);
      await reader.close();
    });
  });
}

function finding(currentStore: StoreGetter): void {
  describe('findEvents', () => {
    it('returns the events of a stream that have the ids, oldest first', async () => {
      await currentStore().append(
        commit([append('s-1', 0, draft('a'), draft('b'), draft('c')), append('s-2', 0, draft('d'))]),
      );
      const events = await currentStore().readStream('s-1');
      const [other] = await currentStore().readStream('s-2');
      const ids = [events[2]!.eventId, events[0]!.eventId, other!.eventId, randomUUID()];
      expect(await currentStore().findEvents('s-1', ids)).toEqual([events[0], events[2]]);
      expect(await currentStore().findEvents('s-1', [])).toEqual([]);
      expect(await currentStore().findEvents('s-3', ids)).toEqual([]);
    });

    it('finds the last of many events', async () => {
      const drafts = Array.from({ length: 300 }, (_, number) => draft(`text ${number}`));
      await currentStore().append(commit([append('s-1', 0, ...drafts)]));
      const events = await currentStore().readStream('s-1');
      expect(await currentStore().findEvents('s-1', [events[299]!.eventId, events[200]!.eventId])).toEqual([
        events[200],
        events[299],
      ]);
    });
  });
}

function closing(currentStore: StoreGetter): void {
  describe('close', () => {
    const UNAVAILABLE = { name: 'StoreUnavailableError', code: 'store-unavailable' };

    it('answers earlier requests', async () => {
      const waiting = Array.from({ length: 50 }, (_, index) =>
        currentStore().append(commit([append(`s-${index}`, 0, draft())])),
      );
      await Promise.all([currentStore().close(), ...waiting]);
    });

    it('refuses later requests', async () => {
      await currentStore().append(commit([append('s-1', 0, draft())]));
      await currentStore().close();
      await expect(currentStore().append(commit([append('s-1', 1, draft())]))).rejects.toMatchObject(
        UNAVAILABLE,
      );
      await expect(currentStore().appendSealed([])).rejects.toMatchObject(UNAVAILABLE);
      await expect(currentStore().erase('s-1', 1, ['/data/text'])).rejects.toMatchObject(UNAVAILABLE);
      await expect(currentStore().readStream('s-1')).rejects.toMatchObject(UNAVAILABLE);
      await expect(currentStore().readAll()).rejects.toMatchObject(UNAVAILABLE);
      await expect(currentStore().findCommand(randomUUID())).rejects.toMatchObject(UNAVAILABLE);
      await expect(currentStore().findEvents('s-1', [randomUUID()])).rejects.toMatchObject(UNAVAILABLE);
      await expect(currentStore().redactions()).rejects.toMatchObject(UNAVAILABLE);
      await expect(currentStore().lastPosition()).rejects.toMatchObject(UNAVAILABLE);
      await expect(currentStore().lastEvent()).rejects.toMatchObject(UNAVAILABLE);
      expect(() => currentStore().subscribe('0', () => Promise.resolve())).toThrow(
        expect.objectContaining(UNAVAILABLE),
      );
    });

    it('ends subscriptions, after their batch in flight', async () => {
      await currentStore().append(commit([append('s-1', 0, draft())]));
      let started = false;
      let finished = false;
      const subscription = currentStore().subscribe('0', async () => {
        started = true;
        await delay(30);
        finished = true;
      });
      const idle = currentStore().subscribe(await currentStore().lastPosition(), () => Promise.resolve());
      await untilTrue(() => started);
      await currentStore().close();
      expect(finished).toBe(true);
      await Promise.all([subscription.ended, idle.ended]);
    });

    it('answers earlier reads', async () => {
      await currentStore().append(commit([append('s-1', 0, draft())]));
      const reads = [
        currentStore().readAll(),
        currentStore().readStream('s-1'),
        currentStore().readAll({ limit: 1 }),
      ];
      await currentStore().close();
      for (const read of reads) expect(await read).toHaveLength(1);
    });
  });
}

function sharing(currentStore: StoreGetter, place: () => StorePlace): void {
  describe('a store that several have open', () => {
    const others: EventStore[] = [];

    const another = async () => {
      const store = await place().open();
      others.push(store);
      return store;
    };

    afterEach(async () => {
      for (const store of others.splice(0)) await store.close();
    });

    /** Follows the log with a subscription, and by repeatedly reading the next page. */
    function followers(store: EventStore) {
      const seen = { subscribed: [] as Envelope[], read: [] as Envelope[] };
      const end = new AbortController();
      const subscription = store.subscribe('0', async (batch) => {
        seen.subscribed.push(...batch);
        await Promise.resolve();
      });
      const reader = (async () => {
        while (!end.signal.aborted) {
          seen.read.push(...(await store.readAll({ after: seen.read.at(-1)?.position ?? '0', limit: 5 })));
          await delay(0);
        }
      })();
      const reach = async (count: number) => {
        await untilTrue(() => seen.subscribed.length >= count && seen.read.length >= count);
        end.abort();
        await Promise.all([subscription.close(), reader]);
      };
      return { seen, reach };
    }

    it('reads, and writes nothing, when it is open for reading only', async () => {
      await currentStore().append(commit([append('s-1', 0, draft())]));
      const reading = await place().open({ readOnly: true });
      others.push(reading);
      expect(await reading.readStream('s-1')).toHaveLength(1);
      const refused = { name: 'StoreUnavailableError', code: 'store-unavailable' };
      await expect(reading.append(commit([append('s-1', 1, draft())]))).rejects.toMatchObject(refused);
      await expect(reading.appendSealed([])).rejects.toMatchObject(refused);
      await expect(reading.erase('s-1', 1, ['/data/text'])).rejects.toMatchObject(refused);
      expect(await collectLog(currentStore())).toHaveLength(1);
    });

    it('finds its events again', async () => {
      await currentStore().append(commit([append('s-1', 0, draft())], { request: request() }));
      const log = await collectLog(currentStore());
      await currentStore().close();
      const store = await another();
      expect(await collectLog(store)).toEqual(log);
      await store.append(commit([append('s-1', 1, draft())]));
      await expectVerified(store);
    });

    it('answers a keyed command once, wherever and whenever it comes again after a lost answer', async () => {
      const lost = commit([append('s-1', 0, draft('a'), draft('b'))], { request: request() });
      // No caller waits for the response, as after a crash.
      currentStore()
        .append(lost)
        .catch(() => undefined);
      await currentStore().close();
      const [one, two] = [await another(), await another()];
      const answers = await Promise.all([one.append(lost), two.append(lost), one.append(lost)]);
      const stored = await collectLog(one);
      expect(stored).toMatchObject([{ version: 1 }, { version: 2 }]);
      for (const { events } of answers) {
        expect(events.map(({ eventId }) => eventId)).toEqual(stored.map(({ eventId }) => eventId));
      }
    });

    it('shows each of them the same log, in one order and complete, while all write', async () => {
      const stores = [currentStore(), await another(), await another()];
      const following = stores.map(followers);
      await Promise.all(stores.map((store, index) => manyWriters(store, 4, 8, `node-${index}`)));
      for (const { reach } of following) await reach(96);
      const log = await collectLog(currentStore());
      expect(log).toHaveLength(96);
      expectIncreasing(log);
      for (const { seen } of following) expect(seen).toEqual({ subscribed: log, read: log });
      await expectVerified(currentStore());
    });

    it('lets one of several at one version win, and chains the next to it', async () => {
      const stores = [currentStore(), await another(), await another()];
      for (let version = 0; version < 8; version++) {
        const results = await Promise.allSettled(
          stores.map((store) => store.append(commit([append('s-1', version, draft())]))),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const result of results) {
          if (result.status === 'rejected') {
            expect(result.reason).toMatchObject(conflict('s-1', version, version + 1));
          }
        }
      }
      await expectVerified(currentStore());
    });

    it.each(['commit', 'rollBack'] as const)(
      'hides a position that is assigned later from every reader until those before it are decided: %s',
      async (decision) => {
        await currentStore().append(commit([append('s-0', 0, draft())]));
        const [model] = await currentStore().readStream('s-0');
        const { position: _, ...first } = model!;
        const paused = await place().pauseAppend!({ ...first, streamId: 'held' });
        const following = [followers(currentStore()), followers(await another())];
        // This append starts later, and would finish first without the order.
        let isAnswered = false;
        const later = currentStore().append(commit([append('s-1', 0, draft())]));
        const answered = later.then(() => (isAnswered = true));
        const before = paused.othersWait ? ['s-0'] : ['s-0', 's-1'];
        if (!paused.othersWait) await answered;
        await untilTrue(() =>
          following.every(({ seen: { subscribed, read } }) =>
            [subscribed, read].every(({ length }) => length >= before.length),
          ),
        );
        await delay(150);
        expect(isAnswered).toBe(!paused.othersWait);
        for (const { seen } of following) {
          expect(seen.subscribed.map(({ streamId }) => streamId)).toEqual(before);
          expect(seen.read.map(({ streamId }) => streamId)).toEqual(before);
        }
        await paused[decision]();
        await answered;
        const streams = ['s-0', paused.othersWait ? 'held' : 's-1', paused.othersWait ? 's-1' : 'held'];
        if (decision === 'rollBack') streams.splice(streams.indexOf('held'), 1);
        for (const { reach } of following) await reach(streams.length);
        const log = await collectLog(currentStore());
        expect(log.map(({ streamId }) => streamId)).toEqual(streams);
        for (const { seen } of following) expect(seen).toEqual({ subscribed: log, read: log });
      },
    );
  });
}

/** Returns a command of the model: events for a few streams, at the right version or a wrong one, perhaps repeated. */
const stepOn = (streamsMax: number) =>
  fc.record({
    appends: fc.uniqueArray(
      fc.record({
        stream: fc.constantFrom('a', 'b', 'c'),
        wrongBy: fc.constantFrom(0, 0, 0, 0, 1, -1),
        texts: fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { maxLength: 3 }),
      }),
      { minLength: 1, maxLength: streamsMax, selector: ({ stream }) => stream },
    ),
    again: fc.boolean(),
  });

function modelled(open: () => Promise<EventStore>, streamsMax: number): void {
  it('matches a simple model, for any sequence of commands', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stepOn(streamsMax), { maxLength: 12 }), async (steps) => {
        const store = await open();
        try {
          const model: { streamId: string; version: number; text: JsonValue | undefined }[] = [];
          const versionOf = (id: string) => model.filter(({ streamId }) => streamId === id).length;
          for (const { appends, again } of steps) {
            const next = commit(
              appends.map(({ stream, wrongBy, texts }) =>
                append(stream, Math.max(0, versionOf(stream) + wrongBy), ...texts.map((text) => draft(text))),
              ),
              { request: request() },
            );
            const fits = next.appends.every(({ streamId, expectedVersion }) => {
              return versionOf(streamId) === expectedVersion;
            });
            const result = await store.append(next).catch((error: unknown) => error as Error);
            expect(result instanceof Error).toBe(!fits);
            if (!fits) continue;
            for (const { streamId, events } of next.appends) {
              for (const { data } of events) {
                model.push({ streamId, version: versionOf(streamId) + 1, text: data['text'] });
              }
            }
            const events = (result as AppendResult).events;
            if (again && events.length > 0) {
              expect(await store.append(next)).toMatchObject({ repeated: true });
            }
          }
          const log = await collectLog(store);
          expect(
            log.map(({ streamId, version, data }) => ({ streamId, version, text: data['text'] })),
          ).toEqual(model);
          expectIncreasing(log);
          await expectVerified(store);
        } finally {
          await store.close();
        }
      }),
      { numRuns: 4 * Number(process.env['DOCKET_CASES_TIMES'] ?? 1) },
    );
  }, 240_000);
}

/** Runs writers that each append to their own stream. */
async function manyWriters(
  store: EventStore,
  writers: number,
  commits: number,
  prefix = 'writer',
): Promise<void> {
  const writer = async (name: string) => {
    for (let version = 0; version < commits; version++) {
      await store.append(commit([append(name, version, draft(`${name} ${version}`))]));
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, index) => writer(`${prefix}-${index}`)));
}

function expectIncreasing(events: readonly Envelope[]): void {
  const positions = events.map(({ position }) => BigInt(position));
  const outOfOrder = positions.findIndex((position, index) => index > 0 && position <= positions[index - 1]!);
  expect(outOfOrder).toBe(-1);
}

async function problemsOf(store: EventStore): Promise<object[]> {
  const verifier = new StreamVerifier();
  const problems: object[] = [];
  for await (const event of logEvents(store)) {
    const problem = verifier.add(event);
    if (problem !== null) problems.push(problem);
  }
  return [...problems, ...verifier.finish()];
}

async function expectVerified(store: EventStore): Promise<void> {
  expect(await problemsOf(store)).toEqual([]);
}
