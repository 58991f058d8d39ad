import { setTimeout as delay } from 'node:timers/promises';
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

/** What a server is told to do wrong. */
export class Faults {
  #failing: Countdown | null = null;
  #notLeader: Countdown | null = null;
  #slow: (Countdown & { readonly ms: number }) | null = null;
  #losing: Countdown | null = null;
  #holding: Countdown | null = null;
  #held: HeldAppend[] = [];
  /** How the names of streams begin to which nobody can append. */
  readonly #locked = new Set<string>();

  /** The next calls fail as where the server is not ready; nothing is done. */
  fail(scope: FaultScope): void {
    this.#failing = countdown(scope);
  }

  /** The next appends are told that another node leads. */
  denyLeadership(scope: FaultScope): void {
    this.#notLeader = countdown({ on: 'append', ...scope });
  }

  slow(ms: number, scope: FaultScope): void {
    this.#slow = { ...countdown(scope), ms };
  }

  /** The next appends are done, and then fail as where the connection is lost. */
  loseAnswers(scope: FaultScope): void {
    this.#losing = countdown(scope);
  }

  /** The next appends get their prepare positions, and wait until they are committed or rolled back. */
  hold(scope: FaultScope): void {
    this.#holding = countdown(scope);
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

  /** Ends all faults; what is held is rolled back. */
  clear(): void {
    this.#failing = this.#notLeader = this.#slow = this.#losing = this.#holding = null;
    this.#locked.clear();
    this.release('rollBack');
  }

  /** Before a call is done: waits, or throws what it fails with. */
  async admit(kind: CallKind, notLeader: () => Error): Promise<void> {
    if (this.#slow !== null && takes(this.#slow, kind)) await delay(this.#slow.ms);
    if (takes(this.#failing, kind)) throw unavailable();
    if (takes(this.#notLeader, kind)) throw notLeader();
  }

  /** Appends, unless it is to be held. Throws where the answer is to be lost. */
  async append(
    store: LogStore,
    streams: readonly StreamAppend[],
    events: readonly AppendedEvent[],
  ): Promise<AppendOutcome> {
    const isLocked = [...this.#locked].some((prefix) =>
      streams.some(({ stream }) => stream.startsWith(prefix)),
    );
    if (isLocked) throw unavailable();
    const outcome = takes(this.#holding, 'append')
      ? await this.#heldAppend(store, streams, events)
      : store.append(streams, events);
    this.loseAnswer(outcome);
    return outcome;
  }

  loseAnswer({ kind }: AppendOutcome): void {
    if (kind === 'stored' && takes(this.#losing, 'append')) throw connectionDropped();
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
