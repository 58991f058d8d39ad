import type { FastifyRequest } from 'fastify';
import type { JsonObject } from '#event-sourcing/envelope';
import type { Identity } from '#identity/identity';
import { commandId } from '#platform/docket';
import type { CommandContext, CallContext } from '#use-cases/call-context';
import { identityOf } from './authentication.ts';

/** Returns the caller and the time of a request. */
export const callContext = (request: FastifyRequest): CallContext & { readonly viewer: Identity } => ({
  viewer: identityOf(request),
  now: request.server.clock.now(),
  correlationId: request.id,
});

/**
 * Returns the context of a changing request, with its key and payload. The payload is evaluated only if there is
 * a key, to compare repeated requests.
 */
export function commandContext(
  request: FastifyRequest,
  key: string | null,
  payload: () => JsonObject,
): CommandContext {
  const call = callContext(request);
  return {
    ...call,
    commandId: commandId(call.viewer.subject, key, request.server.random),
    request: key === null ? null : { method: request.method, path: request.url, payload: payload() },
  };
}

/**
 * Returns the context for each record of a file by its index: a command of its own, under a key derived from the file's key and the index,
 * so that the same file under the same key changes nothing.
 */
export const contextPerRecord =
  (request: FastifyRequest, key: string | null, payload: JsonObject) =>
  (index: number): CommandContext => {
    const ofRecord = key === null || index === 0 ? key : `${key} record ${index + 1}`;
    return commandContext(request, ofRecord, () => payload);
  };
