import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callOf } from '#use-cases/call-context';
import { sessionsAt } from '#use-cases/people/people';
import { problemOf, ProblemError } from '#use-cases/problems';
import { callContext } from '../../api/call-context.ts';
import { identityOf } from '../../api/authentication.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { formOf } from '../form-values.ts';
import { parseParams, readParams } from '../lists/list-address.ts';
import { keptList, keptQuery, searchAddress } from '../register/searches.tsx';
import { dropCookie } from '../admit-to-pages.ts';
import { endSessions } from '../sign-in/sign-in.controller.tsx';
import { sendPage } from '../send-page.tsx';
import { SEARCH_NAME_MESSAGES } from '#use-cases/people/people';
import { AccountView, SearchRefused } from './account-view.tsx';

/** The account page: sessions and saved searches. */
@ApiExcludeController()
@Controller('account')
export class AccountPages {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get()
  async account(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const viewer = identityOf(request);
    const person = await this.parts.people.find(viewer.subject);
    const sessions = sessionsAt(person, request.server.clock.now());
    const own = request.session?.id;
    const content = <AccountView {...{ viewer, searches: person.searches, sessions, own }} />;
    await sendPage(reply, { title: ['Your account'], section: 'account', content });
  }

  @Post('sessions/end')
  async endAll(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    formOf(request);
    await endSessions(request);
    dropCookie(reply, 'docket-session');
    await reply.redirect('/signed-out', 303);
  }

  @Post('sessions/:id/end')
  async endOne(@Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    const { request } = reply;
    formOf(request);
    await endSessions(request, id);
    await reply.redirect('/account#sessions', 303);
  }

  @Post('searches')
  async save(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = formOf(request);
    const name = form.get('name') ?? '';
    const list = keptList(parseParams(`/?${form.get('query') ?? ''}`).toString());
    const { kind, params } = list;
    // A query that the list refuses is not saved.
    if ('problems' in readParams(params, 'list', kind) || params.size === 0)
      throw new ProblemError('malformed-request', 'This is not a valid search');
    const query = keptQuery(list);
    const { viewer, ...call } = callContext(request);
    try {
      await this.parts.people.saveSearch(viewer.subject, { name, query }, callOf({ viewer, ...call }));
    } catch (error) {
      const message = messageFor(error);
      const content = <SearchRefused name={name} query={query} message={message} />;
      const page = {
        title: ['Save this search'],
        section: kind.path,
        isRefused: true,
        content,
      } as const;
      await sendPage(reply, page);
      return;
    }
    await reply.redirect(searchAddress({ query }), 303);
  }

  @Post('searches/:id/remove')
  async remove(@Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    const { request } = reply;
    formOf(request);
    const context = callContext(request);
    // Removing a search that is already gone succeeds.
    await this.parts.people.removeSearch(context.viewer.subject, id, callOf(context));
    await reply.redirect('/account#searches', 303);
  }
}

/** Returns the message for a problem with the name; rethrows other errors. */
function messageFor(error: unknown): string {
  const known = problemOf(error);
  if (known?.code === 'too-many-searches') return known.detail;
  if (known?.code !== 'invalid-payload') throw error;
  const [{ pointer, detail } = { pointer: '', detail: '' }] = known.members.errors ?? [];
  if (pointer === '/query') return `The search ${detail}`;
  if (detail === SEARCH_NAME_MESSAGES.required) return 'Enter a name for this search';
  if (detail === SEARCH_NAME_MESSAGES.duplicate)
    return 'You already have a search with this name. Enter another name';
  return `The name ${detail}`;
}
