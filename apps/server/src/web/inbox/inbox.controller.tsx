import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Identity } from '#identity/identity';
import { londonDate } from '#state-machines/london';
import { choicesOf, NOTICE_GROUPS } from '#state-machines/person-events';
import type { Watch } from '#state-machines/person-events';
import { kinds } from '#state-machines/record-streams';
import { chooseNotices, markRead, unwatchRecord, watchRecord } from '#use-cases/inbox/keep-inbox';
import { countUnread, seeInbox } from '#use-cases/inbox/see-inbox';
import { ProblemError } from '#use-cases/problems';
import { seeRecords } from '#use-cases/register/lists';
import { callContext } from '../../api/call-context.ts';
import { identityOf } from '../../api/authentication.ts';
import { withFreshReads } from '../../api/fresh-reads.ts';
import { queryOf } from '../../api/route-query.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { formOf } from '../form-values.ts';
import { sendPage } from '../send-page.tsx';
import { recordPath } from '../page-paths.ts';
import { ChoicesView } from './choices-view.tsx';
import type { SeenWatch } from './choices-view.tsx';
import { InboxView } from './inbox-view.tsx';

/** The inbox and its settings. Opening the inbox does not mark anything as read. */
@ApiExcludeController()
@Controller('inbox')
export class InboxPages {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get()
  async inbox(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { viewer, now } = callContext(request);
    const query = queryOf(request, 'inbox');
    const access = withFreshReads(request, this.parts);
    const [person, inbox] = await Promise.all([
      this.parts.people.find(viewer.subject),
      seeInbox(access, viewer, { ...query, now }),
    ]);
    const unread = await countUnread(access, { viewer, now }, person);
    const content = (
      <InboxView
        {...{ inbox, unread, lastVisit: person.visits.before }}
        isUnreadOnly={query.unread}
        isLater={query.cursor !== undefined}
        viewer={viewer}
        address={request.url}
      />
    );
    await sendPage(reply, { title: ['Inbox'], section: 'inbox', content });
  }

  @Post('read')
  async read(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = formOf(request);
    const [id, until] = [form.get('id'), form.get('until')];
    const marked = id === null ? { until: until ?? '' } : { ids: [id] };
    await markRead(this.parts, callContext(request), marked);
    await reply.redirect(inboxAt(form.get('back') ?? ''), 303);
  }

  @Get('choices')
  async choices(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const viewer = identityOf(request);
    const person = await this.parts.people.find(viewer.subject);
    const now = request.server.clock.now();
    const content = (
      <ChoicesView
        choices={choicesOf(person)}
        email={person.email}
        watches={await this.#seeWatches(viewer, person.watches, now)}
        isSaved={request.url.endsWith('?saved=true')}
        viewer={viewer}
        today={londonDate(now)}
      />
    );
    await sendPage(reply, { title: ['Notification settings'], section: 'inbox', content });
  }

  async #seeWatches(viewer: Identity, watches: readonly Watch[], now: number): Promise<readonly SeenWatch[]> {
    const records = watches.flatMap(({ kind: name, id }) => {
      const kind = kinds.find(name);
      return kind === null ? [] : [{ kind, id }];
    });
    const items = await seeRecords(this.parts, viewer, records, now);
    return watches.map((watch) => ({
      ...watch,
      item: items.find(({ kind, id }) => kind === watch.kind && id === watch.id),
    }));
  }

  @Post('choices')
  async choose(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = formOf(request);
    const mail = form.get('mail') ?? 'off';
    const topics = form.getAll('topics');
    await chooseNotices(this.parts, callContext(request), {
      channels: mail === 'off' ? [] : ['email'],
      digest: mail === 'at-once' ? 'at-once' : 'daily',
      muted: NOTICE_GROUPS.filter((group) => !topics.includes(group)),
    });
    await reply.redirect('/inbox/choices?saved=true', 303);
  }

  @Post('watch')
  async watch(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const record = recordIn(formOf(request));
    await watchRecord(this.parts, callContext(request), record);
    await reply.redirect(recordPath(record), 303);
  }

  @Post('unwatch')
  async unwatch(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = formOf(request);
    const { kind, id } = recordIn(form);
    await unwatchRecord(this.parts, callContext(request), { kind: kind.name, id });
    await reply.redirect(
      form.get('back') === 'record' ? recordPath({ kind, id }) : '/inbox/choices#watches',
      303,
    );
  }
}

/** Returns the inbox address to return to. */
const inboxAt = (back: string): string =>
  /^\/inbox(?:\?[\w=&.%-]*)?(?:#notice-[\w-]+)?$/.test(back) ? back : '/inbox';

function recordIn(form: URLSearchParams) {
  const kind = kinds.find(form.get('kind'));
  if (kind === null) throw new ProblemError('malformed-request', 'The form names no kind of record');
  return { kind, id: form.get('id') ?? '' };
}
