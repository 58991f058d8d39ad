import type { FastifyRequest } from 'fastify';
import { CommandRefusedError } from '#lifecycle/refused';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { visibleState } from '#use-cases/records/visible-record';
import { kindAt } from '../of-each-kind.ts';
import { askedBy } from './asked.ts';
import { identityOf } from './authentication.ts';
import { callOf } from '#use-cases/asked';
import { ProblemError } from '#use-cases/problems';
import { answerOf } from './problems.ts';
import { streamOf } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';

/** What a record or a command is looked up with, and a refusal put on record. */
export type FirstAccess = Pick<RecordsAccess, 'store' | 'readModels' | 'commands' | 'attempt'>;

const COMMAND = '/:id/commands/:command';

/** What a request is refused with for its body, its headers or its parameters, before anybody looks for the record. */
const OF_THE_REQUEST: readonly number[] = [400, 406, 413, 415];

/**
 * The refusal that is told: that there is no such record, or no such command, comes before whatever is wrong with the request.
 * It is looked up here, where something is wrong, so that a request that is well pays nothing for it; a body is never read
 * further than its limit for that. What is refused as an attempt is on record by then. Never rejects.
 */
export async function firstRefusal(
  access: FirstAccess,
  request: FastifyRequest,
  error: unknown,
): Promise<unknown> {
  const { url } = request.routeOptions;
  // Whoever refused a command has looked for its record.
  const kind = url?.startsWith('/api/') === true ? kindAt(url) : null;
  if (url === undefined || kind === null || request.identity === null || error instanceof CommandRefusedError)
    return error;
  if (!OF_THE_REQUEST.includes(answerOf(error, url).problem.status)) return error;
  try {
    await refuseEarlier(access, request, { kind, rest: url.slice(`/api/${kind.path}`.length) }, error);
    return error;
  } catch (earlier) {
    return earlier;
  }
}

/**
 * Returns where nothing is to be told before an error.
 * @param at of which kind of record it is, and what comes after the path of that.
 */
async function refuseEarlier(
  access: FirstAccess,
  request: FastifyRequest,
  { kind, rest }: { readonly kind: RecordKind; readonly rest: string },
  error: unknown,
): Promise<void> {
  const { id = null, command = 'issue' } = request.params as { id?: string; command?: string };
  const record = id === null ? null : { kind, id };
  if (rest !== COMMAND && !(rest === '' && request.method === 'POST')) {
    if (record !== null) await visibleState(access, identityOf(request), record);
    return;
  }
  await access.attempt({ ...callOf(askedBy(request, null, () => ({}))), command, record }, async () => {
    if (record !== null) {
      access.commands.allowed.knownCommand(command, streamOf(record));
      await visibleState(access, identityOf(request), record);
    }
    refuseAsAttempt(error);
  });
}

/** A payload that is refused before it reaches its command is an attempt like any other. */
function refuseAsAttempt(error: unknown): void {
  if (!(error instanceof ProblemError) || error.code !== 'invalid-payload') return;
  throw new CommandRefusedError('invalid', error.code, error.message, error.details);
}
