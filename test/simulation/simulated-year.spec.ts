import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import type { CommandHandler } from '#lifecycle/handle-command';
import { londonDate } from '#state-machines/london';
import { CommandRefusedError } from '#lifecycle/refused';
import { commandHandler } from '#platform/docket';
import { SWEEPER, sweepDeadlines } from '#use-cases/records/sweep-deadlines';
import { deadlinesProjection } from '#read-models/deadlines/deadlines-projection';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ProjectionRunner } from '#projections/runner';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { collectLog } from '../support/event-streams.ts';
import { due, event, issuedEvent, recordAt, thresholdOf } from '../support/records.ts';
import { seededRandom } from '#server/demo/simulated-time';
import { dateOf, dayOf, londonDay, RecordOracle } from './day-by-day-oracle.ts';
import type { Day } from './day-by-day-oracle.ts';
import { lifecycles } from '#state-machines/lifecycles';

/** The number of records; 5,000 in the long form. */
const RECORDS = Number(process.env['DOCKET_YEAR_RECORDS'] ?? 100);
const SEED = Number(process.env['DOCKET_YEAR_SEED'] ?? Date.now() % 1_000_000);

const FIRST = dayOf('2027-07-01');
/** The last day of a year with both clock changes (31 October, 26 March) and 29 February. */
const LAST = dayOf('2028-06-30');
/** The UTC times of sweeps: three minutes past midnight in London in summer, the same in winter, and about noon. */
const SWEEPS_AT = ['23:03', '00:03', '12:03'];
const OUTAGE_DAYS_MAX = 40;
/** The first day of the longest outage, which does not depend on the seed. */
const LONGEST_OUTAGE_FROM = dayOf('2027-10-10');
/** The average number of days between two changes of a record. */
const CHANGE_EVERY = 20;
/** The most days by which a change may be backdated. */
const BACKDATED_MAX = 6;

interface Simulated {
  readonly id: string;
  readonly oracle: RecordOracle;
  readonly actionDeadlines: Map<string, Day>;
}

const random = seededRandom(SEED);
const below = (count: number): number => Math.floor(random() * count);
const pick = <Value>(values: readonly Value[]): Value => values[below(values.length)] as Value;

let store: MemoryEventStore;
let database: ReadModelDatabase;
let handler: CommandHandler;
const records: Simulated[] = [];
const seen = { done: 0, refused: 0, sweeps: 0, outages: [] as number[], recorded: 0, catchUps: 0 };
const changes = new Map<string, number>();

beforeAll(() => {
  store = new MemoryEventStore(createSealer());
  database = openSqliteReadModels(':memory:');
  handler = commandHandler(store);
});
afterAll(async () => {
  await database.close();
  await store.close();
});

const ACTORS = {
  inspector: { subject: 'an-inspector', roles: ['inspector'] },
  another: { subject: 'another-inspector', roles: ['inspector'] },
  approver: { subject: 'an-approver', roles: ['approver'] },
  forceLead: { subject: 'a-lead', roles: ['force-lead'] },
  commissioner: { subject: 'a-commissioner', roles: ['commissioner'] },
};

/** Runs a command by the real policy, and returns whether it was accepted. */
async function command(
  record: Simulated,
  who: keyof typeof ACTORS,
  name: string,
  body: object,
  now: number,
): Promise<boolean> {
  try {
    await handler.handle({
      streamId: recordStream(record.id),
      command: name,
      body,
      actor: ACTORS[who],
      now,
      commandId: randomUUID(),
      request: null,
      expectedVersions: null,
      correlationId: 'simulation',
      organisations: who === 'forceLead' || who === 'commissioner' ? ['avon'] : [],
      mayTouch: () => true,
    });
    seen.done += 1;
    // Events that were due before the command were recorded with it.
    expectRecorded(record, now);
    return true;
  } catch (error) {
    if (!(error instanceof CommandRefusedError)) throw error;
    seen.refused += 1;
    return false;
  }
}

/** Returns the effective day of a change: today, or a few days before. */
const effectiveDay = (today: Day): Day => today - (random() < 0.3 ? below(BACKDATED_MAX) : 0);

type Change = (record: Simulated, now: number) => Promise<boolean>;

const extend: Change = async (record, now) => {
  const [deadlineId, dueOn] = pick([...record.actionDeadlines]);
  const later = dueOn + 1 + below(120);
  const on = effectiveDay(londonDay(now));
  const extension = { deadlineId, dueOn: dateOf(later), reason: 'More time.' };
  // An inspector records agreements from their own day on; the users of the body act today.
  const isNoted = random() < 0.6;
  const request = { ...extension, ...(isNoted && { effectiveOn: dateOf(on) }) };
  if (!(await command(record, isNoted ? 'another' : 'forceLead', 'request-extension', request, now)))
    return false;
  if (random() < 0.15) {
    await command(record, 'inspector', 'refuse-extension', { deadlineId, reason: 'No.' }, now);
    return false;
  }
  const granted = { deadlineId, ...(isNoted && { effectiveOn: dateOf(on) }) };
  if (!(await command(record, 'inspector', 'grant-extension', granted, now))) return false;
  record.actionDeadlines.set(deadlineId, later);
  record.oracle.extended(isNoted ? on : londonDay(now), deadlineId, later);
  return true;
};

const close: Change = async (record, now) => {
  const on = effectiveDay(londonDay(now));
  const dates = { effectiveOn: dateOf(on) };
  const statement = { statement: 'Done.', ...dates };
  if (random() < 0.3) {
    const body = { reason: 'merged', ...statement };
    const request = { outcome: 'no-further-action', ...body };
    if (!(await command(record, 'inspector', 'request-closure', request, now))) return false;
    if (!(await command(record, 'approver', 'decide-no-further-action', body, now))) return false;
  } else {
    await command(record, 'inspector', 'request-closure', statement, now);
    if (!(await command(record, 'approver', 'approve-closure', statement, now))) return false;
  }
  record.oracle.closed(on);
  return true;
};

const reopen: Change = async (record, now) => {
  const on = effectiveDay(londonDay(now));
  const body = { reason: 'Not done.', effectiveOn: dateOf(on) };
  if (!(await command(record, 'approver', 'reopen', body, now))) return false;
  record.oracle.reopened(on);
  return true;
};

const setDeadline: Change = async (record, now) => {
  const on = effectiveDay(londonDay(now));
  // Some of these dates have passed, and are refused.
  const dueOn = on - 20 + below(260);
  const body = { dueOn: dateOf(dueOn), effectiveOn: dateOf(on) };
  if (!(await command(record, 'inspector', 'set-deadline', body, now))) return false;
  record.actionDeadlines.set(record.oracle.set(on, dueOn), dueOn);
  return true;
};

const withdraw: Change = async (record, now) => {
  const [deadlineId] = pick([...record.actionDeadlines]);
  const on = effectiveDay(londonDay(now));
  const body = { deadlineId, reason: 'A slip.', effectiveOn: dateOf(on) };
  if (
    record.actionDeadlines.size < 2 ||
    !(await command(record, 'approver', 'withdraw-deadline', body, now))
  ) {
    return false;
  }
  record.actionDeadlines.delete(deadlineId);
  record.oracle.withdrawn(on, deadlineId);
  return true;
};

const respond: Change = async (record, now) => {
  const on = effectiveDay(londonDay(now));
  const body = { position: 'action-taken', text: 'Ours.', effectiveOn: dateOf(on) };
  if (!(await command(record, 'commissioner', 'publish-response', body, now))) return false;
  record.oracle.answered(on);
  return true;
};

const remark: Change = (record, now) =>
  command(record, 'inspector', 'add-comment', { text: 'A remark.' }, now);

const CHANGES: Readonly<Record<string, Change>> = {
  extend,
  close,
  reopen,
  setDeadline,
  withdraw,
  respond,
  remark,
};
const OFTEN = [
  'extend',
  'extend',
  'extend',
  'close',
  'reopen',
  'reopen',
  'setDeadline',
  'setDeadline',
  'withdraw',
  'respond',
  'remark',
];

async function issue(index: number, day: Day): Promise<void> {
  const id = `sim-${index}`;
  const oracle = new RecordOracle(day);
  const actionDeadlines = new Map<string, Day>();
  const events = [issuedEvent()];
  for (let count = 0; count < 1 + below(2); count += 1) {
    const dueOn = day - 50 + below(320);
    const deadlineId = oracle.set(day, dueOn);
    actionDeadlines.set(deadlineId, dueOn);
    events.push(due(dateOf(dueOn), { deadlineId }));
  }
  if (random() < 0.4) {
    const deadlineId = oracle.set(day, day + 55, true);
    events.push(event('ResponseRequired'), due(dateOf(day + 55), { deadlineId, kind: 'response' }));
  }
  await recordAt(store, id, `${dateOf(day)}T00:00:00.000Z`, ...events);
  records.push({ id, oracle, actionDeadlines });
}

/** Returns the events that the oracle expects for a record at an instant. */
function expectRecorded({ id, oracle }: Simulated, now: number): string[] {
  const expected = oracle.sweep(londonDay(now)).map((each) => `${id} ${each}`);
  for (const each of expected) allExpected.push(`${each} ${new Date(now).toISOString()}`);
  return expected;
}

/** Sweeps at an instant, and checks that the recorded events equal those of the oracle. */
async function sweep(now: number): Promise<void> {
  const asOf = londonDate(now);
  const found: string[] = [];
  await new ProjectionRunner({ store, database, projections: [deadlinesProjection] }).catchUp();
  await sweepDeadlines(store, database, lifecycles, {
    asOf,
    actor: SWEEPER,
    correlationId: systemRandom.uuid,
    now: () => now,
    onRecorded: ({ id, type, deadlineId, effectiveOn }) =>
      found.push(`${id} ${deadlineId} ${type} ${effectiveOn}`),
  });
  const expected = records.flatMap((record) => expectRecorded(record, now));
  const withoutVersions = expected.map((each) => each.replace(/(d\d+)\/\d+/, '$1'));
  if (found.length + expected.length > 0) expect(found.sort()).toEqual(withoutVersions.sort());
  seen.sweeps += 1;
  seen.recorded += found.length;
  if (new Set(found.map((each) => each.slice(-10))).size > 5) seen.catchUps += 1;
}

/** The expected events, each with its instant. */
const allExpected: string[] = [];

/** Simulates a UTC day: sweeps at their times unless the scheduler is down, and changes in between. */
async function liveThrough(day: Day, isDown: boolean): Promise<void> {
  const midnight = Date.parse(dateOf(day));
  const sweeps = isDown
    ? []
    : SWEEPS_AT.map((time) => ({ at: Date.parse(`${dateOf(day)}T${time}:00Z`), change: null }));
  const changing = Array.from({ length: poisson(records.length / CHANGE_EVERY) }, () => ({
    at: midnight + below(86_400_000),
    change: pick(OFTEN),
  }));
  for (const { at, change } of [...sweeps, ...changing].sort((a, b) => a.at - b.at)) {
    if (change === null) await sweep(at);
    else if (await (CHANGES[change] as Change)(pick(records), at)) {
      changes.set(change, (changes.get(change) ?? 0) + 1);
    }
  }
}

/** Returns a random count with approximately this mean. */
const poisson = (mean: number): number => Math.round(mean * (random() + random()));

describe(`a year of ${RECORDS} records (DOCKET_YEAR_SEED=${SEED})`, () => {
  it('has each threshold recorded once, by the first sweep or command after it, from the day on which it was crossed', async () => {
    let downUntil = FIRST - 1;
    for (let day = FIRST; day <= LAST; day += 1) {
      const issuedSoFar = Math.ceil((RECORDS * Math.min(day - FIRST + 60, 260)) / 260);
      while (records.length < issuedSoFar) await issue(records.length, day);
      if (day === LONGEST_OUTAGE_FROM || (day > downUntil && random() < 1 / 30)) {
        const days = day === LONGEST_OUTAGE_FROM ? OUTAGE_DAYS_MAX : 1 + below(OUTAGE_DAYS_MAX);
        downUntil = day + days - 1;
        seen.outages.push(days);
      }
      await liveThrough(day, day <= downUntil);
    }
    await sweep(Date.parse(`${dateOf(LAST + 1)}T12:00:00Z`));

    const swept = (await collectLog(store)).filter(({ origin }) => origin === 'sweep');
    const stored = swept.map(
      ({ streamId, type, data, effectiveOn, recordedAt }) =>
        `${streamId.replace('recommendation-', '')} ${thresholdOf(data)} ` +
        `${type} ${effectiveOn} ${recordedAt}`,
    );
    expect(stored.sort()).toEqual(allExpected.sort());
    const keys = stored.map((each) => each.split(' ').slice(0, 3).join(' '));
    expect(new Set(keys).size).toBe(keys.length);
  }, 600_000);

  it('covered its cases', () => {
    for (const change of Object.keys(CHANGES)) expect(changes.get(change)).toBeGreaterThan(RECORDS / 20);
    expect(seen.outages).toContain(OUTAGE_DAYS_MAX);
    expect(seen.catchUps).toBeGreaterThan(0);
    expect(seen.recorded).toBeGreaterThan(RECORDS);
  });
});
