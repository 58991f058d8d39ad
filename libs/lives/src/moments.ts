import { systemClock } from '#event-sourcing/clock';
import type { Envelope } from '#event-sourcing/envelope';
import { kinds } from '#state-machines/record-streams';
import { LivesSet, shortPages } from './lives-set.ts';
import type { Log } from './lives-set.ts';
import { PastNotReadyError } from './past-not-ready.ts';

/** The time for which a caller waits for lives. Small logs are read in it. */
const PATIENCE_MS = 2_000;
/** The most sets that wait while another one is built. */
const WAITING_MAX = 4;
/** The number of sets of past moments that are kept. */
const KEPT = 2;
/** The time for which a set that another person used is kept, in milliseconds. */
const OTHERS_MS = 60_000;

/** The lives of a moment, and the log position up to which they were read. */
export interface LivesAt {
  readonly set: LivesSet;
  /** The lives of all events, which say who may see a record. */
  readonly today: LivesSet;
  readonly position: string;
}

interface Kept {
  readonly set: LivesSet;
  /** The person who used it last. */
  who: string | null;
  usedAt: number;
}

interface MomentsOptions {
  readonly patienceMs?: number;
  /** Called when the life of a record was folded again. */
  readonly onFolded: (set: LivesSet, stream: string) => void;
}

interface Build {
  readonly knownAt: string;
  readonly who: string | null;
  readonly done: Promise<LivesSet>;
}

/** The sets of lives: that of all events, which follows the log, and the last two of past moments. */
export class Moments {
  readonly #log: Log;
  readonly #options: MomentsOptions;
  readonly #today: LivesSet;
  #position = '0';
  /** The latest time at which an event was recorded. */
  #latest = '';
  #isBuilt = false;
  /** The reading of the log that runs, and the one that begins after it. */
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  /** The sets of past moments. */
  #kept: Kept[] = [];
  /** The sets to build, the running one first. */
  readonly #builds: Build[] = [];
  /** The set that is being built. */
  #unfinished: LivesSet | null = null;
  #progress = 0;

  constructor(log: Log, options: MomentsOptions) {
    this.#log = log;
    this.#options = options;
    this.#today = this.#newSet(null);
  }

  #newSet(knownAt: string | null): LivesSet {
    const set: LivesSet = new LivesSet(this.#log, knownAt, (stream) => {
      this.#options.onFolded(set, stream);
    });
    return set;
  }

  /**
   * Returns the lives of a moment, from everything that the log contains now.
   * @param who the person; each may have one set built at a time.
   * @throws PastNotReadyError
   */
  async at(knownAt: string | null, who: string | null): Promise<LivesAt> {
    await this.#inPatience(this.#catchUp());
    const set = await this.#setOf(knownAt, who);
    await set.refresh();
    return { set, today: this.#today, position: this.#position };
  }

  /** Reads the log up to its end, in a run that begins after the call. */
  #catchUp(): Promise<void> {
    if (this.#running === null) return (this.#running = this.#run());
    return (this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        return (this.#running = this.#run());
      }));
  }

  async #run(): Promise<void> {
    try {
      if (!this.#isBuilt) await this.#build();
      for await (const page of shortPages(this.#log, this.#position)) {
        for (const event of page) this.#follow(event);
        this.#position = page.at(-1)?.position ?? this.#position;
      }
      await this.#today.refresh();
    } finally {
      this.#running = null;
    }
  }

  async #build(): Promise<void> {
    this.#position = await this.#today.build(await this.#progressing());
    this.#isBuilt = true;
  }

  /** Returns a function that computes the progress from each page. */
  async #progressing(): Promise<(page: readonly Envelope[]) => void> {
    const last = Number(await this.#log.lastPosition());
    this.#progress = 0;
    return (page) => {
      for (const { recordedAt } of page) if (recordedAt > this.#latest) this.#latest = recordedAt;
      // The records are folded when the log has been read.
      this.#progress = Math.min(99, Math.floor((Number(page.at(-1)?.position ?? 0) / last) * 100));
    };
  }

  /** Marks the record of a new event. Clocks of nodes differ, so it may also be one that was known at a past moment. */
  #follow(event: Envelope): void {
    const { recordedAt, streamId } = event;
    if (recordedAt > this.#latest) this.#latest = recordedAt;
    if (kinds.ofStream(streamId) === null) return;
    const past = [...this.#kept.map(({ set }) => set), ...(this.#unfinished ? [this.#unfinished] : [])];
    for (const set of [this.#today, ...past]) if (set.isKnown(event)) set.mark(streamId);
  }

  async #setOf(knownAt: string | null, who: string | null): Promise<LivesSet> {
    if (knownAt === null || knownAt >= this.#latest) return this.#today;
    const kept = this.#kept.find(({ set }) => set.knownAt === knownAt);
    if (kept === undefined) {
      const build = this.#building(knownAt, who);
      return this.#inPatience(build.done, () => (build === this.#builds[0] ? this.#progress : 0));
    }
    Object.assign(kept, { who, usedAt: systemClock.elapsed() });
    return kept.set;
  }

  /** Returns the build of a moment's set, which begins after those that wait. */
  #building(knownAt: string, who: string | null): Build {
    const same = this.#builds.find((build) => build.knownAt === knownAt);
    if (same !== undefined) return same;
    if (who !== null && this.#builds.some((build) => build.who === who))
      throw new PastNotReadyError(0, 'Another past time that you asked for is being read from the log');
    if (this.#builds.length > WAITING_MAX)
      throw new PastNotReadyError(0, `${WAITING_MAX} past times are waiting to be read from the log`);
    const before = this.#builds.at(-1)?.done.catch(() => undefined);
    const done = Promise.resolve(before)
      .then(() => this.#buildAt(knownAt, who))
      .finally(() => {
        this.#unfinished = null;
        this.#builds.shift();
      });
    done.catch(() => undefined);
    const build = { knownAt, who, done };
    this.#builds.push(build);
    return build;
  }

  async #buildAt(knownAt: string, who: string | null): Promise<LivesSet> {
    const set = this.#newSet(knownAt);
    this.#unfinished = set;
    await set.build(await this.#progressing());
    if (this.#kept.length >= KEPT) this.#leave(who);
    this.#kept.push({ set, who, usedAt: systemClock.elapsed() });
    return set;
  }

  /** Drops the set that was used longest ago, but not one that another person has just used if the person has one. */
  #leave(who: string | null): void {
    const now = systemClock.elapsed();
    const mayGo = this.#kept.filter((kept) => kept.who === who || now - kept.usedAt > OTHERS_MS);
    const [oldest] = (mayGo.length > 0 ? mayGo : this.#kept).toSorted((a, b) => a.usedAt - b.usedAt);
    this.#kept = this.#kept.filter((kept) => kept !== oldest);
  }

  /** @throws PastNotReadyError after the longest wait of a caller. */
  async #inPatience<Result>(work: Promise<Result>, progress = () => this.#progress): Promise<Result> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = systemClock.after(() => {
      reject(new PastNotReadyError(progress()));
    }, this.#options.patienceMs ?? PATIENCE_MS);
    work.catch(() => undefined);
    try {
      return await Promise.race([work, late]);
    } finally {
      timer.close();
    }
  }
}
