import { LRUCache } from 'lru-cache';
import { hash } from 'node:crypto';
import { systemClock } from '#event-sourcing/clock';
import { HttpProblemError } from './problems.ts';

declare module 'fastify' {
  interface FastifyInstance {
    calendarLinkGuesses: CalendarLinkGuesses;
  }
}

/** The number of failures per address and window. Many programs may share an address, each with an old link. */
const FAILED_MAX = 100;
const WINDOW_MS = 60_000;
/** The number of addresses counted, and of valid links remembered. */
const REMEMBERED_MAX = 10_000;

/**
 * Rate-limits requests for invalid calendar links per address, so that guessing ids or keys stays cheap for the server. A link that was
 * opened before is always admitted, since many callers may share one address, for example behind a proxy.
 */
export class CalendarLinkGuesses {
  readonly #failed: LRUCache<string, { count: number }>;
  /** Hashes of links with their keys, which open no link. */
  readonly #opened = new LRUCache<string, true>({ max: REMEMBERED_MAX });

  /** `now` returns milliseconds since any instant. */
  constructor(now: () => number = () => systemClock.elapsed()) {
    // lru-cache treats 0 as no time.
    const perf = { now: () => now() + 1 };
    this.#failed = new LRUCache({ max: REMEMBERED_MAX, ttl: WINDOW_MS, ttlResolution: 0, perf });
  }

  /** @throws ProblemError 429 if the address has failed too often and the link was not opened before. */
  admit(address: string, link: string): void {
    const { count } = this.#failed.get(address) ?? { count: 0 };
    if (count < FAILED_MAX || this.#opened.has(hash('sha256', link))) return;
    const seconds = Math.max(1, Math.ceil(this.#failed.getRemainingTTL(address) / 1_000));
    const detail = `Your address requested ${FAILED_MAX} invalid calendar links; try again in ${seconds} s`;
    throw new HttpProblemError('rate-limited', detail, { 'retry-after': String(seconds) });
  }

  /** Records the result of a request. */
  recordResult(address: string, link: string, isOpened: boolean): void {
    const known = hash('sha256', link);
    if (isOpened) {
      this.#opened.set(known, true);
      return;
    }
    this.#opened.delete(known);
    const failed = this.#failed.get(address);
    if (failed === undefined) this.#failed.set(address, { count: 1 });
    else failed.count += 1;
  }
}
