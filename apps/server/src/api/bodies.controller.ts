import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { waitForLog } from './fresh-reads.ts';
import { Documented } from './openapi.ts';

/** The names of bodies. */
@Controller('api/bodies')
export class BodiesController {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get()
  @Documented('bodies')
  async bodies(@Req() request: FastifyRequest) {
    await waitForLog(request, this.parts, () => undefined);
    const position = await this.parts.store.lastPosition();
    return { items: [...(await this.parts.bodies.all()).values()], position };
  }
}
