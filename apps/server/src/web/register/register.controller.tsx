import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { londonDate } from '#state-machines/london';
import { allRecords, recordsTable } from '#use-cases/register/list-tables';
import { listRecordsRecordingAccess } from '#use-cases/register/lists';
import { referredTo } from '#use-cases/register/referred-to';
import { identityOf, readerOf } from '../../api/authentication.ts';
import { CsvAnswers } from '../../api/csv-answers.ts';
import { withFreshReads } from '../../api/fresh-reads.ts';
import { jsonList } from '../../api/json-list.ts';
import { inView } from '../../api/request-values.ts';
import { parseQuery } from '../../api/route-query.ts';
import { kindOf, onlyOf, pagesOfEachKind } from '../../of-each-kind.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { parseParams, parseOrRedirect, foundAt, queryFrom } from '../lists/list-address.ts';
import { sendPage } from '../send-page.tsx';
import { listPath, listTitle } from '../page-paths.ts';
import { queueIn, RegisterView } from './register-view.tsx';
import { unknownNames } from './unknown-names.ts';

/** The register as a page and as files. */
@ApiExcludeController()
@Controller()
export class RegisterPages {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(CsvAnswers) private readonly answers!: CsvAnswers;

  @Get(pagesOfEachKind())
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const kind = kindOf(request);
    const params = await parseOrRedirect(request, reply, listPath(kind));
    if (params === null) return;
    // The marker must not stay in links and saved searches.
    const isIssued = params.has('done') && params.has('issue');
    params.delete('done');
    // The past is not sorted by title, and the form of the filters keeps the order.
    const isPast = params.has('effectiveOn') || params.has('knownAt');
    if (isPast && /^-?title$/.test(params.get('sort') ?? '')) params.delete('sort');
    const now = request.server.clock.now();
    const viewer = identityOf(request);
    const { found: page, problems } = await foundAt(params, { route: 'list', kind }, (read) => {
      const query = { ...inView(read, now), ...onlyOf(kind) };
      return listRecordsRecordingAccess(withFreshReads(request, this.parts), readerOf(request), query, now);
    });
    const bodies = await request.server.pages.bodies.all();
    const unknown =
      page?.items.length === 0 ? await unknownNames(this.parts, { viewer, params, bodies, now }) : [];
    const words = page === null ? null : params.get('q');
    const referred = words === null ? null : await referredTo(this.parts, viewer, { kind, words }, now);
    const { searches } = await this.parts.people.find(viewer.subject);
    const content = (
      <RegisterView
        kind={kind}
        viewer={viewer}
        params={params}
        problems={problems}
        page={page}
        referred={referred}
        unknown={unknown}
        isIssued={isIssued}
        today={londonDate(now)}
        searches={{ searches }}
      />
    );
    const isRefused = problems.length > 0;
    const queue = queueIn(kind, params);
    const title = [...(queue === null ? [] : [queue]), listTitle(kind)];
    await sendPage(reply, { title, section: kind.path, isWide: true, isRefused, content });
  }

  @Get(pagesOfEachKind('.csv'))
  async csv(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.answers.sendTable(request, reply, kindOf(request).path, () =>
      recordsTable(...this.#whole(request)),
    );
  }

  @Get(pagesOfEachKind('.json'))
  async json(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const file = { name: `${kindOf(request).path}.json`, mediaType: 'application/json; charset=utf-8' };
    await this.answers.sendFile(request, reply, file, async () =>
      jsonList(itemsIn(await allRecords(...this.#whole(request)))),
    );
  }

  #whole(request: FastifyRequest) {
    const now = request.server.clock.now();
    const kind = kindOf(request);
    const read = parseQuery(queryFrom(parseParams(request.url)), 'list', { kind });
    const query = { ...inView(read, now), ...onlyOf(kind) };
    return [withFreshReads(request, this.parts), identityOf(request), query, now] as const;
  }
}

async function* itemsIn<Item>(parts: AsyncIterable<readonly Item[]>): AsyncGenerator<Item> {
  for await (const part of parts) yield* part;
}
