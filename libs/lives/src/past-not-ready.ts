const READING = 'The past is being read from the log';

/** Thrown while the lives that an answer needs are being read from the log. */
export class PastNotReadyError extends Error {
  readonly code = 'past-not-ready';
  /** The part that is done. */
  readonly percent: number;

  constructor(percent: number, detail = READING) {
    super(detail);
    this.name = 'PastNotReadyError';
    this.percent = percent;
  }
}
