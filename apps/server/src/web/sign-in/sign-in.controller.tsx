import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Identity } from '#identity/identity';
import { callOf } from '#use-cases/call-context';
import { ProblemError } from '#use-cases/problems';
import { callContext } from '../../api/call-context.ts';
import { formOf } from '../form-values.ts';
import { addressOfOurs } from '../page-paths.ts';
import { sendPage } from '../send-page.tsx';
import { cookieOf, dropCookie, keepCookie } from '../session-cookie.ts';
import { browserWords } from './browser-words.ts';
import { READY_PEOPLE } from './ready-people.ts';
import { ChoosePerson, NotSetUp, SignedIn, SignedOut } from './sign-in-view.tsx';

const CHOSEN_MS = 12 * 3_600_000;

/** Sign-in, at the provider or by choosing a person, and sign-out. */
@ApiExcludeController()
@Controller()
export class SignInController {
  @Get('sign-in')
  async signIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const to = addressOfOurs((request.query as { to?: string }).to);
    const { isDevelopment, signIn } = request.server.pages;
    if (signIn !== null) {
      const { address, sealed } = await signIn.begin(to, request.server.clock.now());
      keepCookie(reply, 'docket-sign-in', sealed);
      await reply.redirect(address, 303);
      return;
    }
    const content = isDevelopment ? <ChoosePerson people={READY_PEOPLE} to={to} /> : <NotSetUp />;
    await sendPage(request, reply, { title: ['Sign in'], content }, isDevelopment ? 200 : 503);
  }

  @Post('sign-in')
  async choose(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (!request.server.pages.isDevelopment)
      throw new ProblemError('method-not-allowed', 'People sign in to this service at the identity provider');
    const form = formOf(request);
    const person = READY_PEOPLE.find(({ subject }) => subject === form.get('person'));
    if (person === undefined) throw new ProblemError('malformed-request', 'There is no such person');
    const { subject, name, role, organisations } = person;
    const now = request.server.clock.now();
    const expiresAt = now + CHOSEN_MS;
    const identity = { subject, name, roles: [role], organisations, issuedAt: now, expiresAt };
    await enter(reply, identity, form.get('to'));
  }

  /** The provider's redirect URI. */
  @Get('sign-in/ended')
  async endSignIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { signIn } = request.server.pages;
    if (signIn === null) throw new ProblemError('not-found', 'This service has no identity provider');
    const begun = cookieOf(request, 'docket-sign-in');
    dropCookie(reply, 'docket-sign-in');
    const { identity, to } = await signIn.end(
      begun,
      new URL(request.url, 'http://here.invalid').search,
      request.server.clock.now(),
    );
    await enter(reply, identity, to);
  }

  /** Shown after signing in again in another tab. */
  @Get('signed-in')
  async signedIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await sendPage(request, reply, { title: ['You have signed in'], content: <SignedIn /> });
  }

  @Post('sign-out')
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    formOf(request);
    const { session } = request;
    if (session !== null) await endSessions(request, session.id);
    dropCookie(reply, 'docket-session');
    await reply.redirect('/signed-out', 303);
  }

  @Get('signed-out')
  async signedOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { signIn, publicUrl } = request.server.pages;
    const endAddress = (await signIn?.endAddress(`${publicUrl ?? ''}/signed-out`)) ?? null;
    const content = <SignedOut endAddress={endAddress} />;
    await sendPage(request, reply, { title: ['You have signed out'], content });
  }
}

/** Starts a session and redirects to the wanted page. */
async function enter(reply: FastifyReply, identity: Identity, to: string | null): Promise<void> {
  const { request, server } = reply;
  const { sessions, people } = server.pages;
  const { id: sessionId, sealed } = await sessions.seal(identity);
  const browser = browserWords(request.headers['user-agent']);
  const call = callOf({ viewer: identity, now: request.server.clock.now(), correlationId: request.id });
  await people.startSession(identity, { sessionId, browser }, call);
  keepCookie(reply, 'docket-session', sealed);
  await reply.redirect(addressOfOurs(to ?? undefined), 303);
}

/** Ends one session of the caller, or all. */
export async function endSessions(request: FastifyRequest, sessionId?: string): Promise<void> {
  const context = callContext(request);
  const which = { because: 'signed-out', ...(sessionId !== undefined && { sessionId }) } as const;
  await request.server.pages.people.endSessions(context.viewer.subject, which, callOf(context));
}
