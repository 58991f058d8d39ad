import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Type } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { ByTurns } from '#event-sourcing/by-turns';
import { whileWanted } from '#projections/limited-reads';
import { RecentErrors } from '#platform/log/recent-errors';
import type { DocketNode } from '#platform/node';
import { AnswersLog } from './answers-log.ts';
import { admission } from './admission.ts';
import type { Admit } from './admission.ts';
import { knowWhoAsks } from './api/authentication.ts';
import { CalendarLinkGuesses } from './api/calendar-link-guesses.ts';
import { ProblemFilter, sendAnswer } from './api/problem.filter.ts';
import { ProblemError } from '#use-cases/problems';
import { answerOf } from './api/problems.ts';
import { mountOpenApi } from './api/openapi.ts';
import { isImport, notPlainText, readRegisterFile } from './api/read-register-file.ts';
import { answerClientError, answerExpectation } from './client-errors.ts';
import { correlationIdOf } from './correlation-id.ts';
import { Connections } from './connections.ts';
import { endConnections } from './end-connections.ts';
import { LateRequests, longestMs } from './late-requests.ts';
import { answersCut, observeRequests } from './metrics.ts';
import { NestLog } from './nest-log.ts';
import { repeatedMember } from '#use-cases/log/repeated-members';
import { otherAddresses, refuseTakenPaths } from './of-each-kind.ts';
import { partsOf } from './parts.ts';
import { ServerModule } from './server.module.ts';
import { preparePages } from './web/prepare-pages.ts';
import { FILES_BYTES_MAX } from './web/read-forms.ts';
import { UntakenAnswers } from './untaken-answers.ts';
import { RequestTraces } from './trace-requests.ts';

/** The largest JSON body, in bytes: a recommendation's text and a little more, in any encoding. */
const BODY_BYTES_MAX = 1024 * 1024;
/** How long a request's headers may take to arrive; how often Node looks. */
const HEADERS_MS_MAX = 10_000;
const TIMES_CHECKED_MS = 2_000;
/** How long a connection may lie idle between requests, and in the middle of one. */
const KEEP_ALIVE_MS = 10_000;
const SILENT_MS_MAX = 120_000;

interface AppOptions {
  /** Routes besides the service's own, which measurements add. */
  readonly controllers?: readonly Type[];
  /** How many one address may make; null for any number. */
  readonly requestsPerSecond?: number | null;
  /** What the logger was told last. */
  readonly errors?: RecentErrors;
}

/** The HTTP application: what each request passes, in order. */
export async function createApp(
  node: DocketNode<true>,
  logger: Logger,
  { controllers = [], requestsPerSecond = null, errors = new RecentErrors() }: AppOptions = {},
): Promise<NestFastifyApplication> {
  const { http, tracing, machine } = node;
  const traces = tracing && new RequestTraces(tracing);
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new AnswersLog(),
    genReqId: (request: IncomingMessage) => correlationIdOf(request, traces, machine.random),
    bodyLimit: BODY_BYTES_MAX,
    // The longest that any may take; all others are ended sooner.
    requestTimeout: longestMs(FILES_BYTES_MAX),
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionTimeout: SILENT_MS_MAX,
    http: {
      headersTimeout: HEADERS_MS_MAX,
      connectionsCheckingInterval: TIMES_CHECKED_MS,
      // Admission refuses who names none, as a problem.
      requireHostHeader: false,
    },
    clientErrorHandler: (error, socket) => {
      answerClientError(logger, connections, error, socket);
    },
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 256 },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      void answerUnroutable(admit, error, request, reply);
    },
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  const connections = new Connections(fastify.server);
  const addresses = registeredAddresses(fastify);
  knowWhoAsks(fastify, node);
  await preparePages(fastify, http, node);
  fastify.decorate('calendarLinkGuesses', new CalendarLinkGuesses());
  traces?.endAfterAnswers(fastify);
  // 1. Its turn, as one of many that come at once.
  beginByTurns(fastify);
  // 2. Who asks, and whether they may, before a byte of the body is read.
  const admit = await admission(fastify, http, { requestsPerSecond, isAuditPublic: node.isAuditPublic });
  fastify.addHook('onRequest', admit);
  // 3. The body, as JSON or as the bytes of a register record.
  readBodies(fastify);
  traces?.carryOn(fastify);
  // 4. What is read for somebody has its turn among theirs, and is given up when they go.
  fastify.addHook('preHandler', readWhileWanted);
  // 5. The route's own controller. 6. What it throws, as a problem.
  // 7. One line in the log and one observation, when the answer has gone.
  observeRequests(fastify);
  fastify.server.on('checkExpectation', answerExpectation);
  watchConnections(fastify, connections, logger);
  endConnections(fastify, connections);

  const module = ServerModule.of(partsOf(node, errors), controllers);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: new NestLog(logger),
    abortOnError: false,
  });
  app.useGlobalFilters(new ProblemFilter(logger, http.records));
  mountOpenApi(app);
  refuseTakenPaths([...addresses, ...otherAddresses(module.controllers ?? [])]);
  await app.init();
  await fastify.ready();
  return app;
}

/** The addresses of routes, each as it is registered. */
function registeredAddresses(fastify: FastifyInstance): readonly string[] {
  const addresses: string[] = [];
  fastify.addHook('onRoute', ({ url }) => {
    addresses.push(url);
  });
  return addresses;
}

/** Of the requests that come at once, a few begin in each turn of the event loop. */
function beginByTurns(fastify: FastifyInstance): void {
  const turns = new ByTurns();
  fastify.addHook('onRequest', (_request, _reply, done) => {
    turns.admit(done);
  });
}

/** Each person has turns of their own. Whoever goes before the answer takes what is still being read for it along. */
function readWhileWanted(
  { method, identity }: FastifyRequest,
  { raw: answer }: FastifyReply,
  done: () => void,
): void {
  const who = identity?.subject;
  if (method !== 'GET' && method !== 'HEAD') {
    whileWanted(undefined, done, who);
    return;
  }
  const gone = new AbortController();
  answer.once('close', () => {
    if (!answer.writableFinished) gone.abort();
  });
  whileWanted(gone.signal, done, who);
}

/** No connection is held for ever, by who does not take what was asked for or does not finish asking. */
function watchConnections(fastify: FastifyInstance, connections: Connections, logger: Logger): void {
  cutUntaken(fastify, connections, logger);
  endLate(fastify, connections, logger);
}

/** Nothing is held for ever for who does not take it. */
function cutUntaken(fastify: FastifyInstance, connections: Connections, logger: Logger): void {
  const untaken = new UntakenAnswers(connections, (correlationId) => {
    answersCut.inc();
    logger.warn({ correlationId }, 'An answer was cut: its peer took nothing of it for too long');
  });
  const stop = untaken.start();
  fastify.addHook('onClose', (_, done) => {
    stop();
    done();
  });
}

/** What does not arrive in time is told as Node's own limit is. */
function endLate(fastify: FastifyInstance, connections: Connections, logger: Logger): void {
  const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  const late = new LateRequests(fastify.server, (socket) => {
    answerClientError(logger, connections, error, socket);
  });
  const stop = late.start();
  fastify.addHook('onClose', (_, done) => {
    stop();
    done();
  });
}

/** An address that no router can read passes no hook: who asks is found out here, and only then what is wrong told. */
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
 * The body's text. What is stored stays for ever, so bytes that are no UTF-8 are refused and not replaced.
 * @throws ProblemError for another charset, an encoding, or bytes that are no UTF-8.
 */
function jsonText({ headers }: FastifyRequest, body: Buffer): string {
  const [, charset = 'utf-8'] = /;\s*charset="?([^\s;"]+)/i.exec(headers['content-type'] ?? '') ?? [];
  if (!/^utf-?8$/i.test(charset) || (headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new ProblemError('unsupported-media-type', 'Send JSON in UTF-8, without a content encoding');
  }
  if (!isUtf8(body)) throw new ProblemError('malformed-request', 'The body is not UTF-8');
  return body.toString();
}

/** What is read twice over may have been meant either way. */
function repeatedMemberIn(text: string, value: unknown): ProblemError | null {
  const pointer = repeatedMember(text, value);
  if (pointer === null) return null;
  const detail = 'is named more than once';
  return new ProblemError('invalid-payload', `${pointer} ${detail}`, { errors: [{ pointer, detail }] });
}

function readBodies(fastify: FastifyInstance): void {
  fastify.removeContentTypeParser('text/plain');
  // A member named `__proto__` is valid JSON, and one's own to the object; payloads refuse it by its pointer.
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
        done(error ?? repeatedMemberIn(text, value), value);
      });
    } catch (error) {
      done(error as Error);
    }
  });
  fastify.addContentTypeParser('text/plain', readRegisterFile);
}
