import type { FastifyRequest } from 'fastify';
import { CommandRefusedError } from '#lifecycle/refused';
import type { Service } from '#platform/service';
import { askedBy } from './asked.ts';
import { ProblemError, problemOf } from './problems.ts';
import { visibleState } from './visible-record.ts';

const ISSUE = '/api/recommendations';
const RECORD = `${ISSUE}/:id`;
const COMMAND = `${RECORD}/commands/:command`;

/** What a request is refused with for its body, its headers or its parameters, before anybody looks for the record. */
const OF_THE_REQUEST: readonly number[] = [400, 406, 413, 415];

/**
 * The refusal that is told: that there is no such record, or no such command, comes before whatever is wrong with the request.
 * It is looked up here, where something is wrong, so that a request that is well pays nothing for it; a body is never read
 * further than its limit for that. What is refused as an attempt is on record by then. Never rejects.
 */
export async function firstRefusal(
  service: Service,
  request: FastifyRequest,
  error: unknown,
): Promise<unknown> {
  const { url } = request.routeOptions;
  // Whoever refused a command has looked for its record.
  if (url?.startsWith(ISSUE) !== true || request.identity === null || error instanceof CommandRefusedError)
    return error;
  if (!OF_THE_REQUEST.includes(problemOf(error, url).problem.status)) return error;
  try {
    await refuseEarlier(service, request, url, error);
    return error;
  } catch (earlier) {
    return earlier;
  }
}

/** Returns where nothing is to be told before an error. */
async function refuseEarlier(
  service: Service,
  request: FastifyRequest,
  url: string,
  error: unknown,
): Promise<void> {
  const { id = null, command = 'issue' } = request.params as { id?: string; command?: string };
  if (url !== COMMAND && !(url === ISSUE && request.method === 'POST')) {
    if (id !== null) await visibleState(service, request, id);
    return;
  }
  await service.attempt({ ...askedBy(request, null, () => ({})), command, record: id }, async () => {
    if (id !== null) {
      service.commands.commandDefinition(command);
      await visibleState(service, request, id);
    }
    refuseAsAttempt(error);
  });
}

/** A payload that is refused before it reaches its command is an attempt like any other. */
function refuseAsAttempt(error: unknown): void {
  if (!(error instanceof ProblemError) || error.code !== 'invalid-payload') return;
  throw new CommandRefusedError('invalid', error.code, error.message, error.details);
}
