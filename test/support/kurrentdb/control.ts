import type { FaultScope } from './faults.ts';
import type { Drop } from './subscriptions.ts';

/** The test controls of a server, and their results. */
export interface ControlCommands {
  /** The next calls fail with UNAVAILABLE, and do nothing. */
  fail(scope: FaultScope): void;
  /** The next appends fail because another node is the leader; the error names it. */
  denyLeadership(scope: FaultScope): void;
  /** The next appends are stored, and fail with UNAVAILABLE. */
  loseAnswers(scope: FaultScope): void;
  /** The next appends are refused as during another append to the same streams, which no read shows yet. */
  refuse(scope: FaultScope): void;
  /** The next appends get their prepare positions, and a response only when they are released. */
  pauseAppends(scope: FaultScope): void;
  /** Commits or rolls back the waiting appends; returns their number. */
  release(how: 'commit' | 'rollBack'): number;
  /**
   * From now on the calls of this many clients run one at a time, in an order derived from the seed, so that calls of
   * different clients interleave.
   */
  interleave(seed: number, clients: number): void;
  /** Appends to streams with this prefix fail with UNAVAILABLE, and do nothing. */
  lock(prefix: string): void;
  unlock(prefix: string): void;
  /** Ends all subscriptions; returns their number. */
  dropSubscriptions(how: Drop): number;
  /** Returns the number of events removed from the log. */
  scavenge(): number;
  /** Stops a node's listener, and cuts its connections; revives it after `ms`, if set. */
  kill(node: number, ms?: number): void;
  /** Makes a node listen again on its port, with the stored data. */
  revive(node: number): void;
  /** Makes a node the leader. */
  makeLeader(node: number): void;
  /** Ends all faults, revives all nodes, and makes the first the leader. Keeps the stored data. */
  reset(): void;
  status(): ServerStatus;
}

interface ServerStatus {
  /** The number of waiting appends. */
  readonly waiting: number;
  /** The number of records that reads of the log have scanned so far. */
  readonly walked: number;
}

/** The commands, from another process. */
export type Control = {
  readonly [Name in keyof ControlCommands]: (
    ...args: Parameters<ControlCommands[Name]>
  ) => Promise<ReturnType<ControlCommands[Name]>>;
};

/** Returns the controls of the server with this control endpoint. */
export function controlAt(url: string): Control {
  const send = async (name: string, args: readonly unknown[]): Promise<unknown> => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify([name, ...args]) });
    if (!response.ok)
      throw new Error(`the KurrentDB test server refused '${name}': ${await response.text()}`);
    return response.json();
  };
  return new Proxy({} as Control, {
    // Otherwise `await` would treat it as a promise.
    get: (_, name) =>
      name === 'then' ? undefined : (...args: readonly unknown[]) => send(String(name), args),
  });
}
