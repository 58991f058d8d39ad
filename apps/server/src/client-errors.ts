import { STATUS_CODES } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { systemRandom } from '#event-sourcing/random';
import { systemClock } from '#event-sourcing/clock';
import { ProblemError } from '#use-cases/problems';
import { answerOf } from './api/problems.ts';
import type { Connections } from './connections.ts';
import type { ProblemCode } from '#use-cases/problems';
import { API_HEADERS } from './security-headers.ts';

type ClientError = Error & { readonly code?: string };

const PROBLEMS: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: [
    'headers-too-large',
    'The headers are larger than 16 KiB, the limit. Send fewer or shorter ones',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    'request-timeout',
    'The request was not received completely within the time limit. Send it again',
  ],
};
const UNREADABLE = [
  'malformed-request',
  'The request is not valid HTTP. Check the client or proxy that sent it',
] as const;

/** Answers a connection that sent invalid HTTP or was too slow. No route, hook or filter runs for it. */
export function answerClientError(
  logger: Logger,
  connections: Connections,
  error: ClientError,
  socket: Socket,
): void {
  // A second response would corrupt one that has begun.
  const hasResponseBegun = connections.responseOn(socket)?.headersSent === true;
  if (error.code === 'ECONNRESET' || !socket.writable || hasResponseBegun) {
    socket.destroy();
    return;
  }
  const [code, detail] = PROBLEMS[error.code ?? ''] ?? UNREADABLE;
  const correlationId = systemRandom.uuid();
  logger.info({ correlationId, code: error.code, problem: code }, 'A request could not be read');
  const { problem } = answerOf(new ProblemError(code, detail));
  const body = JSON.stringify(problem);
  const headers = {
    ...API_HEADERS,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-correlation-id': correlationId,
    date: new Date(systemClock.now()).toUTCString(),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const statusLine = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n`;
  socket.end(`${statusLine}${lines.join('')}\r\n${body}`, () => {
    socket.destroy();
  });
}

/** Answers an `Expect` header other than `100-continue`. Node runs no route, hook or filter for it. */
export function answerExpectation(_: IncomingMessage, response: ServerResponse): void {
  const { problem } = answerOf(
    new ProblemError(
      'expectation-failed',
      'Only "Expect: 100-continue" is supported; send the request without the header',
    ),
  );
  const body = JSON.stringify(problem);
  response.writeHead(problem.status, {
    ...API_HEADERS,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-correlation-id': systemRandom.uuid(),
    connection: 'close',
  });
  response.end(body);
}
