import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { systemRandom } from '#event-sourcing/random';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { addDays } from '#lifecycle/plain-date';
import { CommandRefusedError } from '#lifecycle/refused';
import { commandHandler, commandId } from '#platform/docket';
import { lifecycles } from '#state-machines/lifecycles';
import { recordStream, recommendation } from '#state-machines/inspection-recommendation/kind';
import { recordOf } from '#state-machines/record-streams';
import { importRecord } from '../register-files/import-record.ts';
import { issueRecords } from './issue-records.ts';
import { sweepRecord, SWEEPER } from './sweep-deadlines.ts';
import { importCall } from '#test/support/register-imports';

const ISSUED_ON = '2026-01-10';

const PEOPLE = {
  ann: { roles: ['inspector'], organisations: [] },
  bea: { roles: ['inspector', 'approver'], organisations: [] },
  cal: { roles: ['approver'], organisations: [] },
  dan: { roles: ['force-lead', 'commissioner'], organisations: ['avon'] },
} as const;

const text = { statement: 'Done.' };
const reason = { reason: 'Because.' };
/** The commands on deadlines and their settlement, with an effective date if they accept one. */
const COMMANDS = [
  (dueOn: string) => ['set-deadline', { dueOn }],
  (dueOn: string) => ['request-extension', { dueOn, deadlineId: 'd1', ...reason }],
  () => ['grant-extension', {}],
  () => ['withdraw-deadline', { deadlineId: 'd1', ...reason }],
  () => ['request-closure', text],
  () => ['approve-closure', text],
  () => ['reopen', reason],
  () => ['start-progress', {}],
  () => ['assign-recipient', { recipient: 'kent', ...reason }],
  () => ['publish-response', { position: 'action-taken', text: 'Ours.', publishedElsewhere: 'a page' }],
  () => ['add-comment', { text: 'A word.', visibility: 'public' }],
] as const satisfies readonly ((dueOn: string) => readonly [string, object])[];

const step = fc.record({
  daysLater: fc.integer({ min: 0, max: 40 }),
  who: fc.constantFrom(...(Object.keys(PEOPLE) as (keyof typeof PEOPLE)[])),
  command: fc.constantFrom(...COMMANDS),
  dueIn: fc.integer({ min: 0, max: 60 }),
  backdated: fc.option(fc.integer({ min: 0, max: 90 })),
  isSwept: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const instantOf = (day: string): number => Date.parse(`${day}T12:00:00Z`);

/** Returns each command's result and the record's final events. */
async function lived(steps: readonly Step[], isSwept: (step: Step) => boolean) {
  const store = new MemoryEventStore(createSealer());
  const handler = commandHandler(store);
  const streamId = recordStream('r-1');
  const sweepTo = (today: string) =>
    sweepRecord(
      store,
      lifecycles,
      { asOf: today, actor: SWEEPER, correlationId: systemRandom.uuid, now: () => instantOf(today) },
      recordOf('r-1'),
    );
  await issueRecords(store, lifecycles, recommendation, {
    body: {
      id: 'r-1',
      title: 'A title',
      text: 'A text.',
      recipients: ['avon'],
      report: { name: 'A report', publishedOn: ISSUED_ON },
      deadlines: [{ dueOn: '2026-02-20' }],
      responseRequired: true,
    },
    actor: { subject: 'ann', roles: ['inspector'] },
    organisations: [],
    now: instantOf(ISSUED_ON),
    commandId: commandId('ann', 'issue', systemRandom),
    request: null,
    correlationId: 'c',
  });
  const answers: string[] = [];
  let today = ISSUED_ON;
  for (const [index, each] of steps.entries()) {
    today = addDays(today, each.daysLater);
    if (isSwept(each)) await sweepTo(today);
    const [command, body] = each.command(addDays(today, each.dueIn));
    const { roles, organisations } = PEOPLE[each.who];
    const effectiveOn = each.backdated === null ? {} : { effectiveOn: addDays(today, -each.backdated) };
    const answer = await handler
      .handle({
        streamId,
        command,
        body: { ...body, ...effectiveOn },
        actor: { subject: each.who, roles },
        organisations,
        now: instantOf(today),
        commandId: commandId(each.who, String(index), systemRandom),
        request: null,
        expectedVersions: null,
        correlationId: 'c',
        mayTouch: () => true,
      })
      .catch((error: unknown) => {
        if (error instanceof CommandRefusedError) return error;
        throw error;
      });
    const said = answer instanceof CommandRefusedError ? [answer.code, answer.message] : answer.events;
    answers.push(JSON.stringify([command, said]));
  }
  await sweepTo(addDays(today, 100));
  const events = (await store.readStream(streamId)).map(
    ({ eventId, type, version, effectiveOn, origin, actor, data }) =>
      JSON.stringify({ eventId, type, version, effectiveOn, origin, actor, data }),
  );
  await store.close();
  return { answers, events };
}

describe('a record that is swept at any moments, or never', () => {
  test('has the same thresholds and the same decisions', async () => {
    let thresholds = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15, size: 'max' }), async (steps) => {
        const never = await lived(steps, () => false);
        expect(await lived(steps, () => true)).toEqual(never);
        expect(await lived(steps, (each) => each.isSwept)).toEqual(never);
        thresholds += never.events.filter((each) => each.includes('"sweep"')).length;
      }),
      { numRuns: 20 * Number(process.env['DOCKET_CASES_TIMES'] ?? 1) },
    );
    expect(thresholds).toBeGreaterThan(30);
  });
});

describe('a file with more history', () => {
  const file =
    'A title (r-1)\n\nThe force should act by 30 June 2016.\n\n[on]1st May 2016 [comment]A word.[/comment][/on]';
  const importing = (store: MemoryEventStore, source: string, name: string, dryRun = false) =>
    importRecord(
      store,
      lifecycles,
      importCall(source, {
        dryRun,
        actor: { subject: 'ann', roles: ['inspector'] },
        commandId: commandId('ann', name, systemRandom),
      }),
    );

  test("is appended after the record's due crossings, and its answer has its own events alone", async () => {
    const store = new MemoryEventStore(createSealer());
    await importing(store, file, 'one');
    const longer = `${file}\n[on]1st March 2017 [status]complete[/status][/on]`;
    const before = await store.readStream(recordStream('r-1'));
    expect(await importing(store, longer, 'dry', true)).toMatchObject({
      events: 2,
      version: before.length + 5,
    });
    expect(await store.readStream(recordStream('r-1'))).toEqual(before);
    expect(await importing(store, longer, 'two')).toMatchObject({ events: 2, version: before.length + 5 });
    const added = (await store.readStream(recordStream('r-1'))).slice(before.length);
    expect(added.map(({ type, effectiveOn, origin }) => `${type} ${effectiveOn} ${origin}`)).toEqual([
      'DeadlineApproaching 2016-06-16 sweep',
      'DeadlinePassed 2016-07-01 sweep',
      'DeadlineEscalated 2016-07-30 sweep',
      'RecommendationCompleted 2017-03-01 import',
      'RegisterRecordImported 2026-11-24 import',
    ]);
    expect(await importing(store, longer, 'three')).toMatchObject({ outcome: 'unchanged', events: 0 });
    await store.close();
  });
});
