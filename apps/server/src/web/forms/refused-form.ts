import { CommandRefusedError } from '#lifecycle/refused';
import type { PayloadProblem } from '#lifecycle/refused';
import { answerOf } from '../../api/problems.ts';

/** A refusal of a form; it has been recorded. */
export interface RefusedForm {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** The rule that refused, for refusals by a guard. */
  readonly guard?: unknown;
  /** Errors of the payload, if any. */
  readonly problems: readonly PayloadProblem[] | undefined;
  /** Whether the record or the command does not exist for the user. */
  readonly isNotFound: boolean;
  /** Whether the record has changed since the form was loaded. */
  readonly isStale: boolean;
  /** Whether the idempotency key was used with other content. */
  readonly isRepeated: boolean;
}

/** Returns null for other errors. */
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
