import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '#event-sourcing/errors';
import type { NodePlace } from '../support/nodes.ts';
import { startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';

/** The time in which a node must become ready again, in milliseconds; the store is unavailable for a part of it. */
const BACK_MS_MAX = 120_000;
const AGAIN_MS = 200;

/** Nodes that are killed and restarted. */
export class ChaosNodes {
  readonly #places: readonly NodePlace[];
  readonly #nodes: RunningService[] = [];
  readonly #down = new Set<number>();
  readonly #starting = new Set<Promise<void>>();
  kills = 0;
  /** The number of starts that failed because the store was unavailable. */
  failedStarts = 0;

  constructor(places: readonly NodePlace[]) {
    this.#places = places;
  }

  async start(): Promise<void> {
    for (const place of this.#places) this.#nodes.push(await startService(place));
  }

  get count(): number {
    return this.#places.length;
  }

  /** Returns a node as it was last started. It may be down, which a client cannot know either. */
  at(index: number): RunningService {
    return this.#nodes[index % this.#nodes.length] as RunningService;
  }

  /** Kills a node as a power cut does, and restarts it later. Returns false if it is already down. */
  kill(index: number, downMs: number): boolean {
    if (this.#down.has(index)) return false;
    this.#down.add(index);
    this.kills += 1;
    const back = this.#killAndStart(index, downMs);
    this.#starting.add(back);
    // A failed restart is checked at the end.
    back.then(() => this.#starting.delete(back)).catch(() => undefined);
    return true;
  }

  /** Waits until every node runs. */
  async settled(): Promise<void> {
    await Promise.all(this.#starting);
  }

  async stop(): Promise<unknown[]> {
    await this.settled();
    return Promise.all(this.#nodes.map((node) => node.stop()));
  }

  async #killAndStart(index: number, downMs: number): Promise<void> {
    await this.at(index).kill9();
    await delay(downMs);
    const until = performance.now() + BACK_MS_MAX;
    for (;;) {
      try {
        this.#nodes[index] = await startService(this.#places[index]);
        this.#down.delete(index);
        return;
      } catch (error) {
        if (performance.now() > until)
          throw new Error(`node ${index} did not come back: ${messageOf(error)}`, { cause: error });
        this.failedStarts += 1;
        await delay(AGAIN_MS);
      }
    }
  }
}
