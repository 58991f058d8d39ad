import type { FastifyRequest } from 'fastify';
import type { JsonObject } from '#event-sourcing/envelope';
import type { Identity } from '#identity/identity';
import { commandId } from '#platform/docket';
import type { Asked, AskedNow } from '#use-cases/asked';
import { identityOf } from './authentication.ts';

/** Who asks, and when. */
export const askedNow = (request: FastifyRequest): AskedNow & { readonly viewer: Identity } => ({
  viewer: identityOf(request),
  now: Date.now(),
  correlationId: request.id,
});

/** What a changing request brings: also under which key, and for what (asked only where there is a key, which a request like it would be compared by). */
export function askedBy(request: FastifyRequest, key: string | null, payload: () => JsonObject): Asked {
  const asked = askedNow(request);
  return {
    ...asked,
    commandId: commandId(asked.viewer.subject, key),
    request: key === null ? null : { method: request.method, path: request.url, payload: payload() },
  };
}
