import { setTimeout as delay } from 'node:timers/promises';
import { openFeed } from '../support/service-feed.ts';
import type { Feed } from '../support/service-feed.ts';
import type { ChaosNodes } from './chaos-nodes.ts';

/** The longest connection of a follower to one node, in milliseconds. */
const STAY_MS_MAX = 8_000;
const LOOK_MS = 20;
/** The time in which a follower must reach the end of a log that no longer grows, in milliseconds. */
const REACH_MS_MAX = 120_000;

/** Reads the live feed as a browser does: it resumes after the last id, at any node. */
export class ChaosFollower {
  readonly #nodes: ChaosNodes;
  readonly #random: () => number;
  readonly #name: string;
  /** All received events, in order. */
  readonly seen: string[] = [];
  /** The number of feeds that were opened. */
  feeds = 0;
  #lastId: string | null = null;
  #end: string | null = null;

  constructor(nodes: ChaosNodes, name: string, random: () => number) {
    this.#nodes = nodes;
    this.#name = name;
    this.#random = random;
  }

  /** Sets the position at which the follower ends; '0' ends it at once. */
  endAt(position: string): void {
    this.#end = position;
  }

  /** Follows the feed until that position. */
  async follow(): Promise<void> {
    let until = Infinity;
    while (!this.#isAtEnd(this.#lastId)) {
      if (this.#end !== null) until = Math.min(until, performance.now() + REACH_MS_MAX);
      if (performance.now() > until)
        throw new Error(`${this.#name} is at ${this.#lastId} and not at ${this.#end}`);
      const feed = await this.#open();
      if (feed === null) {
        await delay(LOOK_MS);
        continue;
      }
      this.feeds += 1;
      await this.#read(feed, performance.now() + this.#random() * STAY_MS_MAX);
    }
  }

  /** Returns a feed; null if the node does not respond with one. */
  async #open(): Promise<Feed | null> {
    const node = this.#nodes.at(Math.floor(this.#random() * this.#nodes.count));
    const token = node.token('auditor', { subject: this.#name });
    const headers = this.#lastId === null ? {} : { 'last-event-id': this.#lastId };
    // A failure is expected, because the node may be down.
    const feed = await openFeed(node.address, token, { headers }).catch(() => null);
    if (feed?.response.statusCode === 200) return feed;
    feed?.close();
    return null;
  }

  #isAtEnd(id: string | null): boolean {
    return this.#end !== null && BigInt(id ?? '0') >= BigInt(this.#end);
  }

  async #read(feed: Feed, until: number): Promise<void> {
    while (!feed.ended && performance.now() < until && !this.#isAtEnd(feed.events.at(-1)?.id ?? null))
      await delay(LOOK_MS);
    feed.close();
    for (const { id, data } of feed.events) {
      this.seen.push(data.eventId);
      this.#lastId = id;
    }
  }
}
