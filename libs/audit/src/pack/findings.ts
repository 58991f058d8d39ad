import { messageOf } from '#event-sourcing/errors';

/** The codes of findings, which are the same in all three verifiers; docs/pack-format.md describes each. */
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
  | 'signature'
  | 'witness'
  | 'time-stamp'
  | 'kept';

export interface PackDivergence {
  readonly code: PackCode;
  /** The file's path in the pack; null for a finding about the whole pack. */
  readonly file: string | null;
  readonly detail: string;
}

const KEPT_MAX = 100;

/** The findings of a verification: the first hundred, and the number of all. */
export class Findings {
  readonly list: PackDivergence[] = [];
  count = 0;

  add(code: PackCode, file: string | null, detail: string): void {
    this.count += 1;
    if (this.list.length < KEPT_MAX) this.list.push({ code, file, detail });
  }

  /** Returns the result of reading a part; records a finding and returns undefined if that fails. */
  attempt<T>(code: PackCode, file: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.add(code, file, messageOf(error));
      return undefined;
    }
  }
}
