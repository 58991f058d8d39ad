import { ISSUES } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import { callOf, requireRole } from '../asked.ts';
import type { Asked } from '../asked.ts';
import { ISSUED, issueRecommendation } from './issue-recommendation.ts';
import type { IssueOutcome } from './issue-recommendation.ts';
import type { RecordsAccess } from './records-access.ts';

/**
 * Issues a recommendation.
 * @param body as it was sent.
 * @throws CommandRefusedError as `issueRecommendation` does, on record by then.
 */
export function attemptIssue(
  access: Pick<RecordsAccess, 'store' | 'lifecycles' | 'attempt'>,
  asked: Asked,
  body: unknown,
): Promise<IssueOutcome> {
  const call = { ...callOf(asked), body };
  const { id = null } = (body ?? {}) as { readonly id?: unknown };
  const record = { kind: ISSUED, id };
  return access.attempt({ ...call, command: 'issue', record }, () =>
    issueRecommendation(access.store, access.lifecycles, call),
  );
}

/** @throws ProblemError `role-not-permitted` for whoever cannot issue: they are not asked what. */
export const requireIssuer = (viewer: Viewer): void => {
  requireRole(viewer, ISSUES);
};
