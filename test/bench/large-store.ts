import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { SEALER_MODULE } from '#audit/seal';
import type { Actor } from '#event-sourcing/envelope';
import type { Commit, EventDraft, EventStore } from '#event-sourcing/event-store';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { addDays } from '#lifecycle/plain-date';
import { draftEvents } from '#lifecycle/decide';
import type { DecidedEvent } from '#lifecycle/decide';
import { PROJECTIONS } from '#platform/projections';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { ProjectionRunner } from '#projections/runner';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { lifecycles } from '#state-machines/lifecycles';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { recordedBy } from '../support/recording.ts';

/** The size of a store. Its records have equally many events, or one less. */
interface StoreSize {
  readonly records: number;
  readonly events: number;
}

/** The files of a store; their names in `folder` are those of the service. */
interface LargeStore extends StoreSize {
  readonly store: string;
  readonly readModels: string;
}

export const recordIdAt = (index: number): string => `r-${index}`;
export const BODIES = Array.from({ length: 40 }, (_, index) => `force-${index}`);
/** Words that occur in the text of every record. */
export const COMMON_WORDS = ['force', 'records', 'review'] as const;
/** The day on which the first records were issued. */
const FIRST_DAY = '2016-01-04';
/** The number of days within which records are issued. Later events follow the last of them. */
const ISSUED_WITHIN = 1_100;
/** The largest gap between events of a record, and their total span, in days; no event is in the future. */
const DAYS = { apart: 21, ofLife: 2_500 };
const ACTOR: Actor = { subject: '4f9d6c2e-2b0a-4f43-9c56-0d4f3f7c9a11', roles: ['inspector', 'approver'] };

const TEXT =
  'The force should, within three months, review its approach to the retention of records — and publish what it ' +
  'found, with the reasons for each exception, so that the next inspection can see what changed.';
const SUBJECTS = ['custody', 'firearms', 'vetting', 'response times', 'stop and search', 'data quality'];

/** The number of different histories. Records differ in body, subject, dates and state. */
const LIVES = 240;

/** Yields the events of a record in stored order. Every fifth event is recorded later than it is effective. */
function* life(kind: number, longest: number): Generator<DecidedEvent> {
  let step = 0;
  const at = (type: string, data: DecidedEvent['data'] = {}): DecidedEvent => {
    const day = addDays(dayOf(kind, step, longest), step > 1 && step % 5 === 0 ? -30 : 0);
    step += 1;
    return { type, data, effectiveOn: day };
  };
  const subject = SUBJECTS[kind % SUBJECTS.length] ?? '';
  const recipient = BODIES[kind % BODIES.length] ?? '';
  const comment = () =>
    at('CommentAdded', {
      text: `On ${subject}: ${TEXT}`,
      visibility: (kind + step) % 4 === 0 ? 'internal' : 'public',
    });
  yield at('RecommendationIssued', {
    title: `Retention of records on ${subject}`,
    text: TEXT,
    recipient,
    report: { name: 'Report', publishedOn: FIRST_DAY },
  });
  yield at('DeadlineSet', { deadlineId: 'd1', kind: 'action', dueOn: addDays(FIRST_DAY, 90 + kind * 17) });
  for (;;) {
    yield at('ProgressStarted');
    for (let comments = 0; comments < 2 + (kind % 4); comments += 1) yield comment();
    yield at('ClosureRequested', { statement: TEXT });
    yield comment();
    if (kind % 3 > 0) {
      yield at('ClosureRefused', { reason: TEXT });
      yield comment();
      yield at('ReturnedToReview', { reason: TEXT });
      continue;
    }
    yield at('RecommendationCompleted', { reason: TEXT });
    yield comment();
    yield at('RecommendationReopened', { reason: TEXT });
    yield at('ReturnedToReview', { reason: TEXT });
  }
}

/** Returns the days from a record's issue to one of its events, for the longest record's length. */
const daysAfterIssue = (step: number, longest: number): number =>
  Math.floor(step * Math.min(DAYS.apart, DAYS.ofLife / longest));

/** Returns the day of an event; issues are distributed over three years. */
const dayOf = (kind: number, step: number, longest: number): string =>
  addDays(FIRST_DAY, ((kind * 53) % ISSUED_WITHIN) + daysAfterIssue(step, longest));

const RECORDS_PER_COMMIT = 200;
const COMMITS_AT_ONCE = 4;

/** Writes the events through the store's port: many records at a time, in the order of their versions. */
async function write(store: EventStore, lengths: readonly number[]): Promise<void> {
  const records = lengths.length;
  const longest = lengths.reduce((one, other) => Math.max(one, other), 0);
  const lives = Array.from({ length: Math.min(LIVES, records) }, (_, kind) => {
    const decided = life(kind, longest).take(longest).toArray();
    return draftEvents(inspectionRecommendation, null, decided, FIRST_DAY, recordedBy(ACTOR)).drafts;
  });
  const eventsOf = (record: number): readonly EventDraft[] => lives[record % LIVES] ?? [];
  const lengthOf = (record: number): number => lengths[record] ?? 0;
  // Records with the same history are stored together, because a commit has one instant.
  const groups = Array.from({ length: Math.ceil(records / RECORDS_PER_COMMIT) }, (_, group) =>
    Array.from({ length: RECORDS_PER_COMMIT }, (__, index) => group * RECORDS_PER_COMMIT + index).filter(
      (record) => record < records,
    ),
  );
  for (let step = 0; step < longest; step += 1) {
    for (let from = 0; from < groups.length; from += COMMITS_AT_ONCE) {
      const commits = groups.slice(from, from + COMMITS_AT_ONCE).map((group, index) => {
        const appends = group
          .filter((record) => step < lengthOf(record))
          .map((record) => ({
            streamId: recordStream(recordIdAt(record)),
            expectedVersion: step,
            events: eventsOf(record).slice(step, step + 1),
          }));
        const day = addDays(FIRST_DAY, ISSUED_WITHIN + daysAfterIssue(step, longest));
        return store.append(commitOf(`${day}T${timeOf(from + index)}Z`, appends));
      });
      await Promise.all(commits);
    }
  }
}

/** Returns the time of day, in log order. */
const timeOf = (group: number): string =>
  new Date(Math.min(group * 1_000, 86_399_000)).toISOString().slice(11, 23);

const commitOf = (recordedAt: string, appends: Commit['appends']): Commit => ({
  command: { id: randomUUID(), name: 'bench', request: null },
  actor: ACTOR,
  decision: { role: 'inspector', guards: ['open'] },
  correlationId: randomUUID(),
  causationId: null,
  origin: 'command',
  lifecycle: lifecycles.current('inspection-recommendation').reference,
  recordedAt,
  appends,
});

/** Returns the number of events of each record: equal, or one less. */
function evenly({ records, events }: StoreSize): number[] {
  const longest = Math.ceil(events / records);
  const longer = records - (longest * records - events);
  return Array.from({ length: records }, (_, record) => longest - (record >= longer ? 1 : 0));
}

/** Writes only a log, in a SQLite file; returns its path. */
export const makeLargeLog = (folder: string, size: StoreSize): Promise<string> =>
  makeLog(folder, evenly(size));

/** Writes a log of records with these numbers of events. */
async function makeLog(folder: string, lengths: readonly number[]): Promise<string> {
  const path = join(folder, 'docket.sqlite');
  const store = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true });
  try {
    await write(store, lengths);
  } finally {
    await store.close();
  }
  return path;
}

/** Writes a store in SQLite files, with all read models at its end. */
export async function makeLargeStore(folder: string, size: StoreSize): Promise<LargeStore> {
  return { ...size, ...(await makeStoreOf(folder, evenly(size))) };
}

/** Writes the same for records with these numbers of events. */
export async function makeStoreOf(
  folder: string,
  lengths: readonly number[],
): Promise<Pick<LargeStore, 'store' | 'readModels'>> {
  const store = await makeLog(folder, lengths);
  const readModels = join(folder, 'docket.read-models.sqlite');
  await foldLog(store, readModels);
  return { store, readModels };
}

/** Projects a log into all read models in a file. */
async function foldLog(path: string, readModels: string): Promise<void> {
  const store = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: false });
  const database = openSqliteReadModels(readModels, PROJECTIONS);
  try {
    await new ProjectionRunner({ store, database }).catchUp();
  } finally {
    await database.close();
    await store.close();
  }
}
