import { readFileSync } from 'node:fs';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { append, commit, draft } from '#test/support/event-commits';
import { headOfLog } from '#test/support/event-streams';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { issueStream, recordStream } from '#state-machines/inspection-recommendation/kind';
import { createSealer } from '#audit/seal';
import { eventId } from '#audit/event-hashes';
import { envelopeHash } from '#audit/forms';
import { printCheckpoint, signNote } from '#audit/tlog/checkpoint';
import { printNote } from '#audit/tlog/signed-note';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope, LifecycleReference } from '#event-sourcing/envelope';
import type { EventDraft, StoredEntry } from '#event-sourcing/event-store';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { draftEvents } from '#lifecycle/decide';
import { statechartOf } from '#lifecycle/statechart';
import type { DecidedEvent } from '#lifecycle/decide';
import { importRecord } from '../register-files/import-record.ts';
import { currentState } from '../records/read-record.ts';
import { verifyStore } from './verify-store.ts';
import type { Verification } from './verify-store.ts';
import { recordedBy } from '#test/support/recording';
import { lifecycles } from '#state-machines/lifecycles';
import { importCall } from '#test/support/register-imports';

const sample = readFileSync(new URL('../../../../test/fixtures/730.txt', import.meta.url));
const actor = { subject: 'an-administrator', roles: ['administrator'] };
const TODAY = '2026-11-24';

/** A store whose content was altered without updating the hash chain. */
class TamperedStore extends MemoryEventStore {
  change: (events: Envelope[]) => Envelope[] = (events) => events;

  override async *inspect(streamId?: string): AsyncGenerator<StoredEntry> {
    const events = (await Array.fromAsync(super.inspect(streamId))).flatMap(({ event }) => event ?? []);
    for (const event of this.change(events)) {
      const { position, version } = event;
      yield { position, streamId: event.streamId, version, event, faults: [] };
    }
  }

  /** Alters one event of record 730. */
  changeEvent(version: number, changed: (event: Envelope) => Partial<Envelope>): void {
    this.change = (events) =>
      events.map((event) =>
        event.streamId === recordStream('730') && event.version === version
          ? { ...event, ...changed(event) }
          : event,
      );
  }
}

let store: TamperedStore;
beforeEach(async () => {
  store = new TamperedStore(createSealer());
  await importRecord(store, lifecycles, importCall(sample));
});

/** Appends events that no command would append: the store seals any event. */
async function forge(id: string, ...drafts: readonly EventDraft[]): Promise<void> {
  const { length } = await store.readStream(recordStream(id));
  await store.append(commit([append(recordStream(id), length, ...drafts)]));
}

async function appendEvents(id: string, ...events: readonly DecidedEvent[]): Promise<void> {
  const before = currentState(lifecycles, await store.readStream(recordStream(id)));
  await forge(id, ...draftEvents(inspectionRecommendation, before, events, TODAY, recordedBy(actor)).drafts);
}

const issued: DecidedEvent = {
  type: 'RecommendationIssued',
  data: { title: 'Units', text: 'Do it.', recipient: 'avon' },
};

const inRecord = (version: number, code: string, streamId = recordStream('730')) => ({
  ok: false,
  firstDivergence: { streamId, version, code, detail: expect.any(String) as unknown },
});

describe('a valid history', () => {
  test('given nothing, then it is valid', async () => {
    expect(await verifyStore(new MemoryEventStore(createSealer()), lifecycles, [])).toEqual({
      ok: true,
      streams: 0,
      events: 0,
      firstDivergence: null,
      divergences: [],
      divergenceCount: 0,
      checkpoint: null,
    });
  });

  test('given records and a stream that follows no lifecycle, then all of them are counted', async () => {
    await appendEvents('731', issued, { type: 'ProgressStarted', data: {} });
    const issuedToSeveral = draft('t', {
      type: 'RecommendationsIssued',
      state: null,
      data: {},
      sensitive: [],
    });
    await store.append({
      ...commit([append(issueStream('732'), 0, issuedToSeveral, issuedToSeveral)]),
      lifecycle: null,
    });

    expect(await verifyStore(store, lifecycles, [])).toMatchObject({
      ok: true,
      streams: 3,
      events: 10,
      firstDivergence: null,
    });
  });

  test('given ids, then only those records are verified, each once', async () => {
    await appendEvents('731', issued);

    expect(await verifyStore(store, lifecycles, ['731'])).toMatchObject({ ok: true, streams: 1, events: 1 });
    expect(await verifyStore(store, lifecycles, ['731', '730', '731'])).toMatchObject({
      ok: true,
      streams: 2,
      events: 7,
    });
  });

  test('given values that a redaction names, then it is valid', async () => {
    const { eventId } = (await store.readStream(recordStream('730')))[3]!;
    await appendEvents('730', {
      type: 'CommentRedacted',
      data: { eventId, erased: ['/data/text'], reason: 'r' },
    });
    await store.erase(recordStream('730'), 4, ['/data/text']);

    expect(await verifyStore(store, lifecycles, [])).toMatchObject({ ok: true });
    expect(await verifyStore(store, lifecycles, ['730'])).toMatchObject({ ok: true });
  });

  test('given events, then it reports that all of them were read', async () => {
    const reports: number[][] = [];
    await verifyStore(store, lifecycles, [], { onProgress: (...each) => reports.push(each) });

    expect(reports).toEqual([[6, 6]]);
  });

  test('given that it is to end, then it ends with the reason', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(verifyStore(store, lifecycles, [], { signal })).rejects.toThrow('enough');
  });
});

describe('an unknown record', () => {
  test('given an id without a record, then it is invalid', async () => {
    expect(await verifyStore(store, lifecycles, ['999'])).toMatchObject(
      inRecord(0, 'not-found', recordStream('999')),
    );
    expect(await verifyStore(store, lifecycles, ['730', '999'])).toMatchObject({ ok: false, events: 6 });
  });
});

describe('a copy that was tampered with', () => {
  test.each<[string, number, string, (event: Envelope) => Partial<Envelope>]>([
    ['another date', 2, 'hash', () => ({ effectiveOn: '2016-10-01' })],
    ['another text', 4, 'commitment', ({ data }) => ({ data: { ...data, text: 'Another.' } })],
  ])('given %s, then its stream and version are named', async (_, version, code, changed) => {
    store.changeEvent(version, changed);

    expect(await verifyStore(store, lifecycles, [])).toMatchObject(inRecord(version, code));
    expect(await verifyStore(store, lifecycles, ['730'])).toMatchObject(inRecord(version, code));
  });

  test('given one record of several, then only its own check reports it', async () => {
    await appendEvents('731', issued);
    store.changeEvent(2, () => ({ effectiveOn: '2016-10-01' }));

    expect(await verifyStore(store, lifecycles, ['731'])).toMatchObject({ ok: true });
    expect(await verifyStore(store, lifecycles, ['731', '730'])).toMatchObject(inRecord(2, 'hash'));
  });
});

describe('well-sealed history that the statechart cannot have written', () => {
  const value = { closure: 'none', evidence: 'none', response: 'not-required' };
  const first = draft('t', {
    type: 'RecommendationIssued',
    data: { title: 't', text: 't', recipient: null },
  });
  const forged = recordStream('731');

  test.each<[string, EventDraft['state']]>([
    ['another state', { ...value, progress: 'complete' }],
    ['a region too many', { ...value, progress: 'being-progressed', deadline: 'none' }],
    ['a region too few', { progress: 'being-progressed', closure: 'none', evidence: 'none' }],
    ['no region', {}],
  ])('given a stored state with %s, then it is named', async (_, state) => {
    await forge('731', first, draft('t', { type: 'ProgressStarted', state, data: {} }));

    expect(await verifyStore(store, lifecycles, [])).toMatchObject(inRecord(2, 'state', forged));
  });

  test('given another state at the first event, then it is named', async () => {
    await forge('731', { ...first, state: { ...value, progress: 'complete' } });

    expect(await verifyStore(store, lifecycles, ['731'])).toMatchObject(inRecord(1, 'state', forged));
  });

  test.each(['RecommendationReopened', 'ReturnedToReview', 'RecommendationIssued', 'SomethingElse'])(
    'given %s where the statechart does not accept it, then it is named',
    async (type) => {
      await forge('731', first, draft('t', { type, data: {} }));

      expect(await verifyStore(store, lifecycles, [])).toMatchObject(inRecord(2, 'illegal-event', forged));
    },
  );

  test('given a stream that does not begin with the issue, then its first event is named', async () => {
    await forge('731', draft('A comment.'));

    expect(await verifyStore(store, lifecycles, [])).toMatchObject(inRecord(1, 'illegal-event', forged));
  });
});

describe('a lifecycle that this build does not have', () => {
  const forged = recordStream('731');
  const other = (change: object) => ({
    ...lifecycles.current('inspection-recommendation').reference,
    ...change,
  });

  test('given an event of a record that claims to follow none, then it is named: records follow one', async () => {
    await appendEvents('731', issued);
    await store.append({ ...commit([append(forged, 1, draft('t', { state: null }))]), lifecycle: null });

    const verified = await verifyStore(store, lifecycles, []);
    expect(verified).toMatchObject({ ...inRecord(2, 'unknown-lifecycle', forged), divergenceCount: 1 });
    expect(verified.firstDivergence?.detail).toContain(
      `Version 2 of ${forged} was recorded under lifecycle none`,
    );
  });

  test.each([
    ['a text', 'x'],
    ['an empty object', {}],
    ['a list', ['inspection-recommendation', 1, 'a digest']],
    ['false', false],
    ['of a name that is a number', other({ name: 7 })],
    ['of a version that is a text', other({ version: '1' })],
    ['of a digest that is null', other({ digest: null })],
  ])('given an event whose lifecycle is %s, then it is named as no reference', async (_, reference) => {
    await appendEvents('731', issued);
    const made = commit([append(forged, 1, draft('Written under what is not a lifecycle.'))]);
    await store.append({ ...made, lifecycle: reference as unknown as LifecycleReference });
    await store.append(commit([append(forged, 2, draft('Written under ours.'))]));

    const verified = await verifyStore(store, lifecycles, []);
    expect(verified).toMatchObject({ ...inRecord(2, 'malformed', forged), divergenceCount: 1 });
    expect(verified.firstDivergence?.detail).toBe(
      'its lifecycle is neither null nor an object with name, version and digest',
    );
  });

  test.each([
    ['digest', other({ digest: 'f'.repeat(64) })],
    ['version', other({ version: 2 })],
    ['name', other({ name: 'another' })],
  ])(
    'given an event with another %s, then it is named with its reference, and nothing after it',
    async (_, reference) => {
      await appendEvents('731', issued);
      const comment = draft('Written under another.');
      await store.append({ ...commit([append(forged, 1, comment)]), lifecycle: reference });
      await store.append(commit([append(forged, 2, draft('Written under ours.'))]));

      const verified = await verifyStore(store, lifecycles, []);
      expect(verified).toMatchObject({ ...inRecord(2, 'unknown-lifecycle', forged), divergenceCount: 1 });
      const { name, version, digest } = reference;
      expect(verified.firstDivergence?.detail).toMatch(
        `Version 2 of ${forged} was recorded under lifecycle ${name} v${version} (digest ${digest})`,
      );
    },
  );

  test('given its definition alone, then a history under it is verified', async () => {
    const statechart = statechartOf(lifecycles.current('inspection-recommendation').definition);
    const known = { find: () => statechart, notKnown: () => '' };
    await appendEvents('731', issued, { type: 'ProgressStarted', data: {} });
    expect(await verifyStore(store, known, [])).toMatchObject({ ok: true });
    await forge('731', draft('t', { type: 'RecommendationReopened', data: {}, sensitive: [] }));
    expect(await verifyStore(store, known, [])).toMatchObject(inRecord(3, 'illegal-event', forged));
  });
});

/** Returns each divergence's version and code. */
const places = ({ divergences }: Verification): string[] =>
  divergences.map(({ version, code }) => `${version} ${code}`);

describe('well-sealed history in another order than commands leave', () => {
  /** Alters the store's events, all of record 730, and seals them again. */
  function seal(changed: (event: Envelope) => Partial<Envelope>): void {
    store.change = (events) => {
      let previousHash: string | null = null;
      return events.map((event) => {
        const next: Envelope = { ...event, ...changed(event), previousHash };
        previousHash = envelopeHash(next);
        return { ...next, hash: previousHash };
      });
    };
  }

  test('given an event that was recorded before the one ahead of it, then it is named', async () => {
    seal(({ version }) => (version === 4 ? { recordedAt: `${TODAY}T11:59:59.999Z` } : {}));
    expect(places(await verifyStore(store, lifecycles, []))).toEqual(['4 recorded-at']);
  });

  test.each(['yesterday', `${TODAY}T12:00:00Z`])(
    'given one recorded at %s, then it is named',
    async (text) => {
      seal(({ version }) => (version === 4 ? { recordedAt: text } : {}));
      expect(places(await verifyStore(store, lifecycles, []))).toEqual(['4 recorded-at']);
    },
  );

  test('given a command that comes back behind another one, then its first event there is named', async () => {
    const id = randomUUID();
    const other = (event: Envelope) => ({
      command: { ...event.command, id, digest: null },
      salts: Object.fromEntries(
        Object.entries(event.salts).filter(([pointer]) => pointer !== COMMAND_DIGEST),
      ),
    });
    seal((event) => (event.version === 4 ? { ...other(event), eventId: eventId(id, 0) } : {}));
    expect(places(await verifyStore(store, lifecycles, []))).toEqual(['5 event-id']);
  });

  test.each([
    ['with a gap', [0, 1, 2, 4, 5, 6], ['4 event-id']],
    ['with two exchanged', [0, 1, 2, 3, 5, 4], ['5 event-id', '6 event-id']],
    ['from seven on', [7, 8, 9, 10, 11, 12], []],
  ])(
    'given a command whose events are numbered %s, then each out of place is named',
    async (_, numbers, found) => {
      seal(({ version, command }) => ({ eventId: eventId(command.id, numbers[version - 1]!) }));
      expect(places(await verifyStore(store, lifecycles, []))).toEqual(found);
    },
  );

  test('given an invalid event, then the number of the next one is not reported', async () => {
    seal(({ version, command }) => (version === 4 ? { eventId: eventId(command.id, 10_000) } : {}));
    expect(places(await verifyStore(store, lifecycles, []))).toEqual(['4 event-id']);
  });

  test.each([
    [`${TODAY}T12:54:59.999Z`, [expect.objectContaining({ code: 'before-checkpoint' })]],
    [`${TODAY}T12:55:00.000Z`, undefined],
  ])(
    'given one recorded at %s behind a checkpoint of 13:00, then only more than five minutes are a warning',
    async (recordedAt, warnings) => {
      const [origin, head] = ['docket.example/log', await headOfLog(store)];
      const [size, root] = [head.size, Buffer.from(head.root, 'hex')];
      const text = printCheckpoint({ origin, size: BigInt(size), root });
      const note = printNote({
        text,
        signatures: [signNote(text, origin, generateKeyPairSync('ed25519').privateKey)],
      });
      const data = { origin, size, root: root.toString('base64'), note };
      const signed = draft('', { type: 'CheckpointSigned', state: null, data, sensitive: [] });
      await store.append(
        commit([append('checkpoints', 0, signed)], { recordedAt: `${TODAY}T13:00:00.000Z` }),
      );
      await store.append(commit([append('refusals-x', 0, draft('t', { state: null }))], { recordedAt }));
      expect(await verifyStore(store, lifecycles, [])).toMatchObject({ ok: true });
      expect((await verifyStore(store, lifecycles, [])).warnings).toEqual(warnings);
    },
  );
});

describe('a clock that was ahead in the middle of the log', () => {
  const FUTURE = '2027-03-05T12:00:00.000Z';
  const LATER = '2028-03-05T12:00:00.000Z';
  const at = async (
    recordedAt: string,
    streamId: string,
    draft_: EventDraft = draft('t', { state: null }),
  ) => {
    const { length } = await store.readStream(streamId);
    await store.append(commit([append(streamId, length, draft_)], { recordedAt }));
  };
  const leaps = async (): Promise<(string | null)[]> => {
    const { ok, warnings = [] } = await verifyStore(store, lifecycles, []);
    expect(ok).toBe(true);
    return warnings.map(({ code, position }) => `${code} ${position}`);
  };

  test('given events of a false future, and no one confirmed the time, then the next one is named, once', async () => {
    await at(FUTURE, 'refusals-a');
    await at(`${TODAY}T12:00:01.000Z`, 'refusals-b');
    await at(`${TODAY}T12:00:02.000Z`, 'refusals-b');
    expect(await leaps()).toEqual(['clock-leap 8']);
  });

  test('given a stream that continues with the time of its last event, then that is not a further leap', async () => {
    await at(FUTURE, 'refusals-a');
    await at(`${TODAY}T12:00:01.000Z`, 'refusals-b');
    await at(`${TODAY}T12:00:02.000Z`, 'refusals-a');
    await at(`${TODAY}T12:00:03.000Z`, 'refusals-b');
    expect(await leaps()).toEqual(['clock-leap 8']);
  });

  test.each([
    ['later', LATER],
    ['earlier', `${TODAY}T19:00:00.000Z`],
  ])('given a second leap to a time that is %s, then each is named', async (_, second) => {
    await at(FUTURE, 'refusals-a');
    await at(`${TODAY}T12:00:01.000Z`, 'refusals-b');
    await at(second, 'refusals-c');
    await at(`${TODAY}T12:00:02.000Z`, 'refusals-b');
    expect(await leaps()).toEqual(['clock-leap 8', 'clock-leap 10']);
  });

  test('given times of nodes that differ by minutes, then nothing is named', async () => {
    await at(`${TODAY}T12:05:00.000Z`, 'refusals-a');
    await at(`${TODAY}T12:00:01.000Z`, 'refusals-b');
    expect(await leaps()).toEqual([]);
  });

  test('given records alone, then nothing is named: their times are not in the order of the log', async () => {
    await at(FUTURE, recordStream('731'), draft('t', { state: null }));
    const { warnings } = await verifyStore(store, lifecycles, ['731', '730']);
    expect(warnings).toBeUndefined();
  });
});

describe('more than one divergence', () => {
  test('given several events that were changed, then each is named once, and none that follows one', async () => {
    store.change = (events) =>
      events.map((event) => {
        if (event.version === 2) return { ...event, effectiveOn: '2016-10-01' };
        if (event.version === 4) return { ...event, data: { ...event.data, text: 'Another.' } };
        return event.version === 6 ? { ...event, salts: null as never } : event;
      });

    const verified = await verifyStore(store, lifecycles, []);
    expect(places(verified)).toEqual(['2 hash', '4 commitment', '6 malformed']);
    expect(verified).toMatchObject({ ok: false, divergenceCount: 3, events: 6 });
    expect(verified.firstDivergence).toEqual(verified.divergences[0]);
  });

  test.each<[string, (events: Envelope[]) => Envelope[], string[]]>([
    ['one that is gone', (events) => events.filter(({ version }) => version !== 2), ['3 version']],
    [
      'one that says to be of another stream',
      (events) =>
        events.map((event) => (event.version === 2 ? { ...event, streamId: 'recommendation-9' } : event)),
      ['2 hash'],
    ],
    [
      'one of another type',
      (events) =>
        events.map((event) => (event.version === 2 ? { ...event, type: 'RecommendationReopened' } : event)),
      ['2 hash'],
    ],
    ['the first one that is gone', (events) => events.slice(1), ['2 version']],
  ])('given %s, then that is all', async (_, change, expected) => {
    const kept = store;
    const entries = await Array.fromAsync(kept.inspect());
    kept.change = change;
    // The store's own index stays unchanged.
    kept.inspect = async function* () {
      for (const event of await Promise.resolve(change(entries.flatMap(({ event }) => event ?? [])))) {
        const found = entries.find(({ position }) => position === event.position)!;
        yield { ...found, event };
      }
    };

    expect(places(await verifyStore(kept, lifecycles, []))).toEqual(expected);
  });

  test('given very many, then the first hundred are named, and how many there are', async () => {
    const { eventId } = (await store.readStream(recordStream('730')))[0]!;
    const comments = Array.from({ length: 150 }, () => ({
      type: 'CommentAdded',
      data: { text: eventId, visibility: 'public' },
    }));
    await appendEvents('730', ...comments);
    store.change = (events) =>
      events.map((event) => (event.version > 6 ? { ...event, effectiveOn: '2016-10-01' } : event));

    const verified = await verifyStore(store, lifecycles, []);
    expect(verified.divergences).toHaveLength(100);
    expect(verified.divergenceCount).toBe(150);
  });

  test('given an event that occurs twice, once in another stream, then its id is named', async () => {
    const [first] = await store.readStream(recordStream('730'));
    const { position: _, ...copy } = first!;
    const forged = { ...copy, streamId: recordStream('731') };
    await store.appendSealed([{ ...forged, hash: envelopeHash({ ...forged, position: '' }) }]);

    expect(await verifyStore(store, lifecycles, [])).toMatchObject({
      firstDivergence: { streamId: recordStream('731'), version: 1, position: '7', code: 'event-id' },
      divergenceCount: 1,
    });
  });
});

describe('the findings of a store about its structure', () => {
  const found = async (change: (entry: StoredEntry) => StoredEntry, ids: string[] = []) => {
    const entries = await Array.fromAsync(store.inspect());
    store.inspect = async function* () {
      for (const entry of entries) yield await Promise.resolve(change(entry));
    };
    return verifyStore(store, lifecycles, ids);
  };
  const unreadable = { event: null, faults: [{ code: 'unreadable', detail: 'no JSON' } as const] };

  test('given an event that cannot be read, then its record, version and position are named, and the rest verified', async () => {
    const verified = await found((entry) => (entry.version === 3 ? { ...entry, ...unreadable } : entry));

    expect(verified).toMatchObject({ ok: false, events: 6, divergenceCount: 1 });
    expect(verified.firstDivergence).toEqual({
      position: '3',
      streamId: recordStream('730'),
      version: 3,
      code: 'unreadable',
      detail: 'no JSON',
    });
  });

  test('given events that reads do not find as they say, then each is named; not where its content is none', async () => {
    const faults = [{ code: 'index', detail: 'found by another' } as const];
    const verified = await found(({ event, ...entry }) => {
      if (entry.version === 2) return { ...entry, event, faults };
      return {
        ...entry,
        event: entry.version === 4 ? { ...event!, type: 'Other' } : event,
        faults: entry.version === 4 ? faults : [],
      };
    });

    expect(places(verified)).toEqual(['2 index', '4 hash']);
  });

  test('given an object that represents no event, then it is named, and counts as none', async () => {
    const stray: StoredEntry = {
      position: null,
      streamId: 's-9',
      version: null,
      event: null,
      faults: [{ code: 'index', detail: 'a name without events' }],
    };
    const verified = await found((entry) => (entry.version === 6 ? stray : entry));

    expect(verified).toMatchObject({ events: 5, firstDivergence: { ...stray.faults[0], streamId: 's-9' } });
  });
});

describe('a kept checkpoint', () => {
  test('given the same events in another store, some values erased, and more events, then they extend it', async () => {
    const kept = await headOfLog(store);
    const copy = new MemoryEventStore(createSealer());
    await copy.appendSealed(await store.readStream(recordStream('730')));
    await copy.erase(recordStream('730'), 4, ['/data/text']);
    expect(await headOfLog(copy)).toEqual(kept);
    await appendEvents('731', issued);
    expect(await verifyStore(store, lifecycles, [], { kept })).toMatchObject({ ok: true });
    const none = await headOfLog(new MemoryEventStore(createSealer()));
    expect(await verifyStore(store, lifecycles, [], { kept: none })).toMatchObject({ ok: true });
  });

  const ended = /the log has 6 events, and had 7: its end is cut off/;
  const other = /the first 7 events no longer have the root .* lost, inserted, rewritten or moved/;
  const resealed = (event: SealedEnvelope): SealedEnvelope => {
    const changed = { ...event, effectiveOn: '2020-01-01', position: '' };
    return { ...changed, hash: envelopeHash(changed) };
  };

  test.each<[string, RegExp, (events: readonly SealedEnvelope[]) => readonly SealedEnvelope[]]>([
    ['its end was cut off', ended, (events) => events.slice(0, 6)],
    ['a record was lost', ended, (events) => events.filter(({ streamId }) => !streamId.endsWith('731'))],
    ['its events are in another order', other, (events) => [events.at(-1)!, ...events.slice(0, -1)]],
    ['its last event was sealed anew', other, (events) => [...events.slice(0, -1), resealed(events.at(-1)!)]],
  ])('given that %s, then only the kept checkpoint reveals it', async (_, detail, change) => {
    await appendEvents('731', issued);
    const kept = await headOfLog(store);
    const changed = new MemoryEventStore(createSealer());
    await changed.appendSealed(change(await store.readAll()));

    expect(await verifyStore(changed, lifecycles, [])).toMatchObject({ ok: true });
    expect(await verifyStore(changed, lifecycles, [], { kept })).toMatchObject({
      ok: false,
      firstDivergence: { code: 'head', detail: expect.stringMatching(detail) as unknown },
      divergenceCount: 1,
    });
  });
});

test('given events dated in the future, then that is a warning, and no divergence', async () => {
  const recordedAt = '2999-01-01T00:00:00.000Z';
  await store.append(commit([append('refusals-x', 0, draft('t', { state: null }))], { recordedAt }));
  expect(await verifyStore(store, lifecycles, [], { now: Date.parse(`${TODAY}T12:00:00Z`) })).toMatchObject({
    ok: true,
    warnings: [{ code: 'clock-leap', position: null, detail: expect.stringContaining('2999') as unknown }],
  });
});
