import { Controller, Delete, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Service } from '#platform/service';
import type { PersonCall } from '#use-cases/people/people';
import { RUNS_SERVICE } from '#state-machines/access';
import { identityOf, requireRole } from './authentication.ts';
import { Documented } from './openapi.ts';
import { queryOf } from './request-values.ts';

/** How long the answer to an erasure waits for the name to be gone. */
const ERASED_MS = 5_000;

/** Who asks for a change of a person's stream, and when. */
export function personCall(request: FastifyRequest): PersonCall {
  const { subject, roles } = identityOf(request);
  return { actor: { subject, roles }, now: Date.now(), correlationId: request.id };
}

/** People, as far as Docket keeps anything of them: their names. */
@Controller('api/people')
export class PeopleController {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  @Delete(':subject/name')
  @Documented('eraseName')
  async eraseName(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('subject') subject: string,
  ): Promise<void> {
    queryOf(request, []);
    requireRole(request, RUNS_SERVICE);
    const { people, eraser, store } = this.#service;
    const position = await people.eraseName(subject, personCall(request));
    // Where nothing was left to be erased, it may still be under way from before.
    const isErased = await (position === null
      ? eraser.pending().then((pending) => pending.length === 0)
      : eraser.erasedUpTo(position, ERASED_MS));
    const remains = isErased ? store.erasedRemains : 'pending';
    await reply.status(isErased ? 200 : 202).send({ subject, erased: { remains } });
  }
}
