import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { accessesTable, listAccesses } from '#use-cases/accesses/list-accesses';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { listRefusals, refusalsTable } from '#use-cases/refusals/list-refusals';
import { identityOf } from '../../api/authentication.ts';
import { CsvAnswers } from '../../api/csv-answers.ts';
import { withFolded } from '../../api/fresh-reads.ts';
import { queryGiven } from '../../api/route-query.ts';
import { RECORDS } from '../../parts.ts';
import { askedIn, givenBy, listProblems, readAsked, shorterAddress } from '../lists/list-address.ts';
import type { ListProblems } from '../lists/list-address.ts';
import { sendPage } from '../send-page.tsx';
import { peopleMeant } from './people-meant.tsx';
import { headingOf, RECORDED_PATHS, RecordedList } from './recorded-list.tsx';
import type { RecordedName } from './recorded-list.tsx';

type Access = Pick<RecordsAccess, 'store' | 'readModels' | 'projections'>;
type Asked = readonly [Access, ReturnType<typeof identityOf>];

/** Who was refused what, and who was given what, as pages and as files. */
@ApiExcludeController()
@Controller('audit')
export class RecordedListPages {
  readonly #access: Access;
  readonly #answers: CsvAnswers;

  constructor(@Inject(RECORDS) access: RecordsAccess, answers: CsvAnswers) {
    this.#access = access;
    this.#answers = answers;
  }

  @Get('refusals')
  async refusals(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#list('refusals', request, reply, (asked) =>
      pageOf(asked, 'refusals', ({ recommendation: record, ...query }) =>
        listRefusals(...this.#askedBy(request), { ...query, ...(record !== undefined && { record }) }),
      ),
    );
  }

  @Get('accesses')
  async accesses(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#list('accesses', request, reply, (asked) =>
      pageOf(asked, 'accesses', ({ recommendation: record, ...query }) =>
        listAccesses(...this.#askedBy(request), { ...query, ...(record !== undefined && { record }) }),
      ),
    );
  }

  @Get('refusals.csv')
  async refusalsFile(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { recommendation: record, limit: _, ...query } = wholeAsked(request, 'refusals');
    const filters = { ...query, ...(record !== undefined && { record }) };
    await this.#answers.sendTable(request, reply, 'refusals', () =>
      refusalsTable(...this.#askedBy(request), filters),
    );
  }

  @Get('accesses.csv')
  async accessesFile(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { recommendation: record, limit: _, ...query } = wholeAsked(request, 'accesses');
    const filters = { ...query, ...(record !== undefined && { record }) };
    await this.#answers.sendTable(request, reply, 'accesses', () =>
      accessesTable(...this.#askedBy(request), filters),
    );
  }

  async #list<Name extends RecordedName>(
    name: Name,
    request: FastifyRequest,
    reply: FastifyReply,
    find: (asked: URLSearchParams) => Promise<Found<Parameters<typeof RecordedList<Name>>[0]['page']>>,
  ): Promise<void> {
    const asked = askedIn(request.url);
    const shorter = shorterAddress(request.url, RECORDED_PATHS[name], asked);
    if (shorter !== null) {
      await reply.redirect(shorter, 303);
      return;
    }
    const filter = { path: RECORDED_PATHS[name], name: 'subject', list: name };
    const { readModels } = this.#access;
    const people = await peopleMeant(request, reply, filter, { asked, readModels });
    if (people === null) return;
    const { page, problems } = await find(asked);
    const content = <RecordedList {...{ name, asked, problems, page, people }} />;
    const isRefused = problems.length > 0;
    const breadcrumbs = [{ text: 'Audit', href: '/audit' }];
    const sent = { title: [headingOf(name)], section: 'audit', breadcrumbs, isRefused, content } as const;
    await sendPage(request, reply, sent, isRefused ? 400 : 200);
  }

  #askedBy(request: FastifyRequest): Asked {
    return [withFolded(request, this.#access), identityOf(request)];
  }
}

const wholeAsked = <Name extends RecordedName>({ url }: FastifyRequest, name: Name) =>
  queryGiven(givenBy(askedIn(url)), name);

interface Found<Page> {
  readonly page: Page | null;
  readonly problems: ListProblems;
}

/** What is asked, read as the API's route reads it, or what of it cannot be used. */
async function pageOf<Name extends RecordedName, Page>(
  asked: URLSearchParams,
  name: Name,
  list: (query: Extract<ReturnType<typeof readAsked<Name>>, { query: unknown }>['query']) => Promise<Page>,
): Promise<Found<Page>> {
  const read = readAsked(asked, name);
  if ('problems' in read) return { page: null, problems: read.problems };
  try {
    return { page: await list(read.query), problems: [] };
  } catch (error) {
    return { page: null, problems: listProblems(error) };
  }
}
