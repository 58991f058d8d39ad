import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Type } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { ByTurns } from '#event-sourcing/by-turns';
import { systemClock } from '#event-sourcing/clock';
import { withReadContext } from '#projections/limited-reads';
import type { DocketNode } from '#platform/node';
import { ResponseLog } from './response-log.ts';
import { admission } from './admission.ts';
import type { Admit } from './admission.ts';
import { addCallerProperties } from './api/authentication.ts';
import { ProblemFilter, sendAnswer } from './api/problem.filter.ts';
import { FILE_BYTES_MAX } from '#use-cases/register-files/import-file';
import { ProblemError } from '#use-cases/problems';
import { answerOf, JSON_BYTES_MAX } from './api/problems.ts';
import { mountOpenApi } from './api/openapi.ts';
import { isImport, notPlainText, readRegisterFile } from './api/read-register-file.ts';
import { answerClientError, answerExpectation } from './client-errors.ts';
import { correlationIdOf } from './correlation-id.ts';
import { Connections } from './connections.ts';
import { endConnections } from './end-connections.ts';
import { LateRequests, longestMs } from './late-requests.ts';
import { answersCut, observeRequests } from './metrics.ts';
import { repeatedMember } from '#use-cases/log/repeated-members';
import { otherAddresses, refusePathCollisions } from './of-each-kind.ts';
import { partsOf } from './parts.ts';
import { ServerModule } from './server.module.ts';
import { preparePages } from './web/prepare-pages.ts';
import { StalledResponses } from './stalled-responses.ts';

/** The timeout for a request's headers, and how often all timeouts are checked. */
const HEADERS_MS_MAX = 10_000;
const TIMES_CHECKED_MS = 2_000;
/** The timeout of an idle keep-alive connection, and of a silent one within a request. */
const KEEP_ALIVE_MS = 10_000;
const SILENT_MS_MAX = 120_000;

const LIMITS = {
  bodyLimit: JSON_BYTES_MAX,
  // The upper bound for all requests; LateRequests ends ordinary requests sooner.
  requestTimeout: longestMs(FILE_BYTES_MAX),
  keepAliveTimeout: KEEP_ALIVE_MS,
  connectionTimeout: SILENT_MS_MAX,
  http: {
    headersTimeout: HEADERS_MS_MAX,
    connectionsCheckingInterval: TIMES_CHECKED_MS,
    // Admission answers a missing Host header with a problem.
    requireHostHeader: false,
  },
};

/** Routes have no schemas of Fastify's. Without this it would load its compilers at each start. */
const noCompiler = (): never => {
  throw new Error('Routes have no schemas: payload classes validate');
};

interface AppOptions {
  /** Further routes, for benchmarks. */
  readonly controllers?: readonly Type[];
  /** The rate limit per caller; null disables it. */
  readonly requestsPerSecond?: number | null;
}

/** Creates the HTTP application. The numbered steps below are the path of a request, in order. */
export async function createApp(
  node: DocketNode<true>,
  logger: Logger,
  { controllers = [], requestsPerSecond = null }: AppOptions = {},
): Promise<NestFastifyApplication> {
  const { http, machine } = node;
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new ResponseLog(),
    genReqId: (request: IncomingMessage) => correlationIdOf(request, machine.random),
    ...LIMITS,
    clientErrorHandler: (error, socket) => {
      answerClientError(logger, connections, error, socket);
    },
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 256 },
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      void answerUnroutable(admit, error, request, reply);
    },
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  const connections = new Connections(fastify.server);
  const addresses = registeredAddresses(fastify);
  addCallerProperties(fastify, node);
  await preparePages(fastify, http, node);
  // 1. Queues requests that arrive at the same time.
  beginByTurns(fastify);
  // 2. Authenticates and authorises before a byte of the body is read.
  const admit = await admission(fastify, http, { requestsPerSecond });
  fastify.addHook('onRequest', admit);
  // 3. Parses the body: JSON, or the bytes of a register record.
  readBodies(fastify);
  // 4. Schedules reads fairly between users, and cancels them when the client disconnects.
  fastify.addHook('preHandler', readWhileWanted);
  // 5. The route's controller. 6. The filter that turns errors into problems.
  // 7. One log line and one observation after the response.
  observeRequests(fastify);
  fastify.server.on('checkExpectation', answerExpectation);
  watchConnections(fastify, connections, logger);
  endConnections(fastify, connections);

  const module = ServerModule.of(partsOf(node), controllers);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    // It would log each route at start; the filter logs errors.
    logger: false,
    abortOnError: false,
  });
  app.useGlobalFilters(new ProblemFilter(logger, http.records));
  mountOpenApi(app);
  refusePathCollisions([...addresses, ...otherAddresses(module.controllers ?? [])]);
  await app.init();
  await fastify.ready();
  return app;
}

/** Returns the list of route paths, which grows as routes are registered. */
function registeredAddresses(fastify: FastifyInstance): readonly string[] {
  const addresses: string[] = [];
  fastify.addHook('onRoute', ({ url }) => {
    addresses.push(url);
  });
  return addresses;
}

/** Starts a few of the waiting requests in each turn of the event loop. */
function beginByTurns(fastify: FastifyInstance): void {
  const turns = new ByTurns();
  fastify.addHook('onRequest', (_request, _reply, done) => {
    turns.admit(done);
  });
}

/** Runs the request's reads under the user's share, and cancels them when the client disconnects. */
function readWhileWanted(
  { method, identity }: FastifyRequest,
  { raw: response }: FastifyReply,
  done: () => void,
): void {
  const who = identity?.subject;
  if (method !== 'GET' && method !== 'HEAD') {
    withReadContext(undefined, done, who);
    return;
  }
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  withReadContext(gone.signal, done, who);
}

/** Closes connections whose client does not read the response or does not finish the request. */
function watchConnections(fastify: FastifyInstance, connections: Connections, logger: Logger): void {
  const stalled = new StalledResponses(connections, (correlationId) => {
    answersCut.inc();
    logger.warn({ correlationId }, 'A response was cut off: its client stopped reading it');
  });
  // A late request gets the same error as from Node's own timeout.
  const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  const late = new LateRequests(fastify.server, (socket) => {
    answerClientError(logger, connections, error, socket);
  });
  const timer = systemClock.every(() => {
    const now = systemClock.elapsed();
    stalled.look(now);
    late.look(now);
  }, TIMES_CHECKED_MS);
  timer.unref();
  fastify.addHook('onClose', (_, done) => {
    timer.close();
    done();
  });
}

/** A path that the router cannot decode runs no hooks, so this handler calls admission itself. */
async function answerUnroutable(
  admit: Admit,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  request.cookies = request.server.parseCookie(request.headers.cookie ?? '');
  const refused = await admit(request, reply).then(
    () => error,
    (refusal: unknown) => refusal,
  );
  await sendAnswer(request, reply, answerOf(refused));
}

/**
 * Returns the body as text. Invalid UTF-8 is refused and not replaced, because events are stored for good.
 * @throws ProblemError for another charset, a content encoding, or invalid UTF-8.
 */
function jsonText({ headers }: FastifyRequest, body: Buffer): string {
  const [, charset = 'utf-8'] = /;\s*charset="?([^\s;"]+)/i.exec(headers['content-type'] ?? '') ?? [];
  if (!/^utf-?8$/i.test(charset) || (headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new ProblemError(
      'unsupported-media-type',
      'The request body is in an unsupported encoding. Send JSON in UTF-8, without a content encoding',
    );
  }
  if (!isUtf8(body))
    throw new ProblemError('malformed-request', 'The request body is not UTF-8. Send JSON in UTF-8');
  return body.toString();
}

/** Refuses duplicate members: parsers disagree about which one counts. */
function repeatedMemberIn(text: string): ProblemError | null {
  const pointer = repeatedMember(text);
  if (pointer === null) return null;
  const detail = 'occurs more than once';
  return new ProblemError('invalid-payload', `${pointer} ${detail}`, { errors: [{ pointer, detail }] });
}

function readBodies(fastify: FastifyInstance): void {
  fastify.removeContentTypeParser('text/plain');
  // `__proto__` is a valid member name in JSON; the payload check refuses it with its pointer.
  const parseJson = fastify.getDefaultJsonParser('ignore', 'ignore');
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (isImport(request)) {
      done(notPlainText());
      return;
    }
    // A command without a payload may come without a body.
    if (body.length === 0) {
      done(null, undefined);
      return;
    }
    try {
      const text = jsonText(request, body as Buffer);
      void parseJson(request, text, (error, value: unknown) => {
        done(error ?? repeatedMemberIn(text), value);
      });
    } catch (error) {
      done(error as Error);
    }
  });
  fastify.addContentTypeParser('text/plain', readRegisterFile);
}
