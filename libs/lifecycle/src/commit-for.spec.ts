import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commandIds, createSealer } from '#audit/seal';
import type { EventDraft } from '#event-sourcing/event-store';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { commitFor } from './commit-for.ts';
import { freeText } from './fields.ts';
import { shape } from './shapes.ts';
import type { CommandIds, CommitHeader, DecidedAppend } from './commit-for.ts';
import type { DecidedEvent } from './decide.ts';
import type { LifecycleState } from './lifecycle-definition.ts';
import { defineLifecycle } from './lifecycle.ts';
import { NO_SUMMARY } from './summary.ts';
import { statechartOf } from './statechart.ts';

interface Facts {
  /** The ids of the leaves written, as the fold saw them. */
  readonly leaves: readonly string[];
  /** Pairs of a leaf and the one that continues it. */
  readonly continued: readonly (readonly [from: string, to: string])[];
}

/** A diary whose facts contain every leaf's id. */
const statechart = statechartOf({
  name: 'diary',
  version: 1,
  statusRegion: 'lock',
  machine: {
    id: 'diary',
    type: 'parallel',
    states: { lock: { initial: 'open', states: { open: { on: { Locked: 'locked' } }, locked: {} } } },
  },
  guards: {},
  events: {
    Begun: { kind: 'first', schemaVersion: 1 },
    Locked: { kind: 'move', owner: 'lock', schemaVersion: 1 },
    LeafWritten: { kind: 'note', schemaVersion: 3 },
    Opened: { kind: 'note', schemaVersion: 1 },
  },
});
const diary = defineLifecycle<Facts>(statechart, 'd', {
  shapes: {
    ...{ Begun: shape({}), Locked: shape({}), Opened: shape({}) },
    LeafWritten: shape({ text: freeText() }, 3),
  },
  beginning: { code: 'before-diary', what: 'the diary' },
  summary: NO_SUMMARY,
  fullness: { stillAccepted: 'a lock' },
  facts: {
    initial: { leaves: [], continued: [] },
    evolve: (facts, event) => {
      if (event.type !== 'LeafWritten') return facts;
      const { eventId, data } = event;
      const continues = data['continues'];
      return {
        leaves: [...facts.leaves, eventId],
        continued:
          typeof continues === 'string' ? [...facts.continued, [continues, eventId]] : facts.continued,
      };
    },
  },
});

const COMMAND = '6f2c1f0e-6a55-4b0a-9c53-5f1f6f2f0d3e';
const DAY = '2026-11-25';

const header = (more: Partial<CommitHeader> = {}): CommitHeader => ({
  ids: commandIds(COMMAND),
  name: 'write',
  actor: { subject: 'ann', roles: ['writer'] },
  now: Date.parse('2026-11-25T09:30:00.000Z'),
  correlationId: '0b6c1f0e-6a55-4b0a-9c53-5f1f6f2f0d3e',
  ...more,
});
const begun: DecidedEvent = { type: 'Begun', data: {} };
const leaf = (text: string): DecidedEvent => ({ type: 'LeafWritten', data: { text } });
const newDiary = (streamId: string, decided: DecidedAppend<Facts>['decided']): DecidedAppend<Facts> => ({
  streamId,
  expectedVersion: 0,
  lifecycle: diary,
  before: null,
  decided,
  effectiveOn: DAY,
});
const noted = (streamId: string, count: number) => ({
  streamId,
  expectedVersion: 0,
  events: Array.from({ length: count }, (): EventDraft => ({
    type: 'Noted',
    schemaVersion: 1,
    effectiveOn: DAY,
    data: {},
    state: null,
    sensitive: [],
  })),
});

/** Returns the same ids, and records the requested indexes. */
function counted(): { readonly ids: CommandIds; readonly requestedIndexes: number[] } {
  const requestedIndexes: number[] = [];
  const { commandId, eventIdAt } = commandIds(COMMAND);
  const at = (index: number) => {
    requestedIndexes.push(index);
    return eventIdAt(index);
  };
  return { ids: { commandId, eventIdAt: at }, requestedIndexes };
}

describe('a commit', () => {
  test('records the command, its person, time and decision; by default it is a live command without a key', () => {
    const said = {
      command: { id: COMMAND, name: 'write', request: null },
      actor: { subject: 'ann', roles: ['writer'] },
      decision: null,
      correlationId: '0b6c1f0e-6a55-4b0a-9c53-5f1f6f2f0d3e',
      causationId: null,
      origin: 'command',
      lifecycle: null,
      recordedAt: '2026-11-25T09:30:00.000Z',
    };
    expect(commitFor(header(), []).commit).toEqual({ ...said, appends: [] });
    const request = { method: 'POST', path: '/diaries', payload: {} };
    const decision = { role: 'writer', guards: ['open'] };
    const more = { request, decision, origin: 'import' } as const;
    expect(commitFor(header(more), [noted('n', 1)]).commit).toEqual({
      ...said,
      command: { ...said.command, request },
      decision,
      origin: 'import',
      appends: [noted('n', 1)],
    });
  });

  test('has for each stream its decided or drafted events, or only its version, and the states after the decision', () => {
    const continued = newDiary('b', () => [leaf('two')]);
    const { states: before } = commitFor(header(), [newDiary('b', () => [begun])]);
    const { commit, states } = commitFor(header(), [
      newDiary('a', () => [begun, { ...leaf('one'), effectiveOn: '2026-11-20' }]),
      { streamId: 'unused', expectedVersion: 0, events: [] },
      noted('n', 1),
      { ...continued, expectedVersion: 1, before: before.get('b')! },
    ]);
    const open = { lock: 'open' };
    const written = { type: 'LeafWritten', schemaVersion: 3, state: open, sensitive: ['/data/text'] };
    expect(commit.appends).toEqual([
      {
        streamId: 'a',
        expectedVersion: 0,
        events: [
          { type: 'Begun', schemaVersion: 1, effectiveOn: DAY, data: {}, state: open, sensitive: [] },
          { ...written, effectiveOn: '2026-11-20', data: { text: 'one' } },
        ],
      },
      { streamId: 'unused', expectedVersion: 0, events: [] },
      noted('n', 1),
      {
        streamId: 'b',
        expectedVersion: 1,
        events: [{ ...written, effectiveOn: DAY, data: { text: 'two' } }],
      },
    ]);
    expect(commit.lifecycle).toEqual({ name: 'diary', version: 1, digest: 'd' });
    expect([...states.keys()]).toEqual(['a', 'b']);
    expect(states.get('b')).toMatchObject({ value: open, size: { events: 2 }, facts: { leaves: [{}] } });
  });

  test('is refused by the lifecycle for an event that it does not accept', () => {
    const twice = [begun, { type: 'Locked', data: {} }, { type: 'Locked', data: {} }];
    expect(() => commitFor(header(), [newDiary('a', () => twice)])).toThrow('Locked is not legal');
  });
});

/**
 * The events for one stream of a commit: decided diary events, each a leaf that may continue an earlier one; drafts; or
 * none.
 */
const anyStream = fc.oneof(
  fc.array(fc.option(fc.nat(9)), { minLength: 1, maxLength: 6 }).map((leaves) => ({ leaves })),
  fc.nat(3).map((drafts) => ({ drafts })),
);

describe('the ids of a commit’s events', () => {
  test('given any streams, then decisions and folds see exactly what is stored', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStream, { maxLength: 6 }), fc.uuid(), async (streams, id) => {
        const store = new MemoryEventStore(createSealer());
        const found: string[][] = streams.map(() => []);
        const { commit, states } = commitFor(
          header({ ids: commandIds(id) }),
          streams.map((stream, index) =>
            'drafts' in stream
              ? noted(`s${index}`, stream.drafts)
              : newDiary(`s${index}`, (eventIdAt) => {
                  found[index] = [...stream.leaves.keys()].map((each) => eventIdAt(each + 1));
                  return [begun, ...stream.leaves.map((from, at) => continuing(from, at, found[index]!))];
                }),
          ),
        );
        const { events } = await store.append(commit);
        const all = await store.readAll();
        expect(all.map(({ eventId }) => eventId)).toEqual(events.map(({ eventId }) => eventId));
        expect(new Set(all.map(({ eventId }) => eventId)).size).toBe(all.length);
        for (const index of streams.keys()) {
          const stored = await store.readStream(`s${index}`);
          const leaves = stored.filter(({ type }) => type === 'LeafWritten');
          expect(leaves.map(({ eventId }) => eventId)).toEqual(found[index]);
          let folded: LifecycleState<Facts> | null = null;
          for (const event of stored) if (event.lifecycle) folded = diary.evolve(folded, event);
          expect(states.get(`s${index}`)).toEqual(folded ?? undefined);
        }
      }),
    );
  });

  /** Returns a leaf that refers to an earlier one of the same commit. */
  function continuing(from: number | null, at: number, ids: readonly string[]): DecidedEvent {
    const data = from === null || at === 0 ? {} : { continues: ids[from % at]! };
    return { ...leaf('…'), data: { text: '…', ...data }, eventId: ids[at]! };
  }

  test('given an event that was announced under a different id, then nothing can be appended', () => {
    const other = commandIds(COMMAND).eventIdAt(2);
    expect(() =>
      commitFor(header(), [newDiary('a', () => [begun, { ...leaf('x'), eventId: other }])]),
    ).toThrow(`LeafWritten was announced with the id ${other}, but gets ${commandIds(COMMAND).eventIdAt(1)}`);
  });

  test('given events whose ids are not kept, then none is hashed; else one for each that is kept', () => {
    const { ids, requestedIndexes } = counted();
    commitFor(header({ ids }), [
      noted('n', 3),
      newDiary('a', () => [begun, { type: 'Opened', data: {} }, { type: 'Locked', data: {} }]),
    ]);
    expect(requestedIndexes).toEqual([]);
    commitFor(header({ ids }), [noted('n', 3), newDiary('a', () => [begun, leaf('x')])]);
    expect(requestedIndexes).toEqual([4]);
  });

  test('given the same command again, then they are the same: a repeated key and a second sweep create no other event', async () => {
    const request = { method: 'POST', path: '/diaries', payload: {} };
    const store = new MemoryEventStore(createSealer());
    const write = async () => {
      const streams = [newDiary('a', () => [begun, leaf('x')])];
      return store.append(commitFor(header({ request }), streams).commit);
    };
    const first = await write();
    const again = await write();
    expect(again.repeated).toBe(true);
    expect(again.events.map(({ eventId }) => eventId)).toEqual(first.events.map(({ eventId }) => eventId));
    expect(await store.readAll()).toHaveLength(2);
  });
});
