import { callOf } from '../call-context.ts';
import type { CommandContext } from '../call-context.ts';
import { issueRecords } from './issue-records.ts';
import type { IssueOutcome } from './issue-records.ts';
import type { RecordsAccess } from './records-access.ts';
import type { RecordKind } from '#lifecycle/kind';

/**
 * Issues records of a kind.
 * @param body as the caller sent it.
 * @throws CommandRefusedError as `issueRecords` does, after recording it.
 */
export function attemptIssue(
  access: Pick<RecordsAccess, 'store' | 'lifecycles' | 'attempt'>,
  context: CommandContext,
  kind: RecordKind,
  body: unknown,
): Promise<IssueOutcome> {
  const call = { ...callOf(context), body };
  const { id = null } = (body ?? {}) as { readonly id?: unknown };
  const record = { kind, id };
  return access.attempt({ ...call, command: 'issue', record }, () =>
    issueRecords(access.store, access.lifecycles, kind, call),
  );
}
