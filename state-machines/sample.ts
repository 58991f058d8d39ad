import type { Body } from './body-events.ts';

/** A command that the demo suggests for its imported record. */
export interface SampleCommand {
  /** What the command shows; absent if it continues the previous one. */
  readonly shows?: string;
  /** The role of the demo's user who sends the command. */
  readonly as: string;
  readonly command: string;
  readonly body?: object;
}

/** A command in the course of a sample record. Texts contain placeholders, which the demo fills in. */
export interface SampleStep {
  /** The days since the step before, for the first body. */
  readonly days: number;
  readonly by: string;
  readonly command: string;
  readonly payload: object;
  /** True if the rules must refuse the command, which the audit trail then shows. */
  readonly refused?: boolean;
  /** True if `{last}` continues to be the event of an earlier step. */
  readonly keeps?: boolean;
}

/** A recommendation of the sample, which several bodies receive. */
export interface SampleFinding {
  readonly title: string;
  /** The subject, in the middle of a sentence. */
  readonly about: string;
  readonly text: string;
  readonly report?: string;
  /** The number of bodies. */
  readonly bodies: number;
  /** The kind of the bodies; police forces if absent. */
  readonly kind?: string;
  /** The courses that records follow, one after another over the bodies, and those that all of them follow too. */
  readonly courses: readonly string[];
  readonly also?: readonly string[];
  readonly mustAnswer?: boolean;
  /** The day of issue, in days before the end; spread over the years if absent. */
  readonly daysAgo?: number;
}

/** The sample records of a lifecycle, with years of activity. */
export interface Sample {
  /** The description on the command line of the demo: `what became of…`. */
  readonly description: string;
  /** The commands that the demo suggests for the record that it imports; only for the kind of that record. */
  readonly toTry: readonly SampleCommand[];
  readonly bodies: readonly (Body & { readonly lead: string })[];
  readonly comments: readonly string[];
  readonly courses: Readonly<Record<string, readonly SampleStep[]>>;
  readonly findings: readonly SampleFinding[];
}
