import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { londonDate } from '#state-machines/london';
import { seeUnread } from '#use-cases/inbox/see-inbox';
import { seeFirstWork } from '#use-cases/register/lists';
import { identityOf } from '../../api/authentication.ts';
import { withFreshReads } from '../../api/fresh-reads.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { sendPage } from '../send-page.tsx';
import { WorkView } from './work-view.tsx';

@ApiExcludeController()
@Controller()
export class WorkPage {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get()
  async work(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const viewer = identityOf(request);
    const now = request.server.clock.now();
    const access = withFreshReads(request, this.parts);
    const [queues, news] = await Promise.all([
      seeFirstWork(access, viewer, now),
      seeUnread(access, { viewer, now }),
    ]);
    await sendPage(reply, {
      title: ['Work'],
      section: 'work',
      isWide: true,
      content: <WorkView {...{ viewer, queues, news }} today={londonDate(now)} />,
    });
  }
}
