import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isNoVersionMessage, PARAMETER_MESSAGES } from '#use-cases/parameter-messages';
import { problemOf } from '#use-cases/problems';
import { compareRecord, compareRecords } from '#use-cases/records/compare-points';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { visibleState } from '#use-cases/records/visible-record';
import { pathOf } from '#lifecycle/kind';
import { withArticle } from '#lifecycle/words';
import { identityOf } from '../../api/authentication.ts';
import { waitForRecord } from '../../api/fresh-reads.ts';
import { pointOf } from '../../api/request-values.ts';
import { OfRecord, pagesOfEachKind } from '../../of-each-kind.ts';
import { RECORDS } from '../../parts.ts';
import { withTypedDates } from '../dates.ts';
import { parseOrRedirect, listProblems } from '../lists/list-address.ts';
import type { ListProblems } from '../lists/list-address.ts';
import { RecordAddresses } from '../record/record-addresses.ts';
import { sendPage } from '../send-page.tsx';
import { breadcrumbFor } from '../list-paths.ts';
import { recordName } from '../words.ts';
import { CompareView } from './compare-view.tsx';
import type { Compared, Found } from './compare-view.tsx';
import type { RecordReference } from '#lifecycle/kind';

const POINT_WORDS = { from: 'earlier', to: 'later' } as const;

/** Replaces an API message with the error of a field. */
function inWords({ pointer, detail }: ListProblems[number]): ListProblems[number] {
  const point = `${pointer === '/from' ? POINT_WORDS.from : POINT_WORDS.to} point`;
  if (detail === PARAMETER_MESSAGES.order)
    return { pointer, detail: 'The earlier point must be before the later point' };
  if (detail === PARAMETER_MESSAGES.future)
    return { pointer, detail: `The ${point} must be today or in the past` };
  if (isNoVersionMessage(detail)) return { pointer, detail: `The ${point} must be an event of this record` };
  return { pointer, detail: `Enter a date, like 15 June 2016, or an event number for the ${point}` };
}

/** Parameters whose values are points. */
const POINTS = ['from', 'to', 'point'];

/** Compares two points of a record's history, or two records. */
@ApiExcludeController()
@Controller(pagesOfEachKind('/:id/compare'))
export class ComparePage {
  readonly #access: Pick<RecordsAccess, 'store' | 'readModels' | 'lifecycles' | 'histories' | 'commands'>;

  constructor(@Inject(RECORDS) access: RecordsAccess) {
    this.#access = access;
  }

  @Get()
  async compare(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @OfRecord() record: RecordReference,
  ): Promise<void> {
    const typed = await parseOrRedirect(request, reply, `${pathOf(record)}/compare`);
    if (typed === null) return;
    const params = withTypedDates(typed, POINTS);
    for (const name of POINTS) {
      const version = params.get(name);
      if (version !== null && /^\d{1,9}$/.test(version)) params.set(name, `v${version}`);
    }
    const viewer = identityOf(request);
    // Checks access first: errors in the points must not reveal a record.
    await visibleState(this.#access, viewer, record);
    await waitForRecord(request, this.#access, record);
    const selected = { from: params.get('from'), to: params.get('to'), with: params.get('with') };
    const found = await this.#compare(viewer, record, selected, request.server.clock.now());
    // A single point fills the form and compares nothing.
    const shown = { ...selected, from: selected.from ?? params.get('point') };
    const isRefused = found !== null && 'problems' in found;
    const addresses = new RecordAddresses(record, {});
    const page = {
      title: ['Compare', recordName(record)],
      section: record.kind.path,
      breadcrumbs: [breadcrumbFor(record.kind), { text: recordName(record), href: addresses.now }],
      isRefused,
      content: <CompareView {...{ record, selected: shown, found, addresses }} />,
    } as const;
    await sendPage(request, reply, page);
  }

  /** Null if nothing is compared yet. */
  async #compare(
    viewer: ReturnType<typeof identityOf>,
    record: RecordReference,
    selected: Compared['selected'],
    now: number,
  ): Promise<Found | null> {
    const { from, to, with: other } = selected;
    if (other !== null) return this.#beside(viewer, [record, { kind: record.kind, id: other }], now);
    if (from === null && to === null) return null;
    const missing = [['from', from] as const, ['to', to] as const].flatMap(([name, value]) =>
      value === null ? [{ pointer: `/${name}`, detail: `Enter the ${POINT_WORDS[name]} point` }] : [],
    );
    if (missing.length > 0) return { problems: missing };
    try {
      const points = { from: pointOf('from', from ?? '', now), to: pointOf('to', to ?? '', now), now };
      return await compareRecord(this.#access, viewer, record, points);
    } catch (error) {
      if (problemOf(error)?.code === 'not-found')
        return {
          problems: [
            { pointer: '/to', detail: 'The later point must be after the record was issued and recorded' },
          ],
        };
      return { problems: listProblems(error).map(inWords) };
    }
  }

  async #beside(
    viewer: ReturnType<typeof identityOf>,
    both: readonly [RecordReference, RecordReference],
    now: number,
  ): Promise<Found> {
    try {
      return { changes: await compareRecords(this.#access, viewer, both, now), events: [] };
    } catch (error) {
      if (problemOf(error)?.code !== 'not-found') throw error;
      return {
        problems: [
          {
            pointer: '/with',
            detail: `Enter the reference of ${withArticle(both[0].kind.noun.singular)} that you can see`,
          },
        ],
      };
    }
  }
}
