import { Controller, Get, Inject, Res } from '@nestjs/common';
import { instant } from '#event-sourcing/clock';
import type { RecordReference } from '#lifecycle/kind';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isWatchedBy } from '#use-cases/inbox/keep-inbox';
import { seeCommands } from '#use-cases/records/see-record';
import { seePage } from '#use-cases/records/see-page';
import type { EntriesRequest } from '#use-cases/records/see-page';
import { identityOf, readerOf } from '../../api/authentication.ts';
import { waitForRecord } from '../../api/fresh-reads.ts';
import { choice, MIN_POSITION, text, version, VIEW } from '../../api/query-parameters.ts';
import { viewOf } from '../../api/request-values.ts';
import { readQuery } from '../../api/route-query.ts';
import { OfRecord, pagesOfEachKind } from '../../of-each-kind.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { sendPage } from '../send-page.tsx';
import { breadcrumbFor } from '../page-paths.ts';
import { findNext } from '../work/find-next.tsx';
import { upperFirst } from '#lifecycle/words';
import { READ_FOR_PAPER, PrintView } from './print-view.tsx';
import { RecordAddresses } from './record-addresses.ts';
import { RecordView } from './record-view.tsx';
import { titleOf } from './shown-page.ts';
import type { ShownPage } from './shown-page.ts';

const QUERY = {
  ...VIEW,
  page: version('The page of the history.'),
  at: version('The version of an event; its page is shown.'),
  whole: version('The version of an event whose full text is shown.'),
  done: version('The version that the viewer’s own command created.'),
  erased: choice('The progress of the erasure.', ['pending']),
  from: text('The list that the user came from.'),
  minPosition: MIN_POSITION,
};

const ENTRIES = 50;

/** A record's page and its print view. */
@ApiExcludeController()
@Controller(pagesOfEachKind('/:id'))
export class RecordPage {
  @Inject(PARTS) private readonly parts!: Parts;

  /** `/new` issues a record, so a record with the id `new` is at `/new/record`. */
  @Get(['', 'record'])
  async record(@Res() reply: FastifyReply, @OfRecord() record: RecordReference): Promise<void> {
    const { request } = reply;
    const shown = await this.#see(request, record, ({ page = 1, at }) => ({
      page,
      size: ENTRIES,
      ...(at !== undefined && { at }),
    }));
    await sendPage(reply, {
      title: [upperFirst(record.kind.noun.singular), titleOf(shown.seen.record)],
      section: record.kind.path,
      isWide: true,
      breadcrumbs: [breadcrumbFor(record.kind, queryOf(request).from)],
      content: <RecordView shown={shown} />,
    });
  }

  @Get('print')
  async print(@Res() reply: FastifyReply, @OfRecord() record: RecordReference): Promise<void> {
    const { request } = reply;
    const shown = await this.#see(request, record, ({ at }) => ({
      page: 1,
      size: READ_FOR_PAPER,
      ...(at !== undefined && { from: at }),
    }));
    await sendPage(reply, {
      title: ['Print view', titleOf(shown.seen.record)],
      isOnPaper: true,
      content: <PrintView shown={shown} printedAt={instant(request.server.clock.now())} />,
    });
  }

  async #see(
    request: FastifyRequest,
    record: RecordReference,
    entriesIn: (query: ReturnType<typeof queryOf>) => EntriesRequest,
  ): Promise<ShownPage> {
    const now = request.server.clock.now();
    const query = queryOf(request);
    const { page: _page, at = null, whole = null, done = null, erased, from, ...viewQuery } = query;
    const view = viewOf(viewQuery, now);
    await waitForRecord(request, this.parts, record);
    const viewer = readerOf(request);
    const entries = entriesIn(query);
    const seen = await seePage(this.parts, viewer, record, { view, now, entries });
    const isPast = view.effectiveOn !== null || view.knownAt !== null;
    return {
      seen,
      addresses: new RecordAddresses(record, {
        ...viewQuery,
        ...(from !== undefined && { from }),
      }),
      commands: isPast ? null : await seeCommands(this.parts, viewer, record, now),
      at,
      whole,
      done,
      next: done === null ? null : await findNext(this.parts, viewer, { record, from }, now),
      isWatched: isPast ? null : await isWatched(request, record),
      isErasing: erased === 'pending',
      viewer,
    };
  }
}

async function isWatched(request: FastifyRequest, { kind, id }: RecordReference): Promise<boolean> {
  const person = await request.server.pages.people.find(identityOf(request).subject);
  return isWatchedBy(person, { kind: kind.name, id });
}

const queryOf = ({ query }: FastifyRequest) =>
  readQuery(QUERY, query as Readonly<Record<string, string | string[]>>);
