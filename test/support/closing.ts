import type { Answer, Client } from './service.ts';

/** Closes a record without further action, which needs two people. */
export async function closeWithoutAction(
  inspector: Client,
  approver: Client,
  id: string,
  { reason = 'merged', statement = 'See another.' } = {},
): Promise<Answer> {
  await inspector.command(id, 'request-closure', { outcome: 'no-further-action', reason, statement });
  return approver.command(id, 'decide-no-further-action', { reason, statement });
}
