import fc from 'fast-check';
import type { JsonObject } from '#event-sourcing/envelope';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import type { pendingOn } from '#state-machines/inspection-recommendation/v1/record';
import { DOCUMENTED } from './documented-commands.ts';

interface Person {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly organisations: readonly string[];
}

/** The people: some have one role, some several, and one has none. Bodies see only their own records. */
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
  { subject: 'kim', roles: ['approver'], organisations: [] },
];

const COMMANDS = Object.keys(DOCUMENTED) as CommandName[];
/** The due dates in increasing order, so that one deadline can be later than another. */
const DUE_DATES = ['2026-12-31', '2027-06-30', '2028-02-29'];
const DATES = ['2025-12-31', '2026-01-01', '2026-03-01', '2026-06-30', '2027-01-31', '2099-12-31'];

/** One attempt at a command. Its numbers choose among the existing items when it runs. */
export interface Attempt {
  readonly person: number;
  readonly record: number;
  /** A command by name, or the index of one that is listed as allowed for the person. */
  readonly command: CommandName | { readonly allowed: number };
  readonly payload: 'usual' | 'otherwise' | 'invalid';
  readonly pick: number;
  readonly effectiveOn: string | null;
  readonly deadlineId: string | null;
  readonly ifMatch: 'none' | 'current' | 'stale';
  /** One of a few Idempotency-Keys, so that they repeat; null for none. */
  readonly key: number | null;
  /** True to send the same request again. */
  readonly again: boolean;
  /** The events that a decision lists: the pending ones, or partly different ones. */
  readonly decides: 'none' | 'pending' | 'otherwise';
}

const SEVERAL_HATS = PERSONS.flatMap(({ roles }, index) =>
  roles.length === 2 || roles.length === 4 ? [index] : [],
);

const mostly = <Value>(usual: Value, others: fc.Arbitrary<Value>, weight = 6): fc.Arbitrary<Value> =>
  fc.oneof({ arbitrary: fc.constant(usual), weight }, { arbitrary: others, weight: 1 });

const pick = fc.nat({ max: 999 });

export const anyAttempt: fc.Arbitrary<Attempt> = fc.record({
  // People with several roles are more frequent, because rules about people refuse them.
  person: fc.oneof(pick, fc.constantFrom(...SEVERAL_HATS)),
  record: pick,
  command: fc.oneof(
    { arbitrary: fc.record({ allowed: pick }), weight: 4 },
    { arbitrary: fc.constantFrom(...COMMANDS), weight: 1 },
    { arbitrary: fc.constantFrom(...COMMANDS.filter((name) => DOCUMENTED[name].person)), weight: 1 },
    // A closing needs two people, and a reopening needs a closing.
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
    // The same person does both, which a rule about people refuses.
    { arbitrary: fc.constantFrom<CommandName[]>('set-deadline', 'withdraw-deadline'), weight: 1 },
  ),
  payload: mostly<Attempt['payload']>('usual', fc.constantFrom('otherwise', 'invalid'), 3),
  pick,
  effectiveOn: mostly<string | null>(null, fc.constantFrom(...DATES)),
  deadlineId: mostly<string | null>(null, fc.constantFrom('d1', 'd2', 'd3'), 2),
  ifMatch: mostly<Attempt['ifMatch']>('none', fc.constantFrom('current', 'stale')),
  key: mostly<number | null>(null, fc.nat({ max: 3 }), 3),
  again: fc.boolean(),
  decides: mostly<Attempt['decides']>('pending', fc.constantFrom('none', 'otherwise'), 3),
});

/** The data to which payloads can refer: the existing records, and the record's events and pending requests. */
interface Surroundings {
  readonly records: readonly string[];
  readonly record: string;
  readonly eventIds: readonly string[];
  readonly pending: ReturnType<typeof pendingOn>;
}

/** Returns the pending events that a decision must list; undefined if the command decides none. */
function pendingFor(
  command: CommandName,
  deadlineId: string | null,
  { closure, evidence, extensions, corrections }: Surroundings['pending'],
): readonly string[] | undefined {
  switch (command) {
    case 'approve-closure':
    case 'refuse-closure':
    case 'decide-no-further-action':
    case 'supersede':
      return closure?.decides;
    case 'request-closure':
    case 'accept-evidence':
    case 'reject-evidence':
      return evidence?.decides;
    case 'grant-extension':
    case 'refuse-extension':
      return (extensions.find((each) => each.deadlineId === deadlineId) ?? extensions[0])?.decides;
    case 'approve-correction':
    case 'refuse-correction':
      return corrections[0]?.decides;
    default:
      return undefined;
  }
}

/** Returns the events that a decision lists: the pending ones, or a list with a wrong event. */
function decidesOf(
  { decides, deadlineId }: Attempt,
  command: CommandName,
  { pending }: Surroundings,
  event: string,
): JsonObject {
  const waiting = decides === 'none' ? undefined : pendingFor(command, deadlineId, pending);
  if (waiting === undefined) return {};
  return { decides: decides === 'pending' ? [...waiting] : [...waiting.slice(1), event] };
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

/** Commands that are nearly always allowed, and would leave no room for others. */
const COMMON: readonly string[] = [
  'add-comment',
  'amend-text',
  'assign-owner',
  'set-deadline',
  'redact-comment',
];

/** Commands that become possible only after several others. */
const LATE: readonly string[] = [
  'approve-closure',
  'decide-no-further-action',
  'supersede',
  'reopen',
  'grant-extension',
  'approve-correction',
];

/** Returns the same successor for each request of a record, so that an approver selects the requested one. */
const successorOf = (record: string, records: readonly string[]): string =>
  record === 'r-1' ? 'r-3' : (records.find((each) => each !== record) ?? record);

/** Returns an outcome; all are equally likely. */
function closureOutcome(command: CommandName, pick: number, successor: string): JsonObject {
  if (command !== 'request-closure') return {};
  const outcomes: JsonObject[] = [
    {},
    { outcome: 'no-further-action', reason: 'merged' },
    { outcome: 'superseded', supersededBy: successor },
  ];
  return outcomes[pick % outcomes.length]!;
}

/** Returns the attempt's command among the allowed ones. Rarely allowed ones are more likely. */
export function commandOf({ command }: Attempt, allowed: readonly string[]): CommandName {
  if (typeof command === 'string') return command;
  const rare = allowed.filter((name) => !COMMON.includes(name));
  const late = Array.from({ length: 9 }, () => allowed.filter((name) => LATE.includes(name))).flat();
  const choice = allowed.length === 0 ? COMMANDS : [...allowed, ...rare, ...rare, ...rare, ...late];
  return choice[command.allowed % choice.length] as CommandName;
}

export function bodyOf(command: CommandName, attempt: Attempt, surroundings: Surroundings): JsonObject {
  const { payload, pick, effectiveOn, deadlineId } = attempt;
  const { records, record, eventIds } = surroundings;
  const { body, otherwise = [] } = DOCUMENTED[command];
  const other = records[pick % records.length] as string;
  const event = eventIds[pick % Math.max(eventIds.length, 1)] ?? '00000000-0000-5000-8000-000000000000';
  const named = {
    record,
    successor: successorOf(record, records),
    predecessor: other,
    closed: other,
    foreign: other,
    comment: event,
    issued: event,
    request: event,
  };
  const bodyOf =
    payload === 'otherwise' ? (otherwise[pick % Math.max(otherwise.length, 1)]?.body ?? body) : body;
  const whole: JsonObject = {
    ...bodyOf(named),
    ...(payload === 'usual' && closureOutcome(command, pick, named.successor)),
    ...(SETS_DEADLINE.includes(command) &&
      payload === 'usual' && { dueOn: DUE_DATES[pick % DUE_DATES.length]! }),
    ...(deadlineId !== null && NAMES_DEADLINE.includes(command) && { deadlineId }),
    ...(effectiveOn !== null && { effectiveOn }),
    ...decidesOf(attempt, command, surroundings, event),
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
