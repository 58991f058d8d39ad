import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { namesOfPeople } from '#use-cases/people/find-people';
import { seeStatistics } from '#use-cases/register/lists';
import { identityOf } from '../../api/authentication.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { offeredBodies } from '../body-names.ts';
import { NAMES_OF_BODIES, NAMES_OF_PEOPLE } from '../names.ts';

/** Names for completion in form fields. */
@ApiExcludeController()
@Controller()
export class OfferedNames {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get(NAMES_OF_PEOPLE)
  async people(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await reply.send(await namesOfPeople(this.parts, identityOf(request)));
  }

  /** Bodies without a name are included by slug if they have records. */
  @Get(NAMES_OF_BODIES)
  async bodies(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const viewer = identityOf(request);
    const { byRecipient } = await seeStatistics(this.parts, viewer, {}, request.server.clock.now());
    const seen = byRecipient.flatMap(({ recipient }) => recipient ?? []);
    await reply.send(offeredBodies(viewer, await request.server.pages.bodies.all(), seen));
  }
}
