import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendPage } from '../send-page.tsx';
import { AccessibilityView, HelpView } from './about-view.tsx';

/** The help page and the accessibility statement; no sign-in needed. */
@ApiExcludeController()
@Controller()
export class AboutPages {
  @Get('help')
  async help(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const content = <HelpView contact={request.server.pages.contact} />;
    await sendPage(request, reply, { title: ['Help'], content });
  }

  @Get('accessibility')
  async accessibility(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const content = <AccessibilityView contact={request.server.pages.contact} />;
    await sendPage(request, reply, { title: ['Accessibility statement'], content });
  }
}
