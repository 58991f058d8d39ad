import type { Body } from './body-events.ts';
import type { RecordParts } from './record-parts.ts';

/** A person in a sample. */
export interface CastMember {
  readonly subject: string;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly organisations: readonly string[];
}

/**
 * A sequence of actions that yields the number of days until the next one. It ends when it returns, or when the
 * simulated time does.
 */
export type Life = AsyncGenerator<number, void, void>;

/** The simulated time, and reproducible randomness. */
export interface SampleTime {
  /** The simulated time in milliseconds since 1970. */
  readonly now: number;
  /** The number of days until the end. */
  readonly daysLeft: number;
  /** Returns a whole number from `least` up to but excluding `end`. */
  between(least: number, end: number): number;
  /** Returns true in this percentage of cases. */
  isSo(cases: number): boolean;
  pick<Value>(values: readonly Value[]): Value;
  /** Returns the plain date a number of days later, in UTC; during working hours it is the same in London. */
  dayIn(days: number): string;
  /** Starts a life after a number of days. */
  begin(life: Life, afterDays?: number): void;
}

/** The actions of a sample's people, at the current simulated time. */
export interface SampleWorld {
  readonly time: SampleTime;
  /** The id of the newest record of each body, by body. */
  readonly newest: Map<string, string>;
  /** Returns a user of the demo by their subject. */
  person(subject: string): CastMember;
  /** Issues a recommendation and returns the ids of its records. */
  issue(who: CastMember, body: object): Promise<readonly string[]>;
  /** Imports a register file. */
  importFile(who: CastMember, text: string, recipient: string | null): Promise<string>;
  /** Sends a command and returns the id of its first event. */
  sendCommand(who: CastMember, id: string, command: string, body?: object): Promise<string>;
  /** Sends a command that the rules refuse, for the audit trail. */
  beRefused(who: CastMember, id: string, command: string, body?: object): Promise<void>;
  /** Returns a record with all parts; null or empty for parts that its lifecycle does not have. */
  look(
    id: string,
  ): Promise<Pick<RecordParts, 'title' | 'deadlines' | 'pending'> & { readonly status: string }>;
  sweep(): Promise<void>;
  /** Returns the SHA-256 of a text in lower-case hexadecimal digits. */
  sha256(text: string): string;
  /** Returns a plain date as text: 24 November 2026. */
  readonly longDate: (date: string) => string;
  /** Returns a plain date in the format of register files. */
  readonly registerDate: (date: string) => string;
}

/** A command that the demo suggests for its imported record. */
export interface SampleCommand {
  /** What the command shows; absent if it continues the previous one. */
  readonly shows?: string;
  /** The role of the demo's user who sends the command. */
  readonly as: string;
  readonly command: string;
  readonly body?: object;
}

/** The sample records of a lifecycle, with years of activity. */
export interface Sample {
  /** The description on the command line of the demo: `what became of…`. */
  readonly description: string;
  readonly bodies: readonly Body[];
  /** Returns the people that the administrator adds at the start, so that records can be assigned to them. */
  people(world: SampleWorld): readonly CastMember[];
  begin(world: SampleWorld): void;
  /** The commands that the demo suggests for the record that it imports; only for the kind of that record. */
  readonly toTry?: readonly SampleCommand[];
}
