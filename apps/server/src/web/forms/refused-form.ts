import { CommandRefusedError } from '#lifecycle/refused';
import type { PayloadProblem } from '#lifecycle/refused';
import { answerOf } from '../../api/problems.ts';

/** A refusal of what a form sent, as it is told: it is on record by then. */
export interface RefusedForm {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** The rule that refused, where the code is of its kind. */
  readonly guard?: unknown;
  /** What has to be mended in the payload; none where it is not the payload. */
  readonly problems: readonly PayloadProblem[] | undefined;
  /** Whether there is no such record or command, or none that the person sees. */
  readonly isNotFound: boolean;
  /** Whether the record has changed since it was seen. */
  readonly isStale: boolean;
  /** Whether the form was sent before with something else in it: what was done under its key stays done. */
  readonly isRepeated: boolean;
}

/** Null for an error that is no refusal. */
export function refusedForm(error: unknown): RefusedForm | null {
  if (!(error instanceof CommandRefusedError)) return null;
  const { code, kind, message, details } = error;
  return {
    status: answerOf(error).problem.status,
    code,
    message,
    guard: details.guard,
    problems: details.errors,
    isNotFound: kind === 'not-found',
    isStale:
      code === 'version-mismatch' || code === 'decides-outdated' || details.guard === 'decides-what-stands',
    isRepeated: code === 'idempotency-key-reused',
  };
}
