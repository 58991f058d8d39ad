import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeEach, expect, test } from '@jest/globals';
import { commandIds, createSealer, matchesRequest } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { commitFor } from '#lifecycle/commit-for';
import { commandRow } from '#lifecycle/decide';
import type { DecidedEvent } from '#lifecycle/decide';
import { commandPayload } from '#lifecycle/shapes';
import { IllegalTransitionError } from '#lifecycle/statechart';
import { collectLog } from '../support/event-streams.ts';
import { CommandHandler } from '#lifecycle/handle-command';
import { Lifecycles } from '#lifecycle/lifecycles';
import { recommendations } from '#state-machines/inspection-recommendation/versions';
import { lifecycles } from '#state-machines/lifecycles';
import { rolesPolicy } from '#state-machines/access';
import { londonDate } from '#state-machines/london';
import { verifyStore } from '#use-cases/log/verify-store';
import { SWEEPER, thresholdRecorder } from '#use-cases/records/sweep-deadlines';
import { importRecord } from '#use-cases/register-files/import-record';
import { importCall } from '../support/register-imports.ts';
import { letters } from './letters.ts';

const RECORD_730 = readFileSync(new URL('../fixtures/730.txt', import.meta.url), 'utf8');
const NOW = Date.parse('2026-11-24T12:00:00.000Z');
const STREAM = 'letter-1';
const ann = { subject: 'ann', roles: ['inspector'] };

const both = new Lifecycles<unknown>(...lifecycles.all, letters);

const RECOMMENDATION = 'recommendation-730';

/**
 * Returns a command that files a letter and adds an event to a recommendation: a comment, or the end of its progress,
 * which not every state allows.
 */
const leaving = (elsewhere: DecidedEvent) =>
  commandRow<{ readonly author: string | null }, object>({
    summary: 'Files the letter, and leaves a copy on a recommendation.',
    payload: commandPayload('CopyLetterPayload', {}),
    roles: ['inspector'],
    emits: ['LetterFiled'],
    emitsElsewhere: [elsewhere.type],
    nextStream: (_, __, loaded) => (loaded.has(RECOMMENDATION) ? null : RECOMMENDATION),
    events: () => [
      { type: 'LetterFiled', data: { place: 'Room 4' } },
      { ...elsewhere, streamId: RECOMMENDATION },
    ],
  });
const copying = {
  ...letters,
  commands: {
    ...letters.commands,
    'copy-letter': leaving({ type: 'CommentAdded', data: { text: 'See the letter.', visibility: 'public' } }),
    'reopen-all': leaving({ type: 'RecommendationReopened', data: { reason: 'See the letter.' } }),
  },
};

let store: MemoryEventStore;
let handler: CommandHandler;

beforeEach(async () => {
  store = new MemoryEventStore(createSealer());
  handler = new CommandHandler({
    store,
    lifecycles: new Lifecycles<unknown>(...recommendations, copying),
    civilDay: londonDate,
    matchesRequest,
    commandIds,
    dueRecorder: thresholdRecorder(SWEEPER),
    roles: { ...rolesPolicy, rolesOn: ({ roles }) => roles },
    services: {},
  });
  await importRecord(store, both, importCall(RECORD_730));
  const header = { ids: commandIds(randomUUID()), name: 'write', actor: ann, now: NOW, correlationId: 'c' };
  const written = {
    streamId: STREAM,
    expectedVersion: 0,
    lifecycle: letters,
    before: null,
    decided: () => [{ type: 'LetterWritten', data: { text: 'Dear Kent' } }],
    effectiveOn: '2026-11-24',
  };
  await store.append(commitFor(header, [written]).commit);
});

const send = (command: string) =>
  handler.handle({
    ...{
      streamId: STREAM,
      command,
      body: {},
      actor: ann,
      organisations: [],
      now: NOW,
      commandId: randomUUID(),
    },
    ...{ request: null, expectedVersions: null, correlationId: 'c', mayTouch: () => true },
  });

test('given a command that writes on records of two kinds, then it is one commit, and the log verifies', async () => {
  await send('copy-letter');
  // Events that are due on the recommendation come before them.
  const events = (await collectLog(store)).slice(-2);
  expect(events.map(({ type, lifecycle }) => [type, lifecycle?.name])).toEqual([
    ['LetterFiled', 'letter'],
    ['CommentAdded', 'inspection-recommendation'],
  ]);
  expect(new Set(events.map(({ command }) => command.id)).size).toBe(1);
  expect(await verifyStore(store, both, [])).toMatchObject({ ok: true });
});

test('given the record of the other kind does not accept its event, then nothing is recorded on either', async () => {
  const before = await collectLog(store);
  await expect(send('reopen-all')).rejects.toBeInstanceOf(IllegalTransitionError);
  expect(await collectLog(store)).toEqual(before);
});

test('docs/lifecycles.md shows the whole of it and parts of complaints, in 1,500 words', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const guide = read('../../docs/lifecycles.md');
  expect(guide.trim().split(/\s+/).length).toBeLessThanOrEqual(1_500);
  const [example, ...parts] = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code ?? '');
  expect(example).toBe(read('./letters.ts').replaceAll(/'#state-machines\/([^']+)'/g, "'../$1.ts'"));
  const complaints = read('./complaints.ts');
  expect(parts.filter((part) => !complaints.includes(part.trimEnd()))).toEqual([]);
  expect(parts).toHaveLength(3);
});
