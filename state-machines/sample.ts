import type { Body } from './body-events.ts';
import type { RecordParts } from './record-parts.ts';

/** Somebody who acts in a sample. */
export interface CastMember {
  readonly subject: string;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly organisations: readonly string[];
}

/** What happens one thing after the other, with days between; it ends where it ends, or with the time. */
export type Life = AsyncGenerator<number, void, void>;

/** Time that passes as fast as what happens in it, and chance that is the same each time. */
export interface SampleTime {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How many days there are until the end. */
  readonly daysLeft: number;
  /** A whole number from `least` on, below `end`. */
  between(least: number, end: number): number;
  /** Whether something is so that is in so many of a hundred cases. */
  isSo(cases: number): boolean;
  pick<Value>(values: readonly Value[]): Value;
  /** The day in so many days, in UTC, where London's working hours are on the same one. */
  dayIn(days: number): string;
  /** Begins something after so many days. */
  begin(life: Life, afterDays?: number): void;
}

/** What people of a sample do, each at the moment that simulated time is at. */
export interface SampleWorld {
  readonly time: SampleTime;
  /** The id of the newest record of each body. */
  readonly newest: Map<string, string>;
  /** Somebody whom one can be with the development key. */
  person(subject: string): CastMember;
  /** @returns the ids of the records. */
  issue(who: CastMember, body: object): Promise<readonly string[]>;
  /** Imports a register file. */
  importFile(who: CastMember, text: string, recipient: string | null): Promise<string>;
  /** @returns the id of the command's first event. */
  give(who: CastMember, id: string, command: string, body?: object): Promise<string>;
  /** Gives a command that the rules refuse; that is on record, too. */
  beRefused(who: CastMember, id: string, command: string, body?: object): Promise<void>;
  /** A record as it is, with every part; null or empty where its lifecycle has none. */
  look(
    id: string,
  ): Promise<Pick<RecordParts, 'title' | 'deadlines' | 'pending'> & { readonly status: string }>;
  sweep(): Promise<void>;
  /** In small hexadecimal digits. */
  sha256(text: string): string;
  /** A plain date in a sentence: 24 November 2026. */
  readonly longDate: (date: string) => string;
  /** The same as register files write it. */
  readonly registerDate: (date: string) => string;
}

/** A command for the demo's readers to try on the record that it imports. */
export interface SampleCommand {
  /** What it shows; absent where it goes on with the one before. */
  readonly shows?: string;
  /** Who gives it: a role of the demo's people. */
  readonly as: string;
  readonly command: string;
  readonly body?: object;
}

/** Records for the demo: what people did with them over the years. A lifecycle that has none leaves it out. */
export interface Sample {
  /** As the demo says what it is: `what became of…`. */
  readonly tells: string;
  readonly bodies: readonly Body[];
  /** Whom the administrator enters at first: they can be named as owners before they were here. */
  people(world: SampleWorld): readonly CastMember[];
  begin(world: SampleWorld): void;
  /** On the record of a register file that the demo imports; of its kind alone. */
  readonly toTry?: readonly SampleCommand[];
}
