import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Envelope } from '#event-sourcing/envelope';
import { messageOf } from '#event-sourcing/errors';
import { replayRecord } from '#use-cases/records/replay-record';
import { anyAttempt, bodyOf, commandOf, PERSONS } from '../support/any-commands.ts';
import type { Attempt } from '../support/any-commands.ts';
import { brokenRules } from '../support/broken-rules.ts';
import { jsonLines, runDocket } from '../support/command-line.ts';
import { hasKurrentdb, isRealKurrentdb } from '../support/journey-store.ts';
import { startService } from '../support/service.ts';
import type { Answer, Client, RunningService } from '../support/service.ts';
import { todaysEvents } from '../support/todays-events.ts';
import { ownState } from '#state-machines/inspection-recommendation/v1/lifecycle';
import { pendingOn } from '#state-machines/inspection-recommendation/v1/record';
import { lifecycles } from '#state-machines/lifecycles';
import { londonDate } from '#state-machines/london';

const RUNS = isRealKurrentdb() ? 2 : 6;
const NOW_VIEW = { effectiveOn: null, knownAt: null };

let service: RunningService;
let people: readonly Client[];
let auditor: Client;
let run = 0;

beforeAll(async () => {
  service = await startService();
  people = PERSONS.map(({ roles, ...person }) => service.as(roles, person));
  auditor = service.as('auditor');
});

/** Records of this run alone, to two bodies, with deadlines and a response, and an imported one of nobody. */
async function openRecords(): Promise<string[]> {
  const ids = ['1', '2', '3', '4'].map((number) => `run-${run}-${number}`);
  const [first, second, third, fourth] = ids as [string, string, string, string];
  const inspector = service.as('inspector', { subject: 'ann' });
  await inspector.issue({ id: first });
  await inspector.issue({ id: second, recipients: ['kent'], responseRequired: true });
  const deadlines = [{ dueOn: '2026-06-30' }, { dueOn: '2026-09-30' }];
  await inspector.issue({ id: third, deadlines, responseRequired: true });
  await inspector.import(
    `A title (${fourth})\n\nA text.\n\n[on]1st June 2016 [comment]A word.[/comment][/on]`,
  );
  run += 1;
  return ids;
}

/** What was appended to records; refusals are on record as well, in streams of their own. */
async function logAfter(position: string): Promise<Envelope[]> {
  const { items } = (await auditor.get(`/api/events?after=${position}&limit=10000`)).json;
  return (items as unknown as Envelope[]).filter(({ streamId }) => streamId.startsWith('recommendation-'));
}
const eventsOf = async (id: string): Promise<Envelope[]> =>
  (await auditor.get(`/api/recommendations/${id}/events`)).json.items as unknown as Envelope[];

/** Makes an attempt, and holds its answer against the log; gives back the position of the log's end. */
async function attempted(attempt: Attempt, records: readonly string[], position: string): Promise<string> {
  const person = people[attempt.person % people.length]!;
  const record = records[attempt.record % records.length]!;
  const path = `/api/recommendations/${record}`;
  const told = await person.get(`${path}/commands`);
  const commands = told.status === 200 ? told.json.commands : [];
  const allowed = commands.filter((each) => each.allowed).map((each) => each.command);
  const before = await eventsOf(record);
  const command = commandOf(attempt, allowed);
  const eventIds = before.map(({ eventId }) => eventId);
  const pending = pendingOn(ownState(replayOf(before).last));
  const body = bodyOf(command, attempt, { records, record, eventIds, pending });
  const version = before.length - (attempt.ifMatch === 'stale' ? 1 : 0);
  const headers = {
    ...(attempt.ifMatch !== 'none' && { 'if-match': `"${version}"` }),
    ...(attempt.key !== null && { 'idempotency-key': `run-${run}-${attempt.key}` }),
  };
  const answer = await person.command(record, command, body, headers).catch((error: unknown) => {
    // A KurrentDB before 25.1 takes no command on several records, which is no failure of the service.
    if (hasKurrentdb('25.1') || !messageOf(error).includes('store-incapable')) throw error;
    return null;
  });
  const appended = await logAfter(position);
  if (answer?.status !== 200) {
    expect({ answer: answer?.status, appended }).toEqual({ answer: answer?.status, appended: [] });
    return position;
  }
  if (appended.length === 0) {
    // Only a key that was used before is answered without anything new.
    expect(attempt.key).not.toBeNull();
    return position;
  }
  expect(attempt.ifMatch).not.toBe('stale');
  await holdsAgainst(record, answer, appended);
  if (attempt.again && attempt.key !== null) {
    expect((await person.command(record, command, body, headers)).json).toEqual(answer.json);
    expect(await logAfter(appended.at(-1)!.position)).toEqual([]);
  }
  return appended.at(-1)!.position;
}

/** As on the day of the last event. */
function replayOf(events: readonly Envelope[]) {
  const { recordedAt } = events.at(-1)!;
  return replayRecord(lifecycles, todaysEvents(events), NOW_VIEW, londonDate(Date.parse(recordedAt)))!;
}

async function holdsAgainst(record: string, { json }: Answer, appended: readonly Envelope[]): Promise<void> {
  const own = appended.filter(({ streamId }) => streamId === `recommendation-${record}`);
  // What was due before the command is recorded with it, and is no part of its answer.
  const given = own.filter(({ origin }) => origin !== 'sweep');
  expect(given.map(({ eventId, type, version }) => ({ eventId, type, version }))).toEqual(json.events);
  expect(given).toEqual(own.slice(-given.length));
  expect(json.position).toBe(appended.at(-1)?.position);
  const replay = replayOf(await eventsOf(record));
  expect(replay.lines.filter(({ legal }) => !legal)).toEqual([]);
  expect(json).toMatchObject({ version: replay.version, status: replay.status, state: replay.state });
  const read = await auditor.get(`/api/recommendations/${record}`);
  expect(read.json).toMatchObject({ version: replay.version, status: replay.status, state: replay.state });
}

describe('any commands, by any people, over HTTP', () => {
  it('never break a rule: answers, log, replay and proof are one and the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyAttempt, { minLength: 20, maxLength: 40, size: 'max' }),
        async (attempts) => {
          const records = await openRecords();
          let position = (await logAfter('0')).at(-1)!.position;
          for (const attempt of attempts) position = await attempted(attempt, records, position);
        },
      ),
      // Each try of a smaller failing run would be as long as a run.
      { numRuns: RUNS, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
    );
    const log = await logAfter('0');
    expect(log.length).toBeGreaterThan(RUNS * 15);
    expect(brokenRules(log)).toEqual([]);
    const verified = await runDocket(['verify', '--json'], service);
    expect(jsonLines(verified).at(-1)).toMatchObject({ ok: true });
  }, 90_000);
});
