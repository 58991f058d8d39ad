import fc from 'fast-check';
import type { JsonObject } from '#event-sourcing/envelope';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import type { Role } from '#state-machines/access';
import { DOCUMENTED } from './documented-commands.ts';

/** Somebody who gives commands. */
export interface Person {
  readonly subject: string;
  readonly roles: readonly Role[];
  readonly organisations: readonly string[];
}

/** Some hold one role, some several, one holds none; bodies see only their own records. */
export const PERSONS: readonly Person[] = [
  { subject: 'ann', roles: ['inspector'], organisations: [] },
  { subject: 'bob', roles: ['approver'], organisations: [] },
  { subject: 'cat', roles: ['inspector', 'approver'], organisations: [] },
  { subject: 'dan', roles: ['force-lead'], organisations: ['wiltshire', 'kent'] },
  { subject: 'eve', roles: ['force-lead', 'inspector'], organisations: [] },
  { subject: 'fay', roles: ['commissioner', 'force-lead'], organisations: ['kent', 'wiltshire'] },
  { subject: 'gil', roles: ['commissioner'], organisations: ['essex'] },
  {
    subject: 'hal',
    roles: ['inspector', 'approver', 'force-lead', 'commissioner'],
    organisations: ['kent'],
  },
  { subject: 'ida', roles: ['auditor', 'scheduler', 'administrator'], organisations: [] },
  { subject: 'joe', roles: [], organisations: ['wiltshire'] },
];

const COMMANDS = Object.keys(DOCUMENTED) as CommandName[];
/** For deadlines, so that one can be later than another. */
const DUE_DATES = ['2026-12-31', '2027-06-30', '2028-02-29'];
const DATES = ['2025-12-31', '2026-01-01', '2026-03-01', '2026-06-30', '2027-01-31', '2099-12-31'];

/** One try at a command. Numbers pick from what there is when it is made. */
export interface Attempt {
  readonly person: number;
  readonly record: number;
  /** A command by its name, or one of those that the person is told they may give. */
  readonly command: CommandName | { readonly allowed: number };
  readonly payload: 'usual' | 'otherwise' | 'invalid';
  readonly pick: number;
  readonly effectiveOn: string | null;
  readonly deadlineId: string | null;
  readonly ifMatch: 'none' | 'current' | 'stale';
  /** One of few Idempotency-Keys, so that they come again. */
  readonly key: number | null;
  /** Whether the same request is sent once more. */
  readonly again: boolean;
}

const SEVERAL_HATS = PERSONS.flatMap(({ roles }, index) =>
  roles.length === 2 || roles.length === 4 ? [index] : [],
);

const mostly = <Value>(usual: Value, others: fc.Arbitrary<Value>, weight = 6): fc.Arbitrary<Value> =>
  fc.oneof({ arbitrary: fc.constant(usual), weight }, { arbitrary: others, weight: 1 });

const pick = fc.nat({ max: 999 });

export const anyAttempt: fc.Arbitrary<Attempt> = fc.record({
  // Those with several hats more often: it is they whom a rule about people stops.
  person: fc.oneof(pick, fc.constantFrom(...SEVERAL_HATS)),
  record: pick,
  command: fc.oneof(
    { arbitrary: fc.record({ allowed: pick }), weight: 4 },
    { arbitrary: fc.constantFrom(...COMMANDS), weight: 1 },
    { arbitrary: fc.constantFrom(...COMMANDS.filter((name) => DOCUMENTED[name].person)), weight: 1 },
    // A closing takes two people, and a reopening a closing.
    {
      arbitrary: fc.constantFrom<CommandName[]>(
        ...([
          'request-closure',
          'approve-closure',
          'decide-no-further-action',
          'supersede',
          'reopen',
        ] as const),
      ),
      weight: 2,
    },
    // What one person may not do is what they do one after the other.
    { arbitrary: fc.constantFrom<CommandName[]>('set-deadline', 'withdraw-deadline'), weight: 1 },
  ),
  payload: mostly<Attempt['payload']>('usual', fc.constantFrom('otherwise', 'invalid'), 3),
  pick,
  effectiveOn: mostly<string | null>(null, fc.constantFrom(...DATES)),
  deadlineId: mostly<string | null>(null, fc.constantFrom('d1', 'd2', 'd3'), 2),
  ifMatch: mostly<Attempt['ifMatch']>('none', fc.constantFrom('current', 'stale')),
  key: mostly<number | null>(null, fc.nat({ max: 3 }), 3),
  again: fc.boolean(),
});

/** What payloads can name: the records there are, and the events of the record that is asked. */
export interface Surroundings {
  readonly records: readonly string[];
  readonly record: string;
  readonly eventIds: readonly string[];
}

const NAMES_DEADLINE: readonly CommandName[] = [
  'confirm-deadline',
  'dismiss-deadline',
  'request-extension',
  'grant-extension',
  'refuse-extension',
  'withdraw-extension',
  'withdraw-deadline',
];

const SETS_DEADLINE: readonly CommandName[] = ['set-deadline', 'confirm-deadline'];

/** What would crowd out the rest, as it is nearly always allowed. */
const COMMON: readonly string[] = [
  'add-comment',
  'amend-text',
  'assign-owner',
  'set-deadline',
  'redact-comment',
];

/** One successor for all, so that who approves names the one that was requested. */
const successorOf = (record: string, records: readonly string[]): string =>
  records.find((each) => each !== record) ?? record;

/** Closures of every outcome are requested alike. */
function closureOutcome(command: CommandName, pick: number, successor: string): JsonObject {
  if (command !== 'request-closure') return {};
  const outcomes: JsonObject[] = [
    {},
    { outcome: 'no-further-action', reason: 'merged' },
    { outcome: 'superseded', supersededBy: successor },
  ];
  return outcomes[pick % outcomes.length]!;
}

/** The command of an attempt, where these are allowed; what is allowed seldom is taken more often. */
export function commandOf({ command }: Attempt, allowed: readonly string[]): CommandName {
  if (typeof command === 'string') return command;
  const rare = allowed.filter((name) => !COMMON.includes(name));
  const choice = allowed.length === 0 ? COMMANDS : [...allowed, ...rare, ...rare, ...rare];
  return choice[command.allowed % choice.length] as CommandName;
}

/** The payload of an attempt at a command. */
export function bodyOf(
  command: CommandName,
  { payload, pick, effectiveOn, deadlineId }: Attempt,
  { records, record, eventIds }: Surroundings,
): JsonObject {
  const { body, otherwise = [] } = DOCUMENTED[command];
  const other = records[pick % records.length] as string;
  const event = eventIds[pick % Math.max(eventIds.length, 1)] ?? '00000000-0000-5000-8000-000000000000';
  const named = {
    record,
    successor: successorOf(record, records),
    predecessor: other,
    closed: other,
    comment: event,
    issued: event,
    request: event,
  };
  const ask =
    payload === 'otherwise' ? (otherwise[pick % Math.max(otherwise.length, 1)]?.body ?? body) : body;
  const whole: JsonObject = {
    ...ask(named),
    ...(payload === 'usual' && closureOutcome(command, pick, named.successor)),
    ...(SETS_DEADLINE.includes(command) &&
      payload === 'usual' && { dueOn: DUE_DATES[pick % DUE_DATES.length]! }),
    ...(deadlineId !== null && NAMES_DEADLINE.includes(command) && { deadlineId }),
    ...(effectiveOn !== null && { effectiveOn }),
  };
  if (payload !== 'invalid') return whole;
  const [member] = Object.keys(whole);
  const broken: JsonObject[] = [
    { ...whole, unheardOf: true },
    ...(member === undefined
      ? []
      : [
          { ...whole, [member]: null },
          { ...whole, [member]: ' ' },
        ]),
    { ...whole, effectiveOn: '2026-02-30' },
  ];
  return broken[pick % broken.length] as JsonObject;
}
