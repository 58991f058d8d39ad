import type { FastifyRequest } from 'fastify';
import type { JsonObject } from '#event-sourcing/envelope';
import type { Identity } from '#identity/identity';
import { commandId } from '#platform/docket';
import type { Asked, AskedNow } from '#use-cases/asked';
import { identityOf } from './authentication.ts';

/** Who asks, and when. */
export const askedNow = (request: FastifyRequest): AskedNow & { readonly viewer: Identity } => ({
  viewer: identityOf(request),
  now: request.server.clock.now(),
  correlationId: request.id,
});

/** What a changing request brings: also under which key, and for what (asked only where there is a key, which a request like it would be compared by). */
export function askedBy(request: FastifyRequest, key: string | null, payload: () => JsonObject): Asked {
  const asked = askedNow(request);
  return {
    ...asked,
    commandId: commandId(asked.viewer.subject, key, request.server.random),
    request: key === null ? null : { method: request.method, path: request.url, payload: payload() },
  };
}

/**
 * The same for each record of a file, by its place: a command of its own, under a key that is made of the file's and the place, so
 * that the file under its key again changes nothing.
 */
export const askedForRecords =
  (request: FastifyRequest, key: string | null, payload: JsonObject) =>
  (index: number): Asked => {
    const ofRecord = key === null || index === 0 ? key : `${key} record ${index + 1}`;
    return askedBy(request, ofRecord, () => payload);
  };
