import { Controller, Delete, Get, Inject, Param, Post, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { choicesOf, NOTICE_GROUPS } from '#state-machines/person-events';
import { kinds } from '#state-machines/record-streams';
import type { Person } from '#state-machines/person-events';
import { GROUP_TITLES } from '#notifications/people/notice-groups';
import { chooseNotices, markRead, unwatchRecord, watchRecord } from '#use-cases/inbox/keep-inbox';
import { countUnread, seeInbox } from '#use-cases/inbox/see-inbox';
import { ProblemError } from '#use-cases/problems';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { callContext } from './call-context.ts';
import { identityOf } from './authentication.ts';
import { waitForLog, withFreshReads } from './fresh-reads.ts';
import { Documented } from './openapi.ts';
import { queryOf } from './route-query.ts';

/** A person's notices, watches and notification settings. */
@Controller('api')
export class InboxController {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get('inbox')
  @Documented('inbox')
  async inbox(@Req() request: FastifyRequest) {
    const query = queryOf(request, 'inbox');
    const { viewer, now } = callContext(request);
    return seeInbox(withFreshReads(request, this.parts), viewer, { ...query, now });
  }

  @Post('inbox/read')
  @Documented('readInbox')
  async read(@Req() request: FastifyRequest) {
    const call = callContext(request);
    await markRead(this.parts, call, request.body);
    const person = await this.parts.people.find(call.viewer.subject);
    return { unread: await countUnread(this.parts, call, person) };
  }

  @Get('watches')
  @Documented('watches')
  async watches(@Req() request: FastifyRequest) {
    await waitForLog(request, this.parts, () => undefined);
    const { watches } = await this.parts.people.find(identityOf(request).subject);
    return { items: watches, nextCursor: null };
  }

  @Put('watches/:kind/:id')
  @Documented('watch')
  async watch(
    @Req() request: FastifyRequest,
    @Param('kind') kind: string,
    @Param('id') id: string,
  ): Promise<void> {
    await watchRecord(this.parts, callContext(request), { kind: kindNamed(kind), id });
  }

  @Delete('watches/:kind/:id')
  @Documented('unwatch')
  async unwatch(
    @Req() request: FastifyRequest,
    @Param('kind') kind: string,
    @Param('id') id: string,
  ): Promise<void> {
    await unwatchRecord(this.parts, callContext(request), { kind: kindNamed(kind).name, id });
  }

  @Get('me/notices')
  @Documented('notices')
  async notices(@Req() request: FastifyRequest) {
    await waitForLog(request, this.parts, () => undefined);
    return noticesAnswer(await this.parts.people.find(identityOf(request).subject));
  }

  @Put('me/notices')
  @Documented('chooseNotices')
  async choose(@Req() request: FastifyRequest) {
    const call = callContext(request);
    await chooseNotices(this.parts, call, request.body);
    return noticesAnswer(await this.parts.people.find(call.viewer.subject));
  }
}

const noticesAnswer = (person: Person) => ({
  ...choicesOf(person),
  email: person.email,
  groups: NOTICE_GROUPS.map((group) => ({ group, title: GROUP_TITLES[group] })),
});

/** Returns a kind by its name or the path of its routes. */
function kindNamed(name: string) {
  const kind = kinds.find(name) ?? kinds.atPath(name);
  if (kind === null)
    throw new ProblemError(
      'not-found',
      `There is no kind of record ${name}; use one of ${kinds.all.map((each) => each.name).join(', ')}`,
    );
  return kind;
}
