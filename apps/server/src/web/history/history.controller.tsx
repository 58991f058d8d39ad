import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { RecordReference } from '#lifecycle/kind';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Point } from '#use-cases/records/record-at';
import { seeHistory } from '#use-cases/records/see-history';
import type { HistoryRequest, SeenHistory } from '#use-cases/records/see-history';
import { pathOf } from '#lifecycle/kind';
import { invalidParameter } from '#use-cases/problems';
import { readerOf } from '../../api/authentication.ts';
import { waitForRecord } from '../../api/fresh-reads.ts';
import { date, MIN_POSITION, text, version, VIEW } from '../../api/query-parameters.ts';
import { viewOf } from '../../api/request-values.ts';
import { readQuery } from '../../api/route-query.ts';
import { OfRecord, pagesOfEachKind } from '../../of-each-kind.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { withTypedDates } from '../dates.ts';
import { parseOrRedirect, queryFrom, listProblems } from '../lists/list-address.ts';
import { RecordAddresses } from '../record/record-addresses.ts';
import { titleOf } from '../record/shown-page.ts';
import { sendPage } from '../send-page.tsx';
import { breadcrumbFor } from '../page-paths.ts';
import { recordName } from '../words.ts';
import { DAYS_IN_ORDER, EVENT_OR_DATE, FIELDS } from './replay-controls.tsx';
import type { RefusedPosition, Replayed } from './replay-controls.tsx';
import { ReplayView } from './replay-view.tsx';

const POSITION = {
  ...VIEW,
  version: version('The version after which the record is shown.'),
  since: date('The first effective day of the events that are listed.'),
  until: date('The last effective day of the events that are listed.'),
};
const OTHERS = {
  page: version('The page of the events.'),
  at: version('The version of an event; its page is shown.'),
  from: text('The list that the user came from.'),
  minPosition: MIN_POSITION,
};

const EVENTS = 50;

/** Shows a record's history at a point. */
@ApiExcludeController()
@Controller(pagesOfEachKind('/:id/history'))
export class HistoryPage {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get()
  async history(@Res() reply: FastifyReply, @OfRecord() record: RecordReference): Promise<void> {
    const { request } = reply;
    const typedParams = await parseOrRedirect(request, reply, `${pathOf(record)}/history`);
    if (typedParams === null) return;
    const now = request.server.clock.now();
    const params = withTypedDates(typedParams, FIELDS);
    const { page = 1, at, from } = readQuery(OTHERS, queryFrom(params));
    await waitForRecord(request, this.parts, record);
    const viewer = readerOf(request);
    const entries = { page, size: EVENTS, ...(at !== undefined && { at }) };
    const { seen, position, days, refused } = await this.#seen({ viewer, record, params, now, entries });
    const { effectiveOn, knownAt } = position;
    const shown = {
      seen,
      addresses: new RecordAddresses(record, {
        ...(effectiveOn !== undefined && { effectiveOn }),
        ...(knownAt !== undefined && { knownAt }),
        ...(from !== undefined && { from }),
      }),
      viewer,
      commands: null,
    };
    const sent = {
      title: ['History', titleOf(seen.record)],
      section: record.kind.path,
      breadcrumbs: [
        breadcrumbFor(record.kind, from),
        { text: recordName(record), href: shown.addresses.now },
      ],
      isRefused: refused !== null,
      content: (
        <ReplayView {...{ shown, seen, position, days, refused, at: at ?? position.version ?? null }} />
      ),
    } as const;
    await sendPage(reply, sent);
  }

  /** Reads the request; shows the current state and an error if the point does not exist. */
  async #seen({
    viewer,
    record,
    params,
    now,
    entries,
  }: Pick<HistoryRequest, 'now' | 'entries'> & {
    readonly viewer: ReturnType<typeof readerOf>;
    readonly record: RecordReference;
    readonly params: URLSearchParams;
  }): Promise<ReadPosition & { readonly seen: SeenHistory }> {
    try {
      const { since, until, ...position } = readQuery(POSITION, queryFrom(params));
      const days = { since, until };
      if (since !== undefined && until !== undefined && since > until)
        throw invalidParameter('until', DAYS_IN_ORDER);
      const point = pointOf(position, now);
      const seen = await seeHistory(this.parts, viewer, record, { point, days, now, entries });
      return { seen, position, days, refused: null };
    } catch (error) {
      const problems = listProblems(error);
      const point = { view: viewOf({}, now) };
      const seen = await seeHistory(this.parts, viewer, record, { point, now, entries });
      const typed = Object.fromEntries(
        FIELDS.map((name) => [name, params.get(name) ?? undefined]),
      ) as RefusedPosition['typed'];
      return { seen, position: {}, days: {}, refused: { typed, problems } };
    }
  }
}

type ReadPosition = Pick<Replayed, 'position' | 'days' | 'refused'>;

/**
 * Returns an event or a view.
 * @throws ProblemError if both are requested.
 */
function pointOf({ version, ...view }: RequestedPosition, now: number): Point {
  if (version === undefined) return { view: viewOf(view, now) };
  if (view.effectiveOn === undefined && view.knownAt === undefined) return { version };
  throw invalidParameter('version', EVENT_OR_DATE);
}

interface RequestedPosition {
  readonly version?: number;
  readonly effectiveOn?: string;
  readonly knownAt?: string;
}
