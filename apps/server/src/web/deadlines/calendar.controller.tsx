import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { listCalendarLinks, makeCalendarLink, revokeCalendarLink } from '#use-cases/people/calendar-links';
import { problemOf } from '#use-cases/problems';
import { callContext } from '../../api/call-context.ts';
import { identityOf } from '../../api/authentication.ts';
import { calendarLinkPath } from '../../api/calendar-link-access.ts';
import { filterOf } from '../../api/calendar-links.controller.ts';
import { LIST_PAGE } from '../../api/query-parameters.ts';
import { publicAddress } from '../../api/request-values.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { formOf } from '../form-values.ts';
import { sendPage } from '../send-page.tsx';
import type { CalendarLinksPage } from '#read-models/calendar-links/calendar-links-projection';
import type { Identity } from '#identity/identity';
import { Button } from '../components/button.tsx';
import { InsetText } from '../components/blocks.tsx';
import { Input, Select, Textarea } from '../components/fields.tsx';
import type { Element } from '../components/macro-options.ts';
import { longDate, longInstant } from '../dates.ts';
import { bodiesToChoose } from '../lists/filters.ts';
import { StackedTable } from '../lists/stacked-table.tsx';
import { bodyName, personName } from '../names.ts';
import { Refused } from '../forms/action-form.tsx';
import { LinkButton, Mark } from '../forms/post-form.tsx';
import { DEADLINE_WORDS, KIND_WORDS, wordsFor } from '../words.ts';

type Shown = Pick<CalendarViewOptions, 'typed' | 'refusal' | 'made'>;

/** The page of calendar links: list, create and revoke. */
@ApiExcludeController()
@Controller('deadlines/calendar')
export class CalendarPages {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get()
  async list(@Res() reply: FastifyReply): Promise<void> {
    await this.#show(reply, { typed: {}, refusal: null, made: null });
  }

  /** Responds with the page instead of a redirect, because the secret is shown only once. */
  @Post()
  async make(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = formOf(request);
    const fields = ['recipient', 'kind', 'state'].map(
      (name) => [name, (form.get(name) ?? '').trim()] as const,
    );
    const typed = Object.fromEntries(fields.filter(([, value]) => value !== ''));
    try {
      const context = callContext(request);
      const { link, secret } = await makeCalendarLink(this.parts, context, filterOf(typed));
      const path = calendarLinkPath(context.viewer.subject, { linkId: link.linkId, secret });
      const made = `${publicAddress(this.parts, request)}${path}`;
      await this.#show(reply, { typed: {}, refusal: null, made });
    } catch (error) {
      await this.#show(reply, { typed, refusal: refusalOf(error), made: null });
    }
  }

  @Post(':id/revoke')
  async revoke(@Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    const { request } = reply;
    formOf(request);
    await revokeCalendarLink(this.parts, callContext(request), id);
    await reply.redirect('/deadlines/calendar#links', 303);
  }

  async #show(reply: FastifyReply, shown: Shown): Promise<void> {
    const { request } = reply;
    const viewer = identityOf(request);
    const { items } = await listCalendarLinks(
      this.parts,
      viewer,
      { limit: LIST_PAGE.most },
      request.server.clock.now(),
    );
    // The viewer's own stream is up to date; the read model may lag behind.
    const { links: own } = await this.parts.people.find(viewer.subject);
    const links = items.filter(
      ({ id, subject }) => subject !== viewer.subject || own.some(({ linkId }) => linkId === id),
    );
    const isRefused = shown.refusal !== null;
    const content = <CalendarView {...shown} links={links} viewer={viewer} />;
    const breadcrumbs = [{ text: 'Deadlines', href: '/deadlines' }];
    const title = ['Deadlines in your calendar'];
    const page = { title, section: 'deadlines', breadcrumbs, isRefused, content } as const;
    await sendPage(reply, page);
  }
}

/** Returns the message and its field; rethrows other errors. */
function refusalOf(error: unknown): CalendarViewOptions['refusal'] {
  const known = problemOf(error);
  if (known?.code === 'other-organisation' || known?.code === 'too-many-calendar-links')
    return { field: 'recipient', message: known.detail };
  if (known?.code !== 'invalid-payload') throw error;
  const [problem] = known.members.errors ?? [];
  return { field: problem?.pointer.slice(1) ?? 'recipient', message: `This ${problem?.detail ?? ''}` };
}

type CalendarLink = CalendarLinksPage['items'][number];

interface CalendarViewOptions {
  readonly links: readonly CalendarLink[];
  readonly viewer: Identity;
  /** The entered values of a refused form. */
  readonly typed: Readonly<Record<string, string>>;
  readonly refusal: { readonly field: string; readonly message: string } | null;
  /** The address of a new link, which is shown only once. */
  readonly made: string | null;
}

function CalendarView(options: CalendarViewOptions): Element {
  const { refusal, made, links } = options;
  return (
    <>
      <Refused errors={refusal === null ? [] : [refusal]} fields={[]} />
      <h1 class="govuk-heading-l">Deadlines in your calendar</h1>
      {made !== null && <Made url={made} />}
      <p class="govuk-body">
        Create a calendar link and add it to your calendar app. Choose “Subscribe to calendar” or “Add
        calendar from the internet” there, and paste the link. It shows the deadlines that you can see, stays
        up to date and works for up to a year.
      </p>
      <p class="govuk-body">Anyone with the link can see these deadlines, so keep it private.</p>
      <Links {...options} links={links} />
      <MakeLink {...options} />
    </>
  );
}

const Made = ({ url }: { readonly url: string }): Element => (
  <InsetText>
    <h2 class="govuk-heading-m">Your new calendar link</h2>
    <Textarea
      name="made"
      label="Copy it now. It will not be shown again"
      value={url}
      rows={4}
      spellcheck={false}
      attributes={{ readonly: true, 'data-copy': 'Copy the link' }}
    />
  </InsetText>
);

const Links = ({ links, viewer }: CalendarViewOptions): Element => (
  <>
    <h2 class="govuk-heading-m" id="links">
      Calendar links
    </h2>
    <StackedTable
      caption="Calendar links"
      none="There are no calendar links yet."
      columns={['Shows', 'Created', 'Valid until', 'Owner', 'Revoke']}
      rows={links.map((link) => [
        shownBy(link),
        longInstant(link.madeAt),
        longDate(link.expiresOn),
        link.subject === viewer.subject ? 'You' : personName(link.subject),
        <LinkButton
          action={`/deadlines/calendar/${encodeURIComponent(link.id)}/revoke`}
          about={` the link that shows ${shownBy(link)}`}
        >
          Revoke
        </LinkButton>,
      ])}
    />
  </>
);

function shownBy({ recipient, kind, state }: CalendarLink): string {
  const parts = [
    ...(recipient === null ? [] : [bodyName(recipient)]),
    ...(kind === null ? [] : [wordsFor(KIND_WORDS, kind)]),
    ...(state === null ? [] : [wordsFor(DEADLINE_WORDS, state)]),
  ];
  return parts.length === 0 ? 'All deadlines' : parts.join(', ');
}

const DUE = ['on-track', 'approaching', 'overdue', 'escalated'] as const;

function MakeLink({ viewer, typed, refusal }: CalendarViewOptions): Element {
  const error = (field: string) => (refusal?.field === field ? refusal.message : undefined);
  const any = { value: '', content: 'Any' };
  return (
    <form method="post" action="/deadlines/calendar" id="make-link" novalidate>
      <h2 class="govuk-heading-m">Create a calendar link</h2>
      <Mark />
      <OfBody viewer={viewer} value={typed['recipient']} errorMessage={error('recipient')} />
      <Select
        name="kind"
        label="Kind of deadline"
        value={typed['kind'] ?? ''}
        items={[any, ...Object.entries(KIND_WORDS).map(([value, content]) => ({ value, content }))]}
        errorMessage={error('kind')}
      />
      <Select
        name="state"
        label="State"
        value={typed['state'] ?? ''}
        items={[any, ...DUE.map((value) => ({ value, content: DEADLINE_WORDS[value] }))]}
        errorMessage={error('state')}
      />
      <Button preventDoubleClick>Create the link</Button>
    </form>
  );
}

/** A choice of bodies; a text field if no names are known. */
function OfBody(props: {
  readonly viewer: Identity;
  readonly value: string | undefined;
  readonly errorMessage: string | undefined;
}): Element {
  const { viewer, value, errorMessage } = props;
  const bodies = bodiesToChoose(viewer);
  const shared = { name: 'recipient', label: 'Body', value, errorMessage };
  if (bodies.length === 0)
    return (
      <Input
        {...shared}
        hint="Its short name, such as wiltshire. Leave this empty to show the deadlines of all bodies."
        classes="govuk-input--width-20"
        spellcheck={false}
        autocapitalize="none"
      />
    );
  const choices = bodies.map(({ value: slug, text }) => ({ value: slug, content: text }));
  return <Select {...shared} items={[{ value: '', content: 'Any' }, ...choices]} />;
}
