import { Catch } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { answerOf } from './problems.ts';
import { isPageRequest } from '../web/page-paths.ts';
import { sendProblem } from '../web/problem-page.tsx';
import { firstRefusal } from './record-first.ts';

/** Answers any thrown error: at the API as `application/problem+json` (RFC 9457), elsewhere as a page. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger: Logger;
  readonly #access: RecordsAccess;

  constructor(logger: Logger, access: RecordsAccess) {
    this.#logger = logger;
    this.#access = access;
  }

  async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = await firstRefusal(this.#access, request, thrown);
    const answer = answerOf(error, request.routeOptions.url);
    if (answer.unexpected)
      this.#logger.error(
        { err: error, correlationId: request.id, route: request.routeOptions.url },
        'A request failed unexpectedly',
      );
    await sendAnswer(request, reply, answer);
  }
}

/** Sends a problem as a page or as `application/problem+json` (RFC 9457). */
export async function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { problem, headers }: ReturnType<typeof answerOf>,
): Promise<void> {
  void reply.headers(headers);
  if (isPageRequest(request)) {
    await sendProblem(request, reply, problem);
    return;
  }
  void reply
    .status(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(problem);
}
