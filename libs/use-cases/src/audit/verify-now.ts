import type { LogHead } from '#audit/log-head';
import type { Viewer } from '#state-machines/access';
import { VERIFIES_LOG } from '#state-machines/access';
import { requireRole } from '../asked.ts';
import type { HistoryDivergence } from '../log/verify-history.ts';

/** What a verification of the whole log found. */
export interface FoundInLog {
  readonly streams: number;
  /** Null where an event cannot be read. */
  readonly head: LogHead | null;
  /** How many events the last checkpoint had, from which the log has to lead on; null where none was signed. */
  readonly checkpoint: number | null;
  /** The first of them, and how many there are in all. */
  readonly divergences: readonly HistoryDivergence[];
  readonly divergenceCount: number;
}

/** A verification of the whole log that somebody asked for. */
export interface LogVerification {
  readonly id: string;
  /** `stopped`: its process ended before it had. */
  readonly state: 'running' | 'holds' | 'does-not-hold' | 'failed' | 'stopped';
  /** The subject. */
  readonly askedBy: string;
  readonly askedAt: string;
  readonly finishedAt: string | null;
  /** How many were examined. */
  readonly events: number;
  /** About how many there are; null where that is not known yet. */
  readonly total: number | null;
  /** Null until it has ended. */
  readonly found: FoundInLog | null;
  /** Why it failed; null where it did not. */
  readonly failure: string | null;
}

/** Who verifies the log, one time after another. */
export interface VerifiesLog {
  /** Begins, but where somebody verifies already. */
  verify(askedBy: string): Promise<{ readonly isNew: boolean; readonly verification: LogVerification }>;
  /** The last ones, the newest first. */
  verifications(): Promise<readonly LogVerification[]>;
}

/**
 * Has the whole log verified as it stands. Where it is being verified already, that one is told of: one goes on at a time.
 * @throws ProblemError `role-not-permitted`.
 */
export async function askForVerification(
  verifier: VerifiesLog,
  viewer: Viewer,
): ReturnType<VerifiesLog['verify']> {
  requireRole(viewer, VERIFIES_LOG);
  return verifier.verify(viewer.subject);
}

/**
 * The last verifications that were asked for, the newest first.
 * @throws ProblemError `role-not-permitted`.
 */
export async function seeVerifications(
  verifier: VerifiesLog,
  viewer: Viewer,
): ReturnType<VerifiesLog['verifications']> {
  requireRole(viewer, VERIFIES_LOG);
  return verifier.verifications();
}
