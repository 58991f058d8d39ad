import { Controller, Delete, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { enterPerson, eraseName, revokeSessions } from '#use-cases/people/administer-people';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { callContext } from './call-context.ts';
import { Documented } from './openapi.ts';

/** People's stored data: their names, and their sessions in the pages. */
@Controller('api/people')
export class PeopleController {
  @Inject(PARTS) private readonly parts!: Parts;

  @Post()
  @Documented('enterPerson')
  async enter(@Req() request: FastifyRequest) {
    return enterPerson(this.parts, callContext(request), request.body);
  }

  @Delete(':subject/name')
  @Documented('eraseName')
  async eraseName(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('subject') subject: string,
  ) {
    const erased = await eraseName(this.parts, callContext(request), subject);
    void reply.status(erased.remains === 'pending' ? 202 : 200);
    return { subject, erased };
  }

  @Delete(':subject/sessions')
  @Documented('revokeSessions')
  async revokeSessions(@Req() request: FastifyRequest, @Param('subject') subject: string): Promise<void> {
    await revokeSessions(this.parts.people, callContext(request), subject);
  }
}
