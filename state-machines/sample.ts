import type { Body } from './body-events.ts';
import type { RecordParts } from './record-parts.ts';

/** A person in a sample. */
export interface CastMember {
  readonly subject: string;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly organisations: readonly string[];
}

/** A sequence of actions with days between them; it ends when it returns, or with the time. */
export type Life = AsyncGenerator<number, void, void>;

/** Simulated time, and reproducible randomness. */
export interface SampleTime {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The days until the end. */
  readonly daysLeft: number;
  /** Returns a whole number from `least`, below `end`. */
  between(least: number, end: number): number;
  /** Returns true in this percentage of cases. */
  isSo(cases: number): boolean;
  pick<Value>(values: readonly Value[]): Value;
  /** Returns the day after a number of days, in UTC; in London it is the same day during working hours. */
  dayIn(days: number): string;
  /** Starts a life after a number of days. */
  begin(life: Life, afterDays?: number): void;
}

/** The actions of a sample's people, at the current simulated time. */
export interface SampleWorld {
  readonly time: SampleTime;
  /** The id of the newest record of each body. */
  readonly newest: Map<string, string>;
  /** Returns a user of the development key. */
  person(subject: string): CastMember;
  /** @returns the ids of the records. */
  issue(who: CastMember, body: object): Promise<readonly string[]>;
  /** Imports a register file. */
  importFile(who: CastMember, text: string, recipient: string | null): Promise<string>;
  /** @returns the id of the command's first event. */
  sendCommand(who: CastMember, id: string, command: string, body?: object): Promise<string>;
  /** Sends a command that the rules refuse, for the audit trail. */
  beRefused(who: CastMember, id: string, command: string, body?: object): Promise<void>;
  /** Returns a record with every part; null or empty for parts that its lifecycle lacks. */
  look(
    id: string,
  ): Promise<Pick<RecordParts, 'title' | 'deadlines' | 'pending'> & { readonly status: string }>;
  sweep(): Promise<void>;
  /** In lower-case hexadecimal digits. */
  sha256(text: string): string;
  /** Returns a plain date as text: 24 November 2026. */
  readonly longDate: (date: string) => string;
  /** Returns a plain date in the format of register files. */
  readonly registerDate: (date: string) => string;
}

/** A command that the demo suggests for its imported record. */
export interface SampleCommand {
  /** What it shows; absent if it continues the previous one. */
  readonly shows?: string;
  /** A role of the demo's users. */
  readonly as: string;
  readonly command: string;
  readonly body?: object;
}

/** The sample records of a lifecycle, with years of activity; optional. */
export interface Sample {
  /** The demo's description of it: `what became of…`. */
  readonly description: string;
  readonly bodies: readonly Body[];
  /** Returns the people added by the administrator at the start, so that records can be assigned to them. */
  people(world: SampleWorld): readonly CastMember[];
  begin(world: SampleWorld): void;
  /** On the record that the demo imports from a register file; only for its kind. */
  readonly toTry?: readonly SampleCommand[];
}
