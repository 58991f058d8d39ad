import type { Envelope, LifecycleReference, Pointer } from '#event-sourcing/envelope';
import { plainAnswers } from './answers.ts';
import type { LifecycleAnswers } from './answers.ts';
import { checkLifecycle } from './check-lifecycle.ts';
import type { CommandTable } from './decide.ts';
import type { IssueDefinition } from './issue.ts';
import type { RecordKind } from './kind.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Statechart } from './statechart.ts';
import type { FoldedEvent } from './folded-event.ts';
import type { LifecycleState } from './lifecycle-definition.ts';
import type { Notices } from './notices.ts';
import { plainQueues } from './queue.ts';
import type { Queues } from './queue.ts';
import type { LifecycleWords } from './words.ts';

/** A version of a lifecycle, with the commands that records under it take, and what people see it all called. */
export interface CommandedLifecycle<Facts = unknown> extends Lifecycle<Facts> {
  readonly kind: RecordKind;
  readonly commands: CommandTable<Facts>;
  readonly words: LifecycleWords;
  readonly answers: LifecycleAnswers;
  /** How its records begin. */
  readonly issue: IssueDefinition;
  /** What waits for whom. */
  readonly queues: Queues;
  /** Whom its events are news for; nobody where it declares none. */
  readonly notices?: Notices;
}

/** A version with its commands: what a refusal for the state says goes on with those that come first. */
export const withCommands = <Facts, Of extends Lifecycle<Facts>>(
  lifecycle: Of & Lifecycle<Facts>,
  {
    kind,
    commands,
    issue,
    words = {},
    answers,
    queues = plainQueues(kind, lifecycle.code, commands),
    notices,
  }: Pick<CommandedLifecycle<NoInfer<Facts>>, 'kind' | 'commands' | 'issue'> &
    Partial<Pick<CommandedLifecycle, 'words' | 'queues' | 'notices'>> & {
      /** What is left out is said as of a lifecycle that says nothing of it. */
      readonly answers?: Partial<LifecycleAnswers>;
    },
): Of & CommandedLifecycle<Facts> => ({
  ...lifecycle,
  kind,
  commands: withoutPrototype(commands),
  issue,
  words,
  answers: { ...plainAnswers(lifecycle.code.shapes.types), ...answers },
  queues,
  ...(notices !== undefined && { notices }),
  whyNot(value, asked) {
    const why = lifecycle.whyNot(value, asked);
    if (why === null) return null;
    const first = Object.keys(commands).filter((name) => {
      const row = commands[name];
      return row !== undefined && lifecycle.leadsTo(value, row, asked);
    });
    return first.length === 0 ? why : `${why}; ${first.join(' or ')} comes first`;
  },
});

/** A table of which names are looked up that a request gives: `constructor` is none of them. */
function withoutPrototype<Table extends object>(table: Table): Table {
  const own = { ...table };
  Object.setPrototypeOf(own, null);
  return own;
}

/** What of an event says by which lifecycle it is read, and where it stands. */
export type Ruled = Pick<Envelope, 'streamId' | 'version' | 'lifecycle'>;

/** What of a stored event it takes to fold it. */
export type FoldedByRule = FoldedEvent & Ruled;

/**
 * A record's event as it is read: in today's shape, whichever it was stored in, and so without that by which an envelope is verified.
 * What is verified, erased or given out is the stored one.
 */
export type ReadEvent = Omit<Envelope, 'nonce' | 'previousHash' | 'hash'>;

/** Statecharts by what events refer to: enough to verify a history, also one of which only the definitions are at hand. */
export interface KnownStatecharts {
  /** Null for one that is not known, and where none is named. */
  find(reference: LifecycleReference | null): Pick<Statechart, 'valueAfter'> | null;
  /** That an event's lifecycle is not known, and what to do. */
  notKnown(event: Ruled): string;
}

/** An event was recorded under a lifecycle that this build does not have: what it does to its record cannot be told here. */
export class UnknownLifecycleError extends Error {
  readonly code = 'unknown-lifecycle';

  constructor(message: string) {
    super(message);
    this.name = 'UnknownLifecycleError';
  }
}

/** The versions of lifecycles that there are. Each event says by which of them it is read. */
export class Lifecycles<
  Facts = unknown,
  Own extends Lifecycle<Facts> = Lifecycle<Facts>,
> implements KnownStatecharts {
  /** Every one; of each lifecycle, the version that new records follow is the last. */
  readonly all: readonly Own[];
  /** Of each lifecycle the version that new records follow. */
  readonly currents: readonly Own[];
  /** The states of each region of the current versions: regions of one name are one, and each state is there once. */
  readonly regions: Readonly<Record<string, readonly string[]>>;
  /** Every status of the current versions, each once. */
  readonly statuses: readonly string[];
  readonly #current: ReadonlyMap<string, Own>;
  readonly #byDigest: ReadonlyMap<string, Own>;
  /** By name and version, the definition that is in use: the last of those that the version has had. */
  readonly #inUse: ReadonlyMap<string, Own>;

  /**
   * @param all of each lifecycle its versions in their order, also earlier definitions of a version, each of which events name by its digest
   * @throws Error where two have one digest; InvalidLifecycleError where one that is in use names what it does not have.
   */
  constructor(...all: readonly Own[]) {
    this.all = all;
    this.#current = new Map(all.map((each) => [each.reference.name, each]));
    this.currents = [...this.#current.values()];
    this.regions = regionsOf(this.currents);
    const ofStatus = new Set(this.currents.map(({ definition }) => definition.statusRegion));
    this.statuses = [...new Set([...ofStatus].flatMap((region) => this.regions[region] ?? []))];
    this.#byDigest = new Map(this.all.map((each) => [each.reference.digest, each]));
    this.#inUse = new Map(this.all.map((each) => [versionKey(each.reference), each]));
    if (this.#byDigest.size < this.all.length) throw new Error('Two lifecycles have one digest');
    const types = all.flatMap(({ definition }) => Object.keys(definition.events));
    for (const each of this.#inUse.values())
      checkLifecycle(each, { types, isCurrent: this.currents.includes(each) });
  }

  /**
   * The version of a lifecycle that new records follow.
   * @throws UnknownLifecycleError for a name that none has.
   */
  current(name: string): Own {
    const found = this.#current.get(name);
    if (found !== undefined) return found;
    const known = [...this.#current.keys()].join(', ');
    throw new UnknownLifecycleError(
      `There is no lifecycle ${name} in this build of Docket; there is ${known}. Use a build that has it`,
    );
  }

  /** The lifecycle that a reference names; null for one that is not known, and where none is named. */
  find(reference: LifecycleReference | null): Own | null {
    if (reference === null) return null;
    const found = this.#byDigest.get(reference.digest);
    const { name, version } = found?.reference ?? {};
    return name === reference.name && version === reference.version ? (found ?? null) : null;
  }

  /**
   * The lifecycle by which an event is read.
   * @throws UnknownLifecycleError naming the event and what it refers to.
   */
  of(event: Ruled): Own {
    const found = this.find(event.lifecycle);
    if (found === null) throw new UnknownLifecycleError(this.notKnown(event));
    return found;
  }

  /**
   * The lifecycle under which a record goes on after an event: the version that the event names, in the definition that is in use.
   * @throws UnknownLifecycleError
   */
  after(event: Ruled): Own {
    const { reference } = this.of(event);
    return this.#inUse.get(versionKey(reference)) as Own;
  }

  /**
   * The state after an event, by the lifecycle that it names.
   * @throws UnknownLifecycleError; IllegalEventError when that lifecycle does not take it.
   */
  evolve(state: LifecycleState<Facts> | null, event: FoldedByRule): LifecycleState<Facts> {
    return this.of(event).evolve(state, event);
  }

  /**
   * A stored event as it is read, by the lifecycle that it names.
   * @throws UnknownLifecycleError, UnknownShapeError, UnknownFormError
   */
  read(event: Envelope): ReadEvent {
    return (this.find(event.lifecycle) ?? this.of(event)).code.shapes.asToday(event);
  }

  /** The same of several. */
  readAll(events: readonly Envelope[]): readonly ReadEvent[] {
    return events.map((event) => this.read(event));
  }

  /**
   * Whether pointers of stored events, as a redaction names them, are of a value that is read at a pointer, in whichever kind of record:
   * what was recorded in an older shape is named as it was stored.
   */
  isNamed(stored: readonly Pointer[], pointer: Pointer): boolean {
    return this.currents.some(({ code }) => code.shapes.isNamed(stored, pointer));
  }

  notKnown({ streamId, version, lifecycle }: Ruled): string {
    const known = this.all.map(({ reference }) => told(reference)).join(', ');
    return (
      `Version ${version} of ${streamId} was recorded under lifecycle ${told(lifecycle)}, which this build of Docket does not have; ` +
      `it has ${known}. Use a build that has it: 'docket lifecycle list' names those of a build`
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

const versionKey = ({ name, version }: LifecycleReference): string => `${name} ${version}`;

const told = (reference: LifecycleReference | null): string =>
  reference === null ? 'none' : `${reference.name} v${reference.version} (digest ${reference.digest})`;
