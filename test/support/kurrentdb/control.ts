import type { FaultScope } from './faults.ts';
import type { Drop } from './subscriptions.ts';

/** The test controls of a server, and their results. */
export interface ControlCommands {
  /** Makes the next calls fail with UNAVAILABLE without doing anything. */
  fail(scope: FaultScope): void;
  /** Makes the next appends fail because another node is the leader, which the error names. */
  denyLeadership(scope: FaultScope): void;
  /** Makes the next appends fail with UNAVAILABLE after they are stored. */
  loseAnswers(scope: FaultScope): void;
  /** Refuses the next appends as during another append to the same streams, which no read shows yet. */
  refuse(scope: FaultScope): void;
  /** Delays the next appends: they get their prepare positions, and a response only after `release`. */
  pauseAppends(scope: FaultScope): void;
  /** Commits or rolls back the waiting appends, and returns their number. */
  release(how: 'commit' | 'rollBack'): number;
  /**
   * Runs the calls of this many clients one at a time, in an order derived from the seed, so that calls of different
   * clients interleave.
   */
  interleave(seed: number, clients: number): void;
  /** Makes appends to streams with this prefix fail with UNAVAILABLE without doing anything. */
  lock(prefix: string): void;
  unlock(prefix: string): void;
  /** Ends all subscriptions, and returns their number. */
  dropSubscriptions(how: Drop): number;
  /** Removes hidden events from the log, and returns their number. */
  scavenge(): number;
  /** Stops a node's listener, and cuts its connections. Revives it after `ms`, if set. */
  kill(node: number, ms?: number): void;
  /** Makes a node listen again on its port, with the stored data. */
  revive(node: number): void;
  /** Makes a node the leader. */
  makeLeader(node: number): void;
  /** Ends all faults, revives all nodes, and makes the first one the leader. Keeps the stored data. */
  reset(): void;
  status(): ServerStatus;
}

interface ServerStatus {
  /** The number of waiting appends. */
  readonly waiting: number;
  /** The number of records that reads of the log have scanned so far. */
  readonly walked: number;
}

/** The commands for another process. */
export type Control = {
  readonly [Name in keyof ControlCommands]: (
    ...args: Parameters<ControlCommands[Name]>
  ) => Promise<ReturnType<ControlCommands[Name]>>;
};

/** Returns the controls of the server at this control endpoint. */
export function controlAt(url: string): Control {
  const send = async (name: string, args: readonly unknown[]): Promise<unknown> => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify([name, ...args]) });
    if (!response.ok)
      throw new Error(`the KurrentDB test server refused '${name}': ${await response.text()}`);
    return response.json();
  };
  return new Proxy({} as Control, {
    // Without this, `await` would treat the controls as a promise.
    get: (_, name) =>
      name === 'then' ? undefined : (...args: readonly unknown[]) => send(String(name), args),
  });
}
