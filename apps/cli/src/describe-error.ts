import { messageOf } from '#event-sourcing/errors';
import { problemOf } from '#use-cases/problems';

/** Errors whose reason is hidden from network callers. The command line shows it: an address, a path, or a place in the log. */
const SHOWN_WITH_REASON: readonly string[] = [
  'store-unavailable',
  'store-damaged',
  'read-models-damaged',
  'identity-provider-unavailable',
];

export interface ErrorDescription {
  /** The problem's code, as in HTTP responses; undefined for errors that are no problems. */
  readonly code?: string;
  readonly detail: string;
}

/** Returns what the terminal prints for an error: code and detail as in HTTP, or the reason where HTTP has none. */
export function describeError(error: unknown): ErrorDescription {
  if (isWithoutFolder(error)) return { detail: NO_FOLDER };
  const problem = problemOf(error);
  if (problem === null || SHOWN_WITH_REASON.includes(problem.code)) return { detail: messageOf(error) };
  return { code: problem.code, detail: problem.detail };
}

const NO_FOLDER =
  'the current folder no longer exists. Change to an existing folder, and run the command again';
/** Whether the program runs in a folder that was deleted. */
const isWithoutFolder = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd';

/** Formats an error as one line. */
export const errorLine = ({ code, detail }: ErrorDescription): string =>
  code === undefined ? detail : `${detail} (${code})`;
