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
import { cookieOf, dropCookie, keepCookie } from '../admit-to-pages.ts';
import { READY_PEOPLE } from './ready-people.ts';
import type { ReadyPerson } from './ready-people.ts';
import { roleInWords } from '#lifecycle/words';
import { Button, Link } from '../components/button.tsx';
import type { Element } from '../components/macro-options.ts';
import { bodyName } from '../names.ts';

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
    await sendPage(reply, { title: ['Sign in'], content }, isDevelopment ? 200 : 503);
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
  async signedIn(@Res() reply: FastifyReply): Promise<void> {
    await sendPage(reply, { title: ['You have signed in'], content: <SignedIn /> });
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
    await sendPage(reply, { title: ['You have signed out'], content });
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

export function ChoosePerson({
  people,
  to,
}: {
  readonly people: readonly ReadyPerson[];
  readonly to: string;
}): Element {
  return (
    <>
      <h1 class="govuk-heading-l">Choose who to sign in as</h1>
      <p class="govuk-body">This service runs with its development key. Each person below has one role.</p>
      <form method="post" action="/sign-in">
        <input type="hidden" name="to" value={to} />
        <ul class="govuk-list">
          {people.map(({ subject, name, role, organisations }) => (
            <li>
              <Button name="person" value={subject} classes="govuk-button--secondary">
                {`${name}, ${roleInWords(role)}${organisations.length > 0 ? ` for ${organisations.map(bodyName).join(', ')}` : ''}`}
              </Button>
            </li>
          ))}
        </ul>
      </form>
    </>
  );
}

/** Shown if the client id of the identity provider is missing. */
const NotSetUp = (): Element => (
  <>
    <h1 class="govuk-heading-l">Sign-in is not set up yet</h1>
    <p class="govuk-body">
      The operator of the service must set <code>DOCKET_OIDC_CLIENT_ID</code>. Programs can already use the
      API.
    </p>
  </>
);

/** Shown in the tab of a second sign-in. */
const SignedIn = (): Element => (
  <>
    <h1 class="govuk-heading-l">You have signed in</h1>
    <p class="govuk-body">
      Close this tab and continue in the other tab, or go to <Link href="/">your work</Link>.
    </p>
  </>
);

const SignedOut = ({ endAddress }: { readonly endAddress: string | null }): Element => (
  <>
    <h1 class="govuk-heading-l">You have signed out</h1>
    {endAddress !== null && (
      <p class="govuk-body">
        You may still be signed in at your identity provider.{' '}
        <Link href={endAddress}>Sign out there too</Link>
      </p>
    )}
    <p class="govuk-body">
      <Link href="/sign-in">Sign in again</Link>
    </p>
  </>
);

const BROWSERS = [
  [/\bEdg(?:A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:(?:Headless)?Chrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
] as const;

const SYSTEMS = [
  [/\bWindows\b/, 'Windows'],
  [/\bAndroid\b/, 'Android'],
  [/\b(?:iPhone|iPad)\b/, 'iOS'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
] as const;

const findName = (agent: string, names: readonly (readonly [RegExp, string])[]): string | undefined =>
  names.find(([pattern]) => pattern.test(agent))?.[1];

/** Returns a description of the browser from a fixed list; the user agent is not stored. */
function browserWords(agent = ''): string {
  const browser = findName(agent, BROWSERS) ?? 'Unknown browser';
  const system = findName(agent, SYSTEMS);
  return system === undefined ? browser : `${browser} on ${system}`;
}
