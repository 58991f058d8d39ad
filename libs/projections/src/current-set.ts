import type { ModelSet, SetPlace } from './model-set.ts';
import { SetReplacedError } from './model-set.ts';
import { ReadModelMissingError } from './read-model-database.ts';

interface Held {
  readonly set: ModelSet;
  users: number;
  isReplaced: boolean;
}

/** The number of attempts if sets are replaced meanwhile. */
const ATTEMPTS_MAX = 4;

/** The live set of a build, opened when it is first used, and again when another set has replaced it. */
export class CurrentSet {
  readonly #liveName: () => Promise<string | undefined>;
  readonly #sets: Pick<SetPlace, 'open'>;
  #held: Promise<Held> | null = null;
  /** The set that was opened last. */
  #seen: ModelSet | null = null;
  #closing: Promise<unknown> = Promise.resolve();

  /** @param liveName returns the name of the live set; undefined if there is none. */
  constructor(liveName: () => Promise<string | undefined>, sets: Pick<SetPlace, 'open'>) {
    this.#liveName = liveName;
    this.#sets = sets;
  }

  /** The open set; null if there is none. */
  get seen(): ModelSet | null {
    return this.#seen;
  }

  /**
   * Runs an action with the live set, and again if another one has replaced it meanwhile.
   * @throws ReadModelMissingError if there is no live set; errors of `action`.
   */
  async use<Result>(action: (set: ModelSet) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      const held = await this.#hold();
      held.users += 1;
      try {
        return await action(held.set);
      } catch (error) {
        if (attempt === ATTEMPTS_MAX || !(await this.#wasReplaced(held.set, error))) throw error;
        if (!held.isReplaced) this.#held = null;
        held.isReplaced = true;
      } finally {
        held.users -= 1;
        this.#closeUnused(held);
      }
    }
  }

  async close(): Promise<void> {
    const held = await this.#held?.catch(() => null);
    this.#held = null;
    await held?.set.close();
    await this.#closing;
  }

  #hold(): Promise<Held> {
    this.#held ??= this.#open().catch((error: unknown) => {
      this.#held = null;
      throw error;
    });
    return this.#held;
  }

  async #open(): Promise<Held> {
    for (let attempt = 1; ; attempt += 1) {
      const name = await this.#liveName();
      if (name === undefined) throw new ReadModelMissingError();
      try {
        this.#seen = await this.#sets.open(name);
        return { set: this.#seen, users: 0, isReplaced: false };
      } catch (error) {
        // Another process may have replaced it in between.
        if (attempt === ATTEMPTS_MAX || (await this.#liveName()) === name) throw error;
      }
    }
  }

  /** Any error may be the consequence of a switch: the tables may be gone, and a damaged file cannot say so. */
  async #wasReplaced({ name }: ModelSet, error: unknown): Promise<boolean> {
    if (error instanceof SetReplacedError) return true;
    const live = await this.#liveName().catch(() => name);
    return live !== name;
  }

  /** Closes a replaced set behind its last user. */
  #closeUnused({ set, users, isReplaced }: Held): void {
    if (!isReplaced || users > 0) return;
    this.#closing = Promise.all([this.#closing, set.close().catch(() => undefined)]);
  }
}
