import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { systemClock } from '#event-sourcing/clock';
import type { Envelope } from '#event-sourcing/envelope';
import { admitToLog, requireLogReader } from '#use-cases/log/filter-log';
import { readerOf } from '../../api/authentication.ts';
import { responseStream } from '../../api/response-stream.ts';
import { filterOf } from '../../api/events.controller.ts';
import { waitForLog } from '../../api/fresh-reads.ts';
import { parseQuery } from '../../api/route-query.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { parseParams, foundAt, queryFrom, addressOf, changedParams } from '../lists/list-address.ts';
import { LOG_PATH, shortId, TRAIL_PATHS, typeInWords } from './log-addresses.ts';
import { AuditTable, DownloadList, nothingOf, OF_RECORD, PERSON, sendAuditList } from './audit-list.tsx';
import type { AuditList, AuditQuery } from './audit-list.tsx';
import { kinds } from '#state-machines/record-streams';
import { EVENT_TYPES } from '../../api/event-types.ts';
import { Details, InsetText } from '../components/blocks.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { Pagination } from '../components/pagination.tsx';
import { Link } from '../components/button.tsx';
import { dayAndTime, shortDate } from '../dates.ts';
import { choicesOf, choiceFilter, day, textFilter } from '../lists/filters.ts';
import type { FilterGroup } from '../lists/filters.ts';
import { NAMES_OF_PEOPLE, personName } from '../names.ts';
import { RecordAddresses } from '../record/record-addresses.ts';
import { upperFirst } from '#lifecycle/words';
import { countWords, RECORD, wordsFor, cut } from '../words.ts';

/** The default and maximum numbers of events on a page. */
const EVENTS = 50;
const EVENTS_MAX = 200;
/** How long a page searches for rare events before it returns what it has. */
const LOOKED_MS_MAX = 2_000;

type LogQuery = ReturnType<typeof parseQuery<'log'>>;

/** The log as a page, and as JSON. */
@ApiExcludeController()
@Controller('audit')
export class LogPage {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get('log')
  async log(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await sendAuditList(
      reply,
      this.parts.readModels,
      LOG,
      (params) => this.#findEvents(request, params),
      (found, query) => <Found {...query} found={found} />,
    );
  }

  @Get('log.json')
  async json(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = parseQuery(queryFrom(parseParams(request.url)), 'log');
    const { after = '0', limit } = query;
    const filter = filterOf(query);
    await this.#admit(request, after);
    const pieces = this.parts.logPages.page({ after, limit, filter });
    await reply
      .type('application/json; charset=utf-8')
      .header('content-disposition', 'attachment; filename="log.json"')
      .send(await responseStream(pieces));
  }

  #findEvents(request: FastifyRequest, params: URLSearchParams) {
    requireLogReader(readerOf(request));
    return foundAt(params, { route: 'log' }, async (query) => {
      const { after = '0' } = query;
      const limit = params.has('limit') ? Math.min(query.limit, EVENTS_MAX) : EVENTS;
      const filter = filterOf(query);
      await this.#admit(request, after);
      return this.#look(after, { limit, filter });
    });
  }

  /** Records the access before the log is read. */
  async #admit(request: FastifyRequest, after: string): Promise<void> {
    const viewer = readerOf(request);
    await waitForLog(request, this.parts, () => {
      requireLogReader(viewer);
    });
    await admitToLog(this.parts, viewer, { name: 'after', position: after });
  }

  /** Reads pages of the API until enough events are found or the time is up. */
  async #look(
    from: string,
    { limit, filter }: Pick<LogQuery, 'limit'> & { readonly filter: ReturnType<typeof filterOf> },
  ): Promise<FoundEvents> {
    const until = systemClock.elapsed() + LOOKED_MS_MAX;
    const items: Envelope[] = [];
    for (let after = from; ;) {
      const pieces = this.parts.logPages.page({ after, limit: limit - items.length, filter });
      const bytes = await Array.fromAsync(pieces);
      const page = JSON.parse(Buffer.concat(bytes).toString()) as {
        readonly items: readonly Envelope[];
        readonly next: string | null;
      };
      items.push(...page.items);
      const { next } = page;
      if (next === null || items.length >= limit) return { items, next };
      if (systemClock.elapsed() >= until) return { items, next };
      after = next;
    }
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = Object.fromEntries(
  EVENT_TYPES.map((type) => [type, typeInWords(type)]),
);

const GROUPS: readonly FilterGroup[] = [
  { title: 'Event', filters: [choiceFilter('type', 'Type of event', 'several', choicesOf(TYPE_WORDS))] },
  {
    title: 'Person',
    filters: [{ ...PERSON, name: 'actor', kind: 'names', names: NAMES_OF_PEOPLE }],
  },
  {
    title: upperFirst(RECORD.singular),
    filters: [{ ...OF_RECORD, kind: 'names' }],
  },
  {
    title: 'Request',
    filters: [
      textFilter('correlationId', 'Correlation ID', 'From a response header, the service’s log or a refusal'),
    ],
  },
  {
    title: 'Days',
    filters: [day('recordedFrom', 'Recorded from'), day('recordedTo', 'Recorded to')],
  },
];

/** A page of events, and the position to continue from. */
interface FoundEvents {
  readonly items: readonly Envelope[];
  readonly next: string | null;
}

const LOG: AuditList = {
  heading: 'The log',
  path: LOG_PATH,
  name: 'actor',
  groups: GROUPS,
  intro: (
    <p class="govuk-body">
      All events in the order in which they were recorded. Accesses to this log, including yours, are listed
      under <Link href={`${TRAIL_PATHS.accesses}?kind=log`}>accesses</Link>.
    </p>
  ),
};

/** Returns the address of the first page with changed filters. */
const anew = (params: URLSearchParams, changes: Readonly<Record<string, string | null>>): string =>
  addressOf(LOG_PATH, changedParams(params, { after: null, ...changes }));

function Found({
  params,
  found: { items, next },
  people,
}: AuditQuery & { readonly found: FoundEvents }): Element {
  const isFirst = !params.has('after');
  return (
    <>
      {items.length === 0 && (
        <p class="govuk-body">
          {next === null
            ? isFirst
              ? nothingOf(people, 'No events match.')
              : 'No more events match.'
            : 'No matches so far.'}
        </p>
      )}
      {items.length > 0 && <Events params={params} items={items} />}
      {next !== null && items.length === 0 && (
        <InsetText>The search stopped after 2 seconds. Continue to search the rest of the log.</InsetText>
      )}
      {(!isFirst || next !== null) && (
        <Pagination
          landmarkLabel="Pages of the log"
          previous={isFirst ? undefined : { content: 'First page', href: anew(params, {}) }}
          next={next === null ? undefined : { content: 'Continue', href: anew(params, { after: next }) }}
        />
      )}
      <DownloadList path={`${LOG_PATH}.json`} params={params}>
        Download the matching events from here with all their data (JSON, 1,000 at most)
      </DownloadList>
    </>
  );
}

const Events = ({ params, items }: Pick<AuditQuery, 'params'> & Pick<FoundEvents, 'items'>): Element => (
  <AuditTable
    count={countWords(items.length, 'event')}
    caption="Events"
    columns={['Recorded', 'Event', 'Record', 'Person', 'Effective', 'Request']}
    rows={items.map((event) => [
      <>
        {dayAndTime(event.recordedAt)}
        <span class="docket-id">{`Position ${event.position}`}</span>
      </>,
      <What event={event} />,
      <Of event={event} />,
      <Link href={anew(params, { actor: event.actor.subject })}>{personName(event.actor.subject)}</Link>,
      shortDate(event.effectiveOn),
      <Link classes="docket-id" href={anew(new URLSearchParams(), { correlationId: event.correlationId })}>
        <span class="govuk-visually-hidden">All events in the request </span>
        {shortId(event.correlationId)}
      </Link>,
    ])}
  />
);

/** Shows the data of an event that belongs to no record; events of records are shown in their history. */
function What({ event: { type, streamId, data } }: { readonly event: Envelope }): Content {
  const words = wordsFor(TYPE_WORDS, type);
  if (kinds.ofStream(streamId) !== null) return words;
  return (
    <>
      {words}
      <Details summary="Event data">
        <pre>{cut(JSON.stringify(data, null, 2), SHOWN_MAX)}</pre>
      </Details>
    </>
  );
}

const SHOWN_MAX = 2_000;
/** Links to the event in the record's history. */
function Of({ event: { streamId, version } }: { readonly event: Envelope }): Content {
  const record = kinds.ofStream(streamId);
  if (record === null) return <span class="docket-id">{`${streamId}, event ${version}`}</span>;
  return (
    <Link classes="docket-id" href={new RecordAddresses(record, {}).replay({ version }, {}, version)}>
      {`${record.id}, event ${version}`}
      <span class="govuk-visually-hidden"> in its history</span>
    </Link>
  );
}
