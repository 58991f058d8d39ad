import { messageOf } from '#event-sourcing/errors';
import { problemOf } from '#use-cases/problems';

/** Of these callers over the network are told no reason. Whoever stands at the store is: an address, a path, a place in the log. */
const TOLD_WITH_REASON: readonly string[] = [
  'store-unavailable',
  'store-damaged',
  'read-models-damaged',
  'identity-provider-unavailable',
];

export interface Told {
  /** The problem's, as HTTP answers it too; undefined where the error is none that is told as a problem. */
  readonly code?: string;
  readonly detail: string;
}

/** What the terminal says of an error: the same code and detail as HTTP, or the reason where HTTP gives none. */
export function toldOf(error: unknown): Told {
  const problem = problemOf(error);
  if (problem === null || TOLD_WITH_REASON.includes(problem.code)) return { detail: messageOf(error) };
  return { code: problem.code, detail: problem.detail };
}

/** The same in one line. */
export const toldLine = ({ code, detail }: Told): string =>
  code === undefined ? detail : `${detail} (${code})`;
