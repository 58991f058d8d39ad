import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from '#use-cases/problems';
import { isNamedTwice } from './api/authentication.ts';

/**
 * Refuses a request that a proxy in front may have read in another way: where its host is, and where it ends. The connection is closed, since
 * what follows on it may be the rest of the body.
 * @throws ProblemError `malformed-request`
 */
export function refuseAmbiguous(request: FastifyRequest, reply: FastifyReply): void {
  const detail = ambiguityOf(request);
  if (detail === null) return;
  void reply.header('connection', 'close');
  throw new ProblemError('malformed-request', detail);
}

function ambiguityOf(request: FastifyRequest): string | null {
  const { raw, headers } = request;
  const coding = headers['transfer-encoding'];
  // RFC 9112, sections 3.2, 6.1 and 7.
  if (raw.httpVersion === '1.1' && headers.host === undefined) return 'Send the header "Host"';
  if (isNamedTwice(request, 'host')) return 'Send one header "Host"';
  if (coding === undefined) return null;
  if (raw.httpVersion !== '1.1') return 'Send "Transfer-Encoding" with HTTP/1.1 only';
  return coding.toLowerCase() === 'chunked' ? null : 'The header "Transfer-Encoding" takes chunked only';
}
