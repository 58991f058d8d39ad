import { LRUCache } from 'lru-cache';
import { hash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { systemClock } from '#event-sourcing/clock';
import { HttpProblemError } from './problems.ts';

declare module 'fastify' {
  interface FastifyInstance {
    calendarLinkGuesses: CalendarLinkGuesses;
  }
}

/** How many links that there are not one address may ask for in a window; many programs may share it, each with an old link. */
const FAILED_MAX = 100;
const WINDOW_MS = 60_000;
/** How many addresses are counted, and how many links are known to be good. */
const REMEMBERED_MAX = 10_000;

/**
 * Bounds how often one address asks for calendar links that there are not: whoever tries ids or keys makes no more work than
 * that. A link that was opened before is opened all the same, since many may come from one address, as behind a proxy.
 */
export class CalendarLinkGuesses {
  readonly #failed: LRUCache<string, { count: number }>;
  /** Hashes of links with their keys: nothing here opens one. */
  readonly #opened = new LRUCache<string, true>({ max: REMEMBERED_MAX });

  /** `now` gives milliseconds since any instant. */
  constructor(now: () => number = () => systemClock.elapsed()) {
    // lru-cache takes 0 for no time at all.
    const perf = { now: () => now() + 1 };
    this.#failed = new LRUCache({ max: REMEMBERED_MAX, ttl: WINDOW_MS, ttlResolution: 0, perf });
  }

  /** @throws ProblemError 429 where an address has failed too often, and the link was not opened before. */
  admit(address: string, link: string): void {
    const from = networkOf(address);
    const { count } = this.#failed.get(from) ?? { count: 0 };
    if (count < FAILED_MAX || this.#opened.has(hash('sha256', link))) return;
    const seconds = Math.max(1, Math.ceil(this.#failed.getRemainingTTL(from) / 1_000));
    const detail = `Your address asked for ${FAILED_MAX} calendar links that there are not; try again in ${seconds} s`;
    throw new HttpProblemError('rate-limited', detail, { 'retry-after': String(seconds) });
  }

  /** Notes how it ended. */
  ended(address: string, link: string, isOpened: boolean): void {
    const known = hash('sha256', link);
    if (isOpened) {
      this.#opened.set(known, true);
      return;
    }
    this.#opened.delete(known);
    const from = networkOf(address);
    const failed = this.#failed.get(from);
    if (failed === undefined) this.#failed.set(from, { count: 1 });
    else failed.count += 1;
  }
}

/** Of IPv6 the part that one customer has all addresses of. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::')) return address;
  const [head = ''] = address.split('::');
  return head.split(':').slice(0, 4).join(':');
}
