import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Bodies } from '#use-cases/bodies/bodies';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { BODIES, RECORDS } from '../parts.ts';
import { waitForLog } from './fresh-reads.ts';
import { Documented } from './openapi.ts';

/** The names of bodies. */
@Controller('api/bodies')
export class BodiesController {
  readonly #bodies: Bodies;
  readonly #log: Pick<RecordsAccess, 'store'>;

  constructor(@Inject(BODIES) bodies: Bodies, @Inject(RECORDS) log: RecordsAccess) {
    this.#bodies = bodies;
    this.#log = log;
  }

  @Get()
  @Documented('bodies')
  async bodies(@Req() request: FastifyRequest) {
    await waitForLog(request, this.#log, () => undefined);
    const position = await this.#log.store.lastPosition();
    return { items: [...(await this.#bodies.all()).values()], position };
  }
}
