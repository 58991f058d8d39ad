import type { FastifyRequest } from 'fastify';
import { CommandRefusedError } from '#lifecycle/refused';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { visibleState } from '#use-cases/records/visible-record';
import { kindAt } from '../of-each-kind.ts';
import { commandContext } from './call-context.ts';
import { identityOf } from './authentication.ts';
import { callOf } from '#use-cases/call-context';
import { answerOf } from './problems.ts';
import { streamOf } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';

const COMMAND = '/:id/commands/:command';

/** The statuses of errors in a request's body, headers or parameters. */
const OF_THE_REQUEST: readonly number[] = [400, 406, 413, 415];

/**
 * Returns the error to send: a missing record or command comes before an invalid request. The look-up happens only after an error,
 * so valid requests cost nothing extra, and never reads a body beyond its limit. A refused attempt is recorded by then. Never rejects.
 */
export async function firstRefusal(
  access: RecordsAccess,
  request: FastifyRequest,
  error: unknown,
): Promise<unknown> {
  const { url } = request.routeOptions;
  // A refused command has already looked up its record.
  const kind = url?.startsWith('/api/') === true ? kindAt(url) : null;
  if (url === undefined || kind === null || request.identity === null || error instanceof CommandRefusedError)
    return error;
  if (!OF_THE_REQUEST.includes(answerOf(error, url).problem.status)) return error;
  try {
    await refuseEarlier(access, request, { kind, rest: url.slice(`/api/${kind.path}`.length) });
    return error;
  } catch (earlier) {
    return earlier;
  }
}

/** Throws an error that comes before the request's own, if there is one. @param at the kind of record, and the rest of the path. */
async function refuseEarlier(
  access: RecordsAccess,
  request: FastifyRequest,
  { kind, rest }: { readonly kind: RecordKind; readonly rest: string },
): Promise<void> {
  const { id = null, command = 'issue' } = request.params as { id?: string; command?: string };
  const record = id === null ? null : { kind, id };
  if (record === null) return;
  if (rest !== COMMAND) {
    await visibleState(access, identityOf(request), record);
    return;
  }
  await access.attempt(
    { ...callOf(commandContext(request, null, () => ({}))), command, record },
    async () => {
      access.commands.allowed.lookUpCommand(command, streamOf(record));
      await visibleState(access, identityOf(request), record);
    },
  );
}
