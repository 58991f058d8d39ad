import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { append, commit, draft } from '../../../test/support/event-commits.ts';
import { inspectionRecommendation } from '../../../state-machines/inspection-recommendation/v1/lifecycle.ts';
import { issueStream, recordStream } from '../../../state-machines/inspection-recommendation/v1/record.ts';
import { createSealer } from '../../audit/src/seal.ts';
import type { Envelope } from '../../event-sourcing/src/envelope.ts';
import type { EventDraft } from '../../event-sourcing/src/event-store.ts';
import { MemoryEventStore } from '../../event-store/src/memory-event-store.ts';
import { draftEvents } from '../../lifecycle/src/decide.ts';
import type { DecidedEvent } from '../../lifecycle/src/decide.ts';
import { importRecord } from './import-record.ts';
import { currentState } from './read-record.ts';
import { verifyStore } from './verify-store.ts';

const sample = readFileSync(new URL('../../../test/fixtures/730.txt', import.meta.url));
const reference = { name: 'inspection-recommendation', version: 1, digest: '0'.repeat(64) };
const actor = { subject: 'an-administrator', roles: ['administrator'] };
const TODAY = '2026-11-24';

/** A copy in which somebody has changed something behind the chain's back. */
class TamperedStore extends MemoryEventStore {
  change: (events: Envelope[]) => Envelope[] = (events) => events;

  override async readStream(...of: Parameters<MemoryEventStore['readStream']>): Promise<Envelope[]> {
    return this.change(await super.readStream(...of));
  }

  override async readAll(...of: Parameters<MemoryEventStore['readAll']>): Promise<Envelope[]> {
    return this.change(await super.readAll(...of));
  }

  /** Changes one event of record 730. */
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
  await importRecord(store, reference, {
    source: sample,
    id: null,
    recipient: null,
    dryRun: false,
    actor,
    now: Date.parse(`${TODAY}T12:00:00Z`),
    commandId: randomUUID(),
    request: null,
    correlationId: 'a-correlation',
  });
});

/** Appends what no command would: the store seals whatever it is given. */
async function forge(id: string, ...drafts: readonly EventDraft[]): Promise<void> {
  const { length } = await store.readStream(recordStream(id));
  await store.append(commit([append(recordStream(id), length, ...drafts)]));
}

async function happened(id: string, ...events: readonly DecidedEvent[]): Promise<void> {
  const before = currentState(await store.readStream(recordStream(id)));
  await forge(id, ...draftEvents(inspectionRecommendation, before, events, TODAY, actor).drafts);
}

const issued: DecidedEvent = {
  type: 'RecommendationIssued',
  data: { title: 'Units', text: 'Do it.', recipient: 'avon' },
};

const inRecord = (version: number, code: string, streamId = recordStream('730')) => ({
  ok: false,
  firstDivergence: { streamId, version, code, detail: expect.any(String) as unknown },
});

describe('history that holds', () => {
  test('given nothing, then it holds', async () => {
    expect(await verifyStore(new MemoryEventStore(createSealer()), [])).toEqual({
      ok: true,
      streams: 0,
      events: 0,
      firstDivergence: null,
    });
  });

  test('given records and a stream that follows no lifecycle, then all of them are counted', async () => {
    await happened('731', issued, { type: 'ProgressStarted', data: {} });
    const held = draft('t', { type: 'RecommendationsIssued', state: null, data: {}, sensitive: [] });
    await store.append({ ...commit([append(issueStream('732'), 0, held, held)]), lifecycle: null });

    expect(await verifyStore(store, [])).toEqual({ ok: true, streams: 3, events: 10, firstDivergence: null });
  });

  test('given ids, then only those records are verified, each once', async () => {
    await happened('731', issued);

    expect(await verifyStore(store, ['731'])).toMatchObject({ ok: true, streams: 1, events: 1 });
    expect(await verifyStore(store, ['731', '730', '731'])).toMatchObject({
      ok: true,
      streams: 2,
      events: 7,
    });
  });

  test('given values that a redaction names, then it holds', async () => {
    const { eventId } = (await store.readStream(recordStream('730')))[3]!;
    await happened('730', {
      type: 'CommentRedacted',
      data: { eventId, erased: ['/data/text'], reason: 'r' },
    });
    await store.erase(recordStream('730'), 4, ['/data/text']);

    expect(await verifyStore(store, [])).toMatchObject({ ok: true });
    expect(await verifyStore(store, ['730'])).toMatchObject({ ok: true });
  });

  test('given events, then progress is told for each', async () => {
    const told: number[] = [];
    await verifyStore(store, [], (events) => told.push(events));

    expect(told).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('a record that is not there', () => {
  test('given an id without a record, then it does not hold', async () => {
    expect(await verifyStore(store, ['999'])).toMatchObject(inRecord(0, 'not-found', recordStream('999')));
    expect(await verifyStore(store, ['730', '999'])).toMatchObject({ ok: false, events: 6 });
  });
});

describe('a copy that was tampered with', () => {
  test.each<[string, number, string, (event: Envelope) => Partial<Envelope>]>([
    ['another date', 2, 'hash', () => ({ effectiveOn: '2016-10-01' })],
    ['another actor', 1, 'hash', () => ({ actor: { subject: 'another', roles: [] } })],
    ['another type', 2, 'hash', () => ({ type: 'RecommendationCompleted' })],
    ['another state', 2, 'hash', ({ state }) => ({ state: { ...state, progress: 'complete' } })],
    ['another text', 4, 'commitment', ({ data }) => ({ data: { ...data, text: 'Another.' } })],
    ['another salt', 4, 'commitment', () => ({ salts: { '/data/text': '0'.repeat(32) } })],
    ['another hash', 4, 'hash', () => ({ hash: '0'.repeat(64) })],
    ['another hash before it', 4, 'hash', () => ({ previousHash: '0'.repeat(64) })],
  ])('given %s, then its stream and version are named', async (_, version, code, changed) => {
    store.changeEvent(version, changed);

    expect(await verifyStore(store, [])).toMatchObject(inRecord(version, code));
    expect(await verifyStore(store, ['730'])).toMatchObject(inRecord(version, code));
  });

  test('given an event is missing, then the hole is named', async () => {
    store.change = (events) => events.filter(({ version }) => version !== 3);

    expect(await verifyStore(store, ['730'])).toMatchObject(inRecord(4, 'version'));
  });

  test('given two events in each other’s place, then the first is named', async () => {
    store.change = (events) =>
      events.length < 4 ? events : [events[0]!, events[2]!, events[1]!, ...events.slice(3)];

    expect(await verifyStore(store, ['730'])).toMatchObject(inRecord(3, 'version'));
  });

  test('given an erased value that no redaction names, then its event is named', async () => {
    await store.erase(recordStream('730'), 5, ['/data/text']);

    expect(await verifyStore(store, [])).toMatchObject(inRecord(5, 'missing-value'));
  });

  test('given one record of several, then only who asks for it is told', async () => {
    await happened('731', issued);
    store.changeEvent(2, () => ({ effectiveOn: '2016-10-01' }));

    expect(await verifyStore(store, ['731'])).toMatchObject({ ok: true });
    expect(await verifyStore(store, ['731', '730'])).toMatchObject(inRecord(2, 'hash'));
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
    ['no state', null],
  ])('given a stored state with %s, then it is named', async (_, state) => {
    await forge('731', first, draft('t', { type: 'ProgressStarted', state, data: {} }));

    expect(await verifyStore(store, [])).toMatchObject(inRecord(2, 'state', forged));
  });

  test('given another state at the first event, then it is named', async () => {
    await forge('731', { ...first, state: { ...value, progress: 'complete' } });

    expect(await verifyStore(store, ['731'])).toMatchObject(inRecord(1, 'state', forged));
  });

  test.each(['RecommendationReopened', 'ReturnedToReview', 'RecommendationIssued', 'SomethingElse'])(
    'given %s where the statechart does not take it, then it is named',
    async (type) => {
      await forge('731', first, draft('t', { type, data: {} }));

      expect(await verifyStore(store, [])).toMatchObject(inRecord(2, 'illegal-event', forged));
    },
  );

  test('given a stream that does not begin with the issue, then its first event is named', async () => {
    await forge('731', draft('A comment.'));

    expect(await verifyStore(store, [])).toMatchObject(inRecord(1, 'illegal-event', forged));
  });

  test('given an event of a record that claims to follow no lifecycle, then the statechart counts all the same', async () => {
    await forge('731', first);
    const forgedDraft = draft('t', { type: 'RecommendationReopened', state: null, data: {} });
    await store.append({ ...commit([append(forged, 1, forgedDraft)]), lifecycle: null });

    expect(await verifyStore(store, [])).toMatchObject(inRecord(2, 'illegal-event', forged));
  });
});
