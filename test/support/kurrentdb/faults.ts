import { randomOf } from '../random.ts';
import { connectionDropped, unavailable } from './call-error.ts';
import type { AppendedEvent, AppendOutcome, LogStore, StreamAppend } from './log-store.ts';

export type CallKind = 'append' | 'read' | 'subscribe';

/** The kind of calls that a fault affects; all if absent. */
export interface FaultScope {
  /** The number of calls; null for all until the faults are cleared. */
  readonly calls: number | null;
  readonly on?: CallKind;
}

interface Countdown {
  left: number;
  readonly on: CallKind | undefined;
}

const countdown = ({ calls, on }: FaultScope): Countdown => ({ left: calls ?? Infinity, on });

function countsDown(fault: Countdown | null, kind: CallKind): boolean {
  if (fault === null || fault.left <= 0 || (fault.on !== undefined && fault.on !== kind)) return false;
  fault.left -= 1;
  return true;
}

interface WaitingAppend {
  readonly commit: () => void;
  readonly rollBack: () => void;
}

/** The time in milliseconds without another call, after which one continues although fewer clients wait. */
const QUIET_MS = 10;

/** Lets one call continue when all clients wait, chosen by the seed, so that calls of several clients interleave. */
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

/** The simulated faults of a server. */
export class Faults {
  #failing: Countdown | null = null;
  #notLeader: Countdown | null = null;
  #losing: Countdown | null = null;
  #refusing: Countdown | null = null;
  #pausing: Countdown | null = null;
  #interleaving: Interleaving | null = null;
  #waiting: WaitingAppend[] = [];
  /** The prefixes of streams that refuse appends; with `$all`, reads are refused. */
  readonly #locked = new Set<string>();

  /** Makes the next calls fail as on a server that is not ready, without doing anything. */
  fail(scope: FaultScope): void {
    this.#failing = countdown(scope);
  }

  /** Makes the next appends fail because another node is the leader. */
  denyLeadership(scope: FaultScope): void {
    this.#notLeader = countdown({ on: 'append', ...scope });
  }

  /** Makes the next appends succeed, and then fail as on a lost connection. */
  loseAnswers(scope: FaultScope): void {
    this.#losing = countdown(scope);
  }

  /** Refuses the next appends as during another append to the same streams, which no read shows yet. */
  refuse(scope: FaultScope): void {
    this.#refusing = countdown(scope);
  }

  /** Delays the next appends: they get their prepare positions, and wait for `release`. */
  pauseAppends(scope: FaultScope): void {
    this.#pausing = countdown(scope);
  }

  interleave(seed: number, clients: number): void {
    this.#interleaving?.end();
    this.#interleaving = new Interleaving(seed, clients);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Commits the waiting appends in order, or rolls them back. */
  release(how: 'commit' | 'rollBack'): number {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const append of waiting) append[how]();
    return waiting.length;
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

  /** Ends all faults, and rolls waiting appends back. */
  clear(): void {
    this.#failing = this.#notLeader = this.#losing = null;
    this.#refusing = this.#pausing = null;
    this.#locked.clear();
    this.#interleaving?.end();
    this.#interleaving = null;
    this.release('rollBack');
  }

  /** Waits, or throws the error of a call, before the call runs. */
  async admit(kind: CallKind, notLeader: () => Error): Promise<void> {
    await this.#interleaving?.turn();
    if (countsDown(this.#failing, kind)) throw unavailable();
    if (countsDown(this.#notLeader, kind)) throw notLeader();
  }

  /** Appends, or delays the append. Throws if the response must be lost. */
  async append(
    store: LogStore,
    streams: readonly StreamAppend[],
    events: readonly AppendedEvent[],
  ): Promise<AppendOutcome> {
    if (streams.some(({ stream }) => this.isLocked(stream))) throw unavailable();
    if (countsDown(this.#refusing, 'append')) {
      const failures = streams.map(({ expected }, of) => ({ of, actual: expected + 1n }));
      return { kind: 'refused', failures };
    }
    const outcome = countsDown(this.#pausing, 'append')
      ? await this.#heldAppend(store, streams, events)
      : store.append(streams, events);
    if (outcome.kind === 'stored' && countsDown(this.#losing, 'append')) throw connectionDropped();
    return outcome;
  }

  #heldAppend(
    store: LogStore,
    streams: readonly StreamAppend[],
    events: readonly AppendedEvent[],
  ): Promise<AppendOutcome> {
    const commit = store.prepare(streams, events);
    return new Promise((resolve, reject) => {
      this.#waiting.push({
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
