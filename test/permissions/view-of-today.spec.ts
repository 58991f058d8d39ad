import 'reflect-metadata';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { systemRandom } from '#event-sourcing/random';
import { atOnce } from '#event-sourcing/folding';
import { createSealer } from '#audit/seal';
import type { JsonObject } from '#event-sourcing/envelope';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { CommandRefusedError } from '#lifecycle/refused';
import { commandHandler, commandId } from '#platform/docket';
import { issueRecords } from '#use-cases/records/issue-records';
import { readRecord } from '#use-cases/records/read-record';
import { recordStream, recommendation } from '#state-machines/inspection-recommendation/kind';
import { todaysEvents } from '../support/todays-events.ts';
import { lifecycles } from '#state-machines/lifecycles';

const TODAY = '2026-11-24';
const NOW = Date.parse(`${TODAY}T12:00:00Z`);
const STREAM = recordStream('r-1');

const reason = 'a reason';
const statement = 'a statement';

const PEOPLE: Readonly<Record<string, string>> = { ann: 'inspector', ivan: 'inspector', abel: 'approver' };

const deadlineId = fc.constantFrom('d1', 'd2', 'd3', 'd4');
const dueOn = fc.constantFrom('2026-07-01', '2026-10-10', '2026-12-01', '2027-01-15', '2027-12-31');
const text = fc.constantFrom(
  'By 1 May 2027 the force should act.',
  'By 30 June 2027 the force should act within six months.',
  'The force should act within six months.',
  'Nothing.',
);

type Command = readonly [by: string, command: string, body: JsonObject];

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.constantFrom<Command>(
    ['ann', 'start-progress', {}],
    ['ann', 'return-to-review', { reason }],
    ['ann', 'withdraw-closure', {}],
    ['abel', 'refuse-closure', { reason }],
    ['ivan', 'submit-evidence', { items: [{ name: 'a plan', sha256: 'a'.repeat(64) }] }],
    ['ann', 'accept-evidence', {}],
  ),
  fc.constantFrom<Command>(
    ['ann', 'request-closure', { statement }],
    ['ann', 'request-closure', { statement, outcome: 'no-further-action', reason: 'merged' }],
  ),
  fc.constantFrom<Command>(
    ['abel', 'approve-closure', { statement }],
    ['abel', 'decide-no-further-action', { reason: 'merged', statement }],
  ),
  fc.constant<Command>(['abel', 'reopen', { reason }]),
  dueOn.map((on): Command => ['ann', 'set-deadline', { dueOn: on }]),
  deadlineId.map((id): Command => ['abel', 'withdraw-deadline', { deadlineId: id, reason }]),
  fc
    .tuple(deadlineId, dueOn)
    .map(([id, on]): Command => ['ann', 'confirm-deadline', { deadlineId: id, dueOn: on }]),
  deadlineId.map((id): Command => ['ann', 'dismiss-deadline', { deadlineId: id }]),
  fc
    .tuple(deadlineId, dueOn)
    .map(([id, on]): Command => ['ann', 'request-extension', { deadlineId: id, dueOn: on, reason }]),
  deadlineId.map((id): Command => ['ivan', 'grant-extension', { deadlineId: id }]),
  deadlineId.map((id): Command => ['ivan', 'refuse-extension', { deadlineId: id, reason }]),
  deadlineId.map((id): Command => ['ann', 'withdraw-extension', { deadlineId: id }]),
  text.map((said): Command => ['ann', 'amend-text', { text: said, reason }]),
  fc
    .constantFrom('kent', 'essex')
    .map((to): Command => ['abel', 'assign-recipient', { recipient: to, reason }]),
  fc.constantFrom('kim', 'lee').map((owner): Command => ['ann', 'assign-owner', { owner, reason }]),
);

/** Commands whose results random commands rarely produce. */
const REOPENED: [Command, null][] = [
  [['ann', 'start-progress', {}], null],
  [['ann', 'request-closure', { statement }], null],
  [['abel', 'approve-closure', { statement }], null],
  [['abel', 'reopen', { reason }], null],
];

const onSomeDay = fc.option(
  fc
    .integer({ min: 0, max: 170 })
    .map((days) => new Date(Date.UTC(2026, 5, 1 + days)).toISOString().slice(0, 10)),
  { freq: 4 },
);

async function office() {
  const store = new MemoryEventStore(createSealer());
  const by = (subject: string, role: string) => ({
    actor: { subject, roles: [role] },
    organisations: [],
    now: NOW,
    commandId: commandId(subject, null, systemRandom),
    request: null,
    correlationId: 'office',
  });
  await issueRecords(store, lifecycles, recommendation, {
    ...by('iris', 'inspector'),
    now: Date.parse('2026-06-01T12:00:00Z'),
    body: {
      id: 'r-1',
      title: 'A title',
      text: 'By 30 June 2027 the force should act within six months.',
      recipients: ['avon'],
      report: { name: 'A report', publishedOn: '2026-06-01' },
      deadlines: [{ dueOn: '2026-07-01' }],
    },
  });
  const handler = commandHandler(store);
  const send = async ([who, command, body]: Command, effectiveOn: string | null): Promise<boolean> => {
    const call = {
      ...by(who, PEOPLE[who] as string),
      streamId: STREAM,
      command,
      body: { ...body, ...(effectiveOn !== null && { effectiveOn }) },
      expectedVersions: null,
      mayTouch: () => true,
    };
    try {
      await handler.handle(call);
      return true;
    } catch (error) {
      if (error instanceof CommandRefusedError) return false;
      throw error;
    }
  };
  return { send, events: () => store.readStream(STREAM) };
}

test('for any commands and dates, the view of today is the record itself', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(anyCommand, onSomeDay), { minLength: 5, maxLength: 40, size: 'max' }),
      async (steps) => {
        const { send, events } = await office();
        for (const [what, on] of steps) {
          if (!(await send(what, on))) continue;
          seen.add(what[1]);
          const recorded = todaysEvents(await events());
          const record = atOnce(
            readRecord(lifecycles, recorded, { effectiveOn: null, knownAt: null }, TODAY),
          );
          expect(
            atOnce(readRecord(lifecycles, recorded, { effectiveOn: TODAY, knownAt: null }, TODAY)),
          ).toEqual(record);
        }
      },
    ),
    { numRuns: 40 * Number(process.env['DOCKET_CASES_TIMES'] ?? 1), examples: [[REOPENED]] },
  );
  const wanted = ['reopen', 'withdraw-deadline', 'confirm-deadline', 'request-extension', 'amend-text'];
  expect(wanted.filter((command) => !seen.has(command))).toEqual([]);
}, 60_000);
