import type { FastifyRequest } from 'fastify';
import type { JsonObject } from '#event-sourcing/envelope';
import { commandId } from '#platform/docket';
import { identityOf } from './authentication.ts';

/**
 * What every changing request brings: who asks, when, under which key, and for what (asked only where there is a key,
 * which a request like it would be compared by).
 */
export function askedBy(request: FastifyRequest, key: string | null, payload: () => JsonObject) {
  const { subject, roles, organisations } = identityOf(request);
  return {
    actor: { subject, roles },
    organisations,
    now: Date.now(),
    commandId: commandId(subject, key),
    request: key === null ? null : { method: request.method, path: request.url, payload: payload() },
    correlationId: request.id,
  };
}
