import type { Viewer } from '#state-machines/access';
import { VERIFIES_LOG } from '#state-machines/access';
import { requireRole } from '../call-context.ts';
import type { HistoryDivergence } from '../log/verify-history.ts';

/** The result of verifying the whole log. */
export interface FoundInLog {
  readonly streams: number;
  /** The size of the last checkpoint, whose root was computed again; null if there is none. */
  readonly checkpoint: number | null;
  /** The first divergences, and their number. */
  readonly divergences: readonly HistoryDivergence[];
  readonly divergenceCount: number;
}

/** A requested verification of the whole log. */
export interface LogVerification {
  readonly id: string;
  /** `stopped`: the process ended during the verification. */
  readonly state: 'running' | 'holds' | 'does-not-hold' | 'failed' | 'stopped';
  /** The subject of the person who requested it. */
  readonly askedBy: string;
  readonly askedAt: string;
  readonly finishedAt: string | null;
  /** The number of events verified. */
  readonly events: number;
  /** The approximate number of events; null if not known yet. */
  readonly total: number | null;
  /** Null until it has ended. */
  readonly found: FoundInLog | null;
  /** The reason of a failure; otherwise null. */
  readonly failure: string | null;
}

/** Verifies the log, one run at a time. */
export interface VerifiesLog {
  /** Starts a verification unless one is running. */
  verify(askedBy: string): Promise<{ readonly isNew: boolean; readonly verification: LogVerification }>;
  /** Returns the last verifications, newest first. */
  verifications(): Promise<readonly LogVerification[]>;
}

/** Starts a verification of the whole log, or returns the one that is running. @throws ProblemError `role-not-permitted`. */
export async function requestVerification(
  verifier: VerifiesLog,
  viewer: Viewer,
): ReturnType<VerifiesLog['verify']> {
  requireRole(viewer, VERIFIES_LOG);
  return verifier.verify(viewer.subject);
}

/** Returns the last requested verifications, newest first. @throws ProblemError `role-not-permitted`. */
export async function seeVerifications(
  verifier: VerifiesLog,
  viewer: Viewer,
): ReturnType<VerifiesLog['verifications']> {
  requireRole(viewer, VERIFIES_LOG);
  return verifier.verifications();
}
