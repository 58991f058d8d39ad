import type { FaultScope } from './faults.ts';
import type { Drop } from './subscriptions.ts';

/** What a server can be told beside the protocol, and what it answers. */
export interface ControlCommands {
  /** The next calls fail with UNAVAILABLE, and nothing is done. */
  fail(scope: FaultScope): void;
  /** The next appends are told that another node leads, and which one does. */
  denyLeadership(scope: FaultScope): void;
  /** The next appends are stored, and fail with UNAVAILABLE. */
  loseAnswers(scope: FaultScope): void;
  /** The next appends are refused as where another one to their streams is under way, which no read shows yet. */
  refuse(scope: FaultScope): void;
  /** The next appends get their prepare positions, and are answered when they are released. */
  hold(scope: FaultScope): void;
  /** Commits what is held, or rolls it back; says how many there were. */
  release(how: 'commit' | 'rollBack'): number;
  /** From now on the calls of so many clients go on one at a time, chosen by the seed: another's may come between any two of one. */
  interleave(seed: number, clients: number): void;
  /** Appends to streams whose names begin so fail with UNAVAILABLE, and nothing is done. */
  lock(prefix: string): void;
  unlock(prefix: string): void;
  /** Ends all subscriptions; says how many there were. */
  dropSubscriptions(how: Drop): number;
  /** Says how many events were removed from the log. */
  scavenge(): number;
  /** A node listens no more, and its connections are cut; until it is revived, which it is by itself after `ms`. */
  kill(node: number, ms?: number): void;
  /** It listens again, on its port and with what was stored. */
  revive(node: number): void;
  /** A node becomes the leader. */
  lead(node: number): void;
  /** Ends all faults, revives all nodes, and lets the first lead. What is stored stays. */
  reset(): void;
  status(): ServerStatus;
}

export interface ServerStatus {
  /** Appends that are held. */
  readonly held: number;
  /** Records of the log that reads of it have gone through so far. */
  readonly walked: number;
}

/** The commands, from another process. */
export type Control = {
  readonly [Name in keyof ControlCommands]: (
    ...given: Parameters<ControlCommands[Name]>
  ) => Promise<ReturnType<ControlCommands[Name]>>;
};

/** The control of the server whose control endpoint is at this address. */
export function controlAt(url: string): Control {
  const send = async (name: string, given: readonly unknown[]): Promise<unknown> => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify([name, ...given]) });
    if (!response.ok)
      throw new Error(`the KurrentDB test server refused '${name}': ${await response.text()}`);
    return response.json();
  };
  return new Proxy({} as Control, {
    // Whoever awaits it would take it for a promise.
    get: (_, name) =>
      name === 'then' ? undefined : (...given: readonly unknown[]) => send(String(name), given),
  });
}
