/** The clocks of a machine. Code that needs the time gets one of these, so that a test can hand in its own. */
export interface Clock {
  /** What the wall clock says, in milliseconds since 1970. */
  now(): number;
  /** The milliseconds since some moment, by a clock that cannot be set, and that goes on while the machine sleeps. */
  steady(): number;
}
