import type { Envelope, LifecycleReference } from '#event-sourcing/envelope';
import { withKnownShape } from '#event-sourcing/known-shape';
import { plainAnswers } from './answers.ts';
import type { LifecycleAnswers } from './answers.ts';
import type { CommandPayload, CommandTable, Rule } from './decide.ts';
import type { IssueDefinition } from './issue.ts';
import { isOfBody } from './kind.ts';
import type { RecordKind } from './kind.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Statechart } from './statechart.ts';
import type { FoldedEvent } from './folded-event.ts';
import type { LifecycleState } from './lifecycle-definition.ts';
import type { Notices } from './notices.ts';
import type { Queues } from './queue.ts';
import type { LifecycleWords } from './words.ts';

/** A version of a lifecycle with its commands and words. */
export interface CommandedLifecycle<Facts = unknown> extends Lifecycle<Facts> {
  readonly kind: RecordKind;
  readonly commands: CommandTable<Facts>;
  readonly words: LifecycleWords;
  readonly answers: LifecycleAnswers;
  /** How its records are created. */
  readonly issue: IssueDefinition;
  /** Its work queues. */
  readonly queues: Queues;
  /** The notifications for its events; none if absent. */
  readonly notices?: Notices;
}

/** Returns a version with its commands. Refusals for the state suggest the commands to run first. */
export const withCommands = <Facts, Of extends Lifecycle<Facts>>(
  lifecycle: Of & Lifecycle<Facts>,
  {
    kind,
    commands,
    issue,
    words = {},
    answers,
    queues = {},
    notices,
  }: Pick<CommandedLifecycle<NoInfer<Facts>>, 'kind' | 'commands' | 'issue'> &
    Partial<Pick<CommandedLifecycle, 'words' | 'queues' | 'notices'>> & {
      /** The members of responses; if absent, those of a lifecycle that adds none. */
      readonly answers?: Partial<LifecycleAnswers>;
    },
): Of & CommandedLifecycle<Facts> => ({
  ...lifecycle,
  kind,
  commands: withoutPrototype(withoutBackdating(kind, commands)),
  issue,
  words,
  answers: { ...plainAnswers(lifecycle.code), ...answers },
  queues,
  ...(notices !== undefined && { notices }),
  whyNot(value, condition) {
    const why = lifecycle.whyNot(value, condition);
    if (why === null) return null;
    const first = Object.keys(commands).filter((name) => {
      const row = commands[name];
      return row !== undefined && lifecycle.canRunInSequence(value, row, condition);
    });
    return first.length === 0 ? why : `${why}; use ${first.join(' or ')} first`;
  },
});

/** Returns the commands, without earlier effective dates for the people of a record's body. */
const withoutBackdating = <Facts>(kind: RecordKind, commands: CommandTable<Facts>): CommandTable<Facts> =>
  Object.fromEntries(
    Object.entries(commands).map(([name, row]) =>
      row.bodyMayBackdate === true || !row.roles.some((role) => isOfBody(kind, role))
        ? [name, row]
        : [name, { ...row, rules: [actsToday(kind), ...(row.rules ?? [])] }],
    ),
  );

const actsToday = (kind: RecordKind): Rule<unknown, CommandPayload> => ({
  code: 'effective-date-not-yours',
  isMet: (_, { effectiveOn }, { role, today }) =>
    effectiveOn === undefined || effectiveOn === today || !isOfBody(kind, role),
  detail: (_, { effectiveOn = '' }, { role, today }) =>
    `As ${role} you cannot backdate to ${effectiveOn}; leave effectiveOn out to use today, ${today}`,
});

/** Returns a table without a prototype, because requests can contain names such as `constructor`. */
function withoutPrototype<Table extends object>(table: Table): Table {
  const own = { ...table };
  Object.setPrototypeOf(own, null);
  return own;
}

/** The parts of an event that identify its lifecycle and its place in the stream. */
export type LifecycleEvent = Pick<Envelope, 'streamId' | 'version' | 'lifecycle'>;

/** The parts of a stored event that folding needs. */
export type FoldableEvent = FoldedEvent & LifecycleEvent;

/**
 * A record's event in a known shape, without the members that verify an envelope. Verification, erasure
 * and exports use the stored event.
 */
export type ReadEvent = Omit<Envelope, 'nonce' | 'previousHash' | 'hash'>;

/** Statecharts by reference: enough to verify a history without the code of its lifecycles. */
export interface KnownStatecharts {
  /** Returns the statechart; null for an unknown reference, or for null. */
  find(reference: LifecycleReference | null): Pick<Statechart, 'valueAfter'> | null;
  /** Returns the message for an event with an unknown lifecycle. */
  notKnown(event: LifecycleEvent): string;
}

/** Thrown for an event that was recorded under a lifecycle that this build does not have. */
export class UnknownLifecycleError extends Error {
  readonly code = 'unknown-lifecycle';

  constructor(message: string) {
    super(message);
    this.name = 'UnknownLifecycleError';
  }
}

/** All lifecycle versions. Each event is read by the version that it refers to. */
export class Lifecycles<
  Facts = unknown,
  Own extends CommandedLifecycle<Facts> = CommandedLifecycle<Facts>,
> implements KnownStatecharts {
  /** All versions. New records follow the last version of each lifecycle. */
  readonly all: readonly Own[];
  /** The version of each lifecycle that new records follow. */
  readonly currents: readonly Own[];
  /** The states of the current versions' regions. Regions with the same name are merged. */
  readonly regions: Readonly<Record<string, readonly string[]>>;
  /** Every status of the current versions, without duplicates. */
  readonly statuses: readonly string[];
  readonly #current: ReadonlyMap<string, Own>;
  readonly #byDigest: ReadonlyMap<string, Own>;

  /**
   * @param all the versions of each lifecycle in order
   * @throws Error if two have the same digest.
   */
  constructor(...all: readonly Own[]) {
    this.all = all;
    this.#current = new Map(all.map((each) => [each.reference.name, each]));
    this.currents = [...this.#current.values()];
    this.regions = regionsOf(this.currents);
    const ofStatus = new Set(this.currents.map(({ definition }) => definition.statusRegion));
    this.statuses = [...new Set([...ofStatus].flatMap((region) => this.regions[region] ?? []))];
    this.#byDigest = new Map(this.all.map((each) => [each.reference.digest, each]));
    if (this.#byDigest.size < this.all.length) throw new Error('Two lifecycles have the same digest');
  }

  /**
   * Returns the version of a lifecycle that new records follow.
   * @throws UnknownLifecycleError for an unknown name.
   */
  current(name: string): Own {
    const found = this.#current.get(name);
    if (found !== undefined) return found;
    const known = [...this.#current.keys()].join(', ');
    throw new UnknownLifecycleError(
      `This build of Docket has no lifecycle ${name}; it has ${known}. Use a build that has it`,
    );
  }

  /** Returns the lifecycle of a reference; null for an unknown reference, or for null. */
  find(reference: LifecycleReference | null): Own | null {
    if (reference === null) return null;
    const found = this.#byDigest.get(reference.digest);
    const { name, version } = found?.reference ?? {};
    return name === reference.name && version === reference.version ? (found ?? null) : null;
  }

  /**
   * Returns the lifecycle by which an event is read.
   * @throws UnknownLifecycleError with the event and its reference.
   */
  of(event: LifecycleEvent): Own {
    const found = this.find(event.lifecycle);
    if (found === null) throw new UnknownLifecycleError(this.notKnown(event));
    return found;
  }

  /**
   * Returns the state after an event, by the event's lifecycle.
   * @throws UnknownLifecycleError
   * @throws IllegalEventError if that lifecycle refuses the event.
   */
  evolve(state: LifecycleState<Facts> | null, event: FoldableEvent): LifecycleState<Facts> {
    return this.of(event).evolve(state, event);
  }

  /**
   * Returns a stored event, in a shape that its lifecycle knows.
   * @throws UnknownLifecycleError, UnknownShapeError, UnknownFormError
   */
  read(event: Envelope): ReadEvent {
    return withKnownShape(this.of(event).code.shapes, event);
  }

  readAll(events: readonly Envelope[]): readonly ReadEvent[] {
    return events.map((event) => this.read(event));
  }

  notKnown({ streamId, version, lifecycle }: LifecycleEvent): string {
    const known = this.all.map(({ reference }) => referenceText(reference)).join(', ');
    return (
      `Version ${version} of ${streamId} was recorded under lifecycle ${referenceText(lifecycle)}, which this build of Docket does not have; ` +
      `it has ${known}. Use a build that has it`
    );
  }
}

function regionsOf(all: readonly Pick<Statechart, 'definition'>[]): Record<string, readonly string[]> {
  const regions = new Map<string, Set<string>>();
  for (const { definition } of all)
    for (const [region, { states }] of Object.entries(definition.machine.states))
      regions.set(region, new Set([...(regions.get(region) ?? []), ...Object.keys(states)]));
  return Object.fromEntries([...regions].map(([region, states]) => [region, [...states]]));
}

const referenceText = (reference: LifecycleReference | null): string =>
  reference === null ? 'none' : `${reference.name} v${reference.version} (digest ${reference.digest})`;
