import { randomOf } from '../random.ts';
import { connectionDropped, unavailable } from './call-error.ts';
import type { AppendedEvent, AppendOutcome, LogStore, StreamAppend } from './log-store.ts';

export type CallKind = 'append' | 'read' | 'subscribe';

/** For which calls a fault is; for all kinds where none is named. */
export interface FaultScope {
  /** For how many calls; null for all until the faults are cleared. */
  readonly calls: number | null;
  readonly on?: CallKind;
}

interface Countdown {
  left: number;
  readonly on: CallKind | undefined;
}

const countdown = ({ calls, on }: FaultScope): Countdown => ({ left: calls ?? Infinity, on });

function takes(fault: Countdown | null, kind: CallKind): boolean {
  if (fault === null || fault.left <= 0 || (fault.on !== undefined && fault.on !== kind)) return false;
  fault.left -= 1;
  return true;
}

interface HeldAppend {
  readonly commit: () => void;
  readonly rollBack: () => void;
}

/** How long no other call must have come before one goes on where fewer clients wait. */
const QUIET_MS = 10;

/** Lets one waiting call go on at a time, when all clients wait. The seed chooses among them, so that calls of several clients mix. */
class Interleaving {
  readonly #random: () => number;
  readonly #clients: number;
  readonly #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(seed: number, clients: number) {
    this.#random = randomOf(seed);
    this.#clients = clients;
  }

  turn(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#waiting.push(() => {
      resolve(undefined);
    });
    if (this.#waiting.length >= this.#clients) this.#next();
    this.#arm();
    return promise;
  }

  end(): void {
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  #next(): void {
    const index = Math.floor(this.#random() * this.#waiting.length);
    const [goOn] = this.#waiting.splice(index, 1);
    goOn?.();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#waiting.length === 0) return;
    this.#timer = setTimeout(() => {
      this.#next();
      this.#arm();
    }, QUIET_MS);
  }
}

/** What a server is told to do wrong. */
export class Faults {
  #failing: Countdown | null = null;
  #notLeader: Countdown | null = null;
  #losing: Countdown | null = null;
  #refusing: Countdown | null = null;
  #holding: Countdown | null = null;
  #interleaving: Interleaving | null = null;
  #held: HeldAppend[] = [];
  /** How the names of streams begin to which nobody can append; of `$all`, which nobody may read. */
  readonly #locked = new Set<string>();

  /** The next calls fail as where the server is not ready; nothing is done. */
  fail(scope: FaultScope): void {
    this.#failing = countdown(scope);
  }

  /** The next appends are told that another node leads. */
  denyLeadership(scope: FaultScope): void {
    this.#notLeader = countdown({ on: 'append', ...scope });
  }

  /** The next appends are done, and then fail as where the connection is lost. */
  loseAnswers(scope: FaultScope): void {
    this.#losing = countdown(scope);
  }

  /** The next appends are refused as where another one to their streams is under way, which no read shows yet. */
  refuse(scope: FaultScope): void {
    this.#refusing = countdown(scope);
  }

  /** The next appends get their prepare positions, and wait until they are committed or rolled back. */
  hold(scope: FaultScope): void {
    this.#holding = countdown(scope);
  }

  interleave(seed: number, clients: number): void {
    this.#interleaving?.end();
    this.#interleaving = new Interleaving(seed, clients);
  }

  get held(): number {
    return this.#held.length;
  }

  /** Commits what is held in the order in which it came, or rolls it back. */
  release(how: 'commit' | 'rollBack'): number {
    const held = this.#held;
    this.#held = [];
    for (const append of held) append[how]();
    return held.length;
  }

  lock(prefix: string): void {
    this.#locked.add(prefix);
  }

  unlock(prefix: string): void {
    this.#locked.delete(prefix);
  }

  isLocked(stream: string): boolean {
    return [...this.#locked].some((prefix) => stream.startsWith(prefix));
  }

  /** Ends all faults; what is held is rolled back. */
  clear(): void {
    this.#failing = this.#notLeader = this.#losing = null;
    this.#refusing = this.#holding = null;
    this.#locked.clear();
    this.#interleaving?.end();
    this.#interleaving = null;
    this.release('rollBack');
  }

  /** Before a call is done: waits, or throws what it fails with. */
  async admit(kind: CallKind, notLeader: () => Error): Promise<void> {
    await this.#interleaving?.turn();
    if (takes(this.#failing, kind)) throw unavailable();
    if (takes(this.#notLeader, kind)) throw notLeader();
  }

  /** Appends, unless it is to be held. Throws where the answer is to be lost. */
  async append(
    store: LogStore,
    streams: readonly StreamAppend[],
    events: readonly AppendedEvent[],
  ): Promise<AppendOutcome> {
    if (streams.some(({ stream }) => this.isLocked(stream))) throw unavailable();
    if (takes(this.#refusing, 'append')) {
      const failures = streams.map(({ expected }, of) => ({ of, actual: expected + 1n }));
      return { kind: 'refused', failures };
    }
    const outcome = takes(this.#holding, 'append')
      ? await this.#heldAppend(store, streams, events)
      : store.append(streams, events);
    if (outcome.kind === 'stored' && takes(this.#losing, 'append')) throw connectionDropped();
    return outcome;
  }

  #heldAppend(
    store: LogStore,
    streams: readonly StreamAppend[],
    events: readonly AppendedEvent[],
  ): Promise<AppendOutcome> {
    const commit = store.prepare(streams, events);
    return new Promise((resolve, reject) => {
      this.#held.push({
        commit: () => {
          resolve(commit());
        },
        rollBack: () => {
          reject(connectionDropped());
        },
      });
    });
  }
}
