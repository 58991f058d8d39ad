/** The outcomes of a deadline that fell due, in order of precedence. */
export const OUTCOMES = [
  'enteredInError',
  'superseded',
  'withdrawn',
  'lateAtEntry',
  'metEstablishedLater',
  'stillOpen',
  'late',
  'met',
] as const;
export type DeadlineOutcome = (typeof OUTCOMES)[number];

/** The outcome of a deadline; null if it has not fallen due. */
export interface ReportedOutcome {
  readonly outcome: DeadlineOutcome | null;
  /** The latest decision that the deadline was met, if it was recorded after its effective day. */
  readonly established?: Established;
}

export interface Established {
  readonly by: readonly string[];
  /** An instant, ISO 8601 in UTC. */
  readonly at: string;
}
