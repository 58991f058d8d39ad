import { Controller, Delete, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Service } from '../../../../libs/platform/src/service.ts';
import type { PersonCall } from '../../../../libs/use-cases/src/people.ts';
import { RUNS_SERVICE } from '../../../../state-machines/inspection-recommendation/v1/policy.ts';
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
  async eraseName(@Req() request: FastifyRequest, @Param('subject') subject: string) {
    queryOf(request, []);
    requireRole(request, RUNS_SERVICE);
    const { people, eraser, store } = this.#service;
    const position = await people.eraseName(subject, personCall(request));
    if (position !== null) await eraser.erasedUpTo(position, ERASED_MS);
    return { subject, erased: { remains: store.erasedRemains } };
  }
}
