import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from '#use-cases/problems';
import { formOf } from '../form-values.ts';
import { addressOfOurs } from '../page-paths.ts';
import { sendPage } from '../send-page.tsx';
import { endSession, startSession } from '../session-cookie.ts';
import { READY_PEOPLE } from './ready-people.ts';
import { ChoosePerson, SignedOut } from './sign-in-view.tsx';

/** How long somebody stays who they chose to be. */
const CHOSEN_MS = 12 * 3_600_000;

/** Signing in and out. */
@ApiExcludeController()
@Controller()
export class SignInController {
  @Get('sign-in')
  async ask(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { to } = request.query as { to?: string };
    const content = <ChoosePerson people={READY_PEOPLE} to={addressOfOurs(to)} />;
    await sendPage(request, reply, { title: ['Sign in'], content });
  }

  @Post('sign-in')
  async choose(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = formOf(request);
    const person = READY_PEOPLE.find(({ subject }) => subject === form.get('person'));
    if (person === undefined) throw new ProblemError('malformed-request', 'There is no such person');
    const { subject, name, role, organisations } = person;
    const now = Date.now();
    const identity = {
      subject,
      name,
      roles: [role],
      organisations,
      issuedAt: now,
      expiresAt: now + CHOSEN_MS,
    };
    startSession(reply, await request.server.sessions.seal(identity));
    await reply.redirect(addressOfOurs(form.get('to') ?? undefined), 303);
  }

  @Post('sign-out')
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    formOf(request);
    endSession(reply);
    await reply.redirect('/signed-out', 303);
  }

  @Get('signed-out')
  async signedOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await sendPage(request, reply, { title: ['You have signed out'], content: <SignedOut /> });
  }
}
