import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { systemClock } from '#event-sourcing/clock';
import type { Envelope } from '#event-sourcing/envelope';
import { admitToLog, requireLogReader } from '#use-cases/log/filter-log';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { readerOf } from '../../api/authentication.ts';
import { responseStream } from '../../api/response-stream.ts';
import { filterOf } from '../../api/events.controller.ts';
import { waitForLog } from '../../api/fresh-reads.ts';
import { parseQuery } from '../../api/route-query.ts';
import { LOG, RECORDS } from '../../parts.ts';
import type { LogParts } from '../../parts.ts';
import { parseParams, parseOrRedirect, foundAt, queryFrom } from '../lists/list-address.ts';
import { sendPage } from '../send-page.tsx';
import { LOG_PATH } from './log-addresses.ts';
import { LogView } from './log-view.tsx';
import type { FoundEvents } from './log-view.tsx';
import { peopleMeant } from './people-meant.tsx';

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
  readonly #parts: LogParts;
  readonly #readModels: RecordsAccess['readModels'];

  constructor(@Inject(LOG) parts: LogParts, @Inject(RECORDS) { readModels }: RecordsAccess) {
    this.#parts = parts;
    this.#readModels = readModels;
  }

  @Get('log')
  async log(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const params = await parseOrRedirect(request, reply, LOG_PATH);
    if (params === null) return;
    const filter = { path: LOG_PATH, name: 'actor' };
    const people = await peopleMeant(request, reply, filter, { params, readModels: this.#readModels });
    if (people === null) return;
    const { found, problems } = await this.#findEvents(request, params);
    const isRefused = problems.length > 0;
    const breadcrumbs = [{ text: 'Audit', href: '/audit' }];
    const content = <LogView {...{ params, problems, found, people }} />;
    const page = {
      title: ['The log'],
      section: 'audit',
      isWide: true,
      breadcrumbs,
      isRefused,
      content,
    } as const;
    await sendPage(request, reply, page);
  }

  @Get('log.json')
  async json(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = parseQuery(queryFrom(parseParams(request.url)), 'log');
    const { after = '0', limit } = query;
    const filter = filterOf(query);
    await this.#admit(request, after);
    const pieces = this.#parts.pages.page({ after, limit, filter });
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
    await waitForLog(request, this.#parts, () => {
      requireLogReader(viewer);
    });
    await admitToLog(this.#parts, viewer, { name: 'after', position: after });
  }

  /** Reads pages of the API until enough events are found or the time is up. */
  async #look(
    from: string,
    { limit, filter }: Pick<LogQuery, 'limit'> & { readonly filter: ReturnType<typeof filterOf> },
  ): Promise<FoundEvents> {
    const until = systemClock.elapsed() + LOOKED_MS_MAX;
    const items: Envelope[] = [];
    for (let after = from; ;) {
      const pieces = this.#parts.pages.page({ after, limit: limit - items.length, filter });
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
