import { messageOf } from '#event-sourcing/errors';

/** How the three verifiers call what does not hold in a pack; docs/pack-format.md says what each means. */
export type PackCode =
  | 'zip'
  | 'bag'
  | 'manifest'
  | 'json'
  | 'malformed'
  | 'unknown-form'
  | 'stream'
  | 'hash'
  | 'chain'
  | 'event-id'
  | 'commitment'
  | 'missing'
  | 'erased'
  | 'withheld'
  | 'lifecycle'
  | 'state'
  | 'statement'
  | 'checkpoint'
  | 'proof'
  | 'consistency'
  | 'pack-made'
  | 'begun'
  | 'signature'
  | 'kept';

export interface PackDivergence {
  readonly code: PackCode;
  /** The file's path in the pack; null where it is about the whole. */
  readonly file: string | null;
  readonly detail: string;
}

const KEPT_MAX = 100;

/** What was found not to hold: the first hundred are kept, and all are counted. */
export class Findings {
  readonly list: PackDivergence[] = [];
  count = 0;

  add(code: PackCode, file: string | null, detail: string): void {
    this.count += 1;
    if (this.list.length < KEPT_MAX) this.list.push({ code, file, detail });
  }

  /** What a part gives; undefined where it cannot be read, which is found. */
  attempt<T>(code: PackCode, file: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.add(code, file, messageOf(error));
      return undefined;
    }
  }
}
