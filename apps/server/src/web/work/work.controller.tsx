import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { londonDate } from '#state-machines/london';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { seeFirstWork } from '#use-cases/register/lists';
import { identityOf } from '../../api/authentication.ts';
import { withFolded } from '../../api/fresh-reads.ts';
import { RECORDS } from '../../parts.ts';
import { sendPage } from '../send-page.tsx';
import { WorkView } from './work-view.tsx';

/** The first page: what waits for whoever signed in. */
@ApiExcludeController()
@Controller()
export class WorkPage {
  readonly #access: RecordsAccess;

  constructor(@Inject(RECORDS) access: RecordsAccess) {
    this.#access = access;
  }

  @Get()
  async work(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const viewer = identityOf(request);
    const now = request.server.clock.now();
    const queues = await seeFirstWork(withFolded(request, this.#access), viewer, now);
    await sendPage(request, reply, {
      title: ['Work'],
      section: 'work',
      isWide: true,
      content: <WorkView viewer={viewer} queues={queues} today={londonDate(now)} />,
    });
  }
}
