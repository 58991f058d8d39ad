import { setTimeout as delay } from 'node:timers/promises';
import { randomOf } from '../random.ts';
import { connectionDropped, unavailable } from './errors.ts';
import type { AppendedEvent, AppendOutcome, Expectations, LogStore } from './log-store.ts';

export type CallKind = 'append' | 'read';

/** The simulated faults of calls. */
export type Fault =
  /** The call fails with UNAVAILABLE without doing anything. */
  | 'fail'
  /** The append fails because another node is the leader, which the error names. */
  | 'denyLeadership'
  /** The append fails with UNAVAILABLE after it is stored. */
  | 'loseAnswers'
  /** The append is refused as during another append to the same streams, which no read shows yet. */
  | 'refuse'
  /** The append gets its prepare positions, and a response only after `release`. */
  | 'pauseAppends';

/** The calls that a fault affects. */
export interface FaultScope {
  /** The number of calls; null for all until the faults are cleared. */
  readonly calls: number | null;
  /** All kinds if absent. */
  readonly on?: CallKind;
}

/** The longest time in milliseconds by which interleaving delays a call. */
const DELAY_MS_MAX = 8;

/** The simulated faults of a server. */
export class Faults {
  readonly #armed = new Map<Fault, { left: number; readonly on: CallKind | undefined }>();
  #random: (() => number) | null = null;
  #waiting: ((how: 'commit' | 'rollBack') => void)[] = [];
  /** The prefixes of streams that refuse appends; with `$all`, reads are refused. */
  readonly #locked = new Set<string>();

  arm(fault: Fault, { calls, on }: FaultScope): void {
    this.#armed.set(fault, { left: calls ?? Infinity, on });
  }

  /** Delays every call by a random time that the seed determines, so that calls of several clients interleave. */
  interleave(seed: number): void {
    this.#random = randomOf(seed);
  }

  /** Returns the number of paused appends. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Commits the paused appends in order, or rolls them back. */
  release(how: 'commit' | 'rollBack'): void {
    for (const end of this.#waiting.splice(0)) end(how);
  }

  /** Makes appends to streams with this prefix fail with UNAVAILABLE without doing anything. */
  lock(prefix: string): void {
    this.#locked.add(prefix);
  }

  unlock(prefix: string): void {
    this.#locked.delete(prefix);
  }

  isLocked(stream: string): boolean {
    return [...this.#locked].some((prefix) => stream.startsWith(prefix));
  }

  /** Ends all faults, and rolls paused appends back. */
  clear(): void {
    this.#armed.clear();
    this.#locked.clear();
    this.#random = null;
    this.release('rollBack');
  }

  /** Waits, or throws the error of a call, before the call runs. */
  async admit(kind: CallKind, notLeader: () => Error): Promise<void> {
    if (this.#random !== null) await delay(this.#random() * DELAY_MS_MAX);
    if (this.#strikes('fail', kind)) throw unavailable();
    if (kind === 'append' && this.#strikes('denyLeadership', kind)) throw notLeader();
  }

  /** Appends, or delays the append. Throws if the response must be lost. */
  async append(
    store: LogStore,
    expectations: Expectations,
    events: readonly AppendedEvent[],
  ): Promise<AppendOutcome> {
    if ([...expectations.keys()].some((stream) => this.isLocked(stream))) throw unavailable();
    if (this.#strikes('refuse', 'append')) {
      const failures = [...expectations].map(([stream, expected]) => {
        return { stream, expected, actual: expected + 1n };
      });
      return { kind: 'refused', failures };
    }
    let reserved: readonly bigint[] | undefined;
    if (this.#strikes('pauseAppends', 'append')) {
      reserved = store.reserve(events);
      const how = await new Promise((resolve) => this.#waiting.push(resolve));
      if (how === 'rollBack') throw connectionDropped();
    }
    const outcome = store.append(expectations, events, reserved);
    if (outcome.kind === 'stored' && this.#strikes('loseAnswers', 'append')) throw connectionDropped();
    return outcome;
  }

  #strikes(fault: Fault, kind: CallKind): boolean {
    const armed = this.#armed.get(fault);
    if (armed === undefined || armed.left <= 0 || (armed.on ?? kind) !== kind) return false;
    armed.left -= 1;
    return true;
  }
}
