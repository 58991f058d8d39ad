import { addDays } from '#lifecycle/plain-date';
import { queryClosureTimes } from '#read-models/history/closure-times-query';
import type { ClosureTimes } from '#read-models/history/closure-times-query';
import { queryDeadlineFigures } from '#read-models/history/deadline-figures-query';
import type { DeadlineFigures } from '#read-models/history/deadline-figures-query';
import type { ByBody, FiguresQuery } from '#read-models/history/figures';
import { countIntervals, POINTS_MAX } from '#read-models/history/series-points';
import type { Interval } from '#read-models/history/series-points';
import { querySeries } from '#read-models/history/series-query';
import type { SeriesItem } from '#read-models/history/series-query';
import type { Viewer } from '#state-machines/access';
import { visibleBodies } from '#state-machines/access';
import { londonDate } from '#state-machines/london';
import { assertInOrder, invalidParameter } from '../problems.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { namedBody } from './lists.ts';

type ReadModels = Pick<RecordsAccess, 'readModels'>;

/** Of which body figures are asked, of which days, and as they were known when. */
interface AskedFigures {
  readonly recipient?: string;
  /** The names of kinds of records. */
  readonly kind?: readonly string[];
  /** Plain dates. */
  readonly from?: string;
  readonly to?: string;
  /** The day at whose end is looked; that of `knownAt`, or today, where nobody says. */
  readonly effectiveOn?: string;
  /** An instant, ISO 8601 in UTC; null for all that is known. */
  readonly knownAt: string | null;
}

export type Told<Figures> = Figures & { readonly position: string };

/**
 * The register at the ends of months, quarters or years, of the records that the viewer sees: the last twelve months up to the day
 * that is looked at where nobody says.
 * @param now milliseconds since 1970.
 * @throws ProblemError `other-organisation` as `namedBody`, `invalid-parameter` for days that are out of order or too many.
 */
export async function seeSeries(
  { readModels }: ReadModels,
  viewer: Viewer,
  { interval = 'month', ...asked }: AskedFigures & { readonly interval?: Interval },
  now: number,
): Promise<Told<{ readonly items: readonly SeriesItem[] }>> {
  const { to = dayOf(asked, now) } = asked;
  const { from = firstOfTwelve(to) } = asked;
  assertInOrder({ from, to }, 'from', 'to');
  const points = countIntervals(from, to, interval);
  if (points > POINTS_MAX) {
    const detail = `makes a series of ${points} points; it has at most ${POINTS_MAX}: ask for a later day, or for longer intervals`;
    throw invalidParameter('from', detail);
  }
  return querySeries(readModels, { ...seen(viewer, asked), from, to, interval });
}

/** How long records take to close, of those that were issued in between; throws as above. */
export const seeClosureTimes = async (
  { readModels }: ReadModels,
  viewer: Viewer,
  asked: AskedFigures,
  now: number,
): Promise<Told<ByBody<ClosureTimes>>> => queryClosureTimes(readModels, issuedAsked(viewer, asked, now));

/** What became of the deadlines of those records that fell due; throws as above. */
export const seeDeadlineFigures = async (
  { readModels }: ReadModels,
  viewer: Viewer,
  asked: AskedFigures,
  now: number,
): Promise<Told<ByBody<DeadlineFigures>>> =>
  queryDeadlineFigures(readModels, issuedAsked(viewer, asked, now));

function issuedAsked(viewer: Viewer, asked: AskedFigures, now: number) {
  assertInOrder(asked, 'from', 'to');
  return { ...seen(viewer, asked), on: dayOf(asked, now), from: asked.from, to: asked.to };
}

const seen = (viewer: Viewer, { recipient, kind, knownAt }: AskedFigures): FiguresQuery => ({
  recipients: visibleBodies(viewer),
  recipient: namedBody(viewer, recipient),
  kind,
  known: knownAt === null ? null : Date.parse(knownAt),
});

/** What was known at an instant is looked at on the day that it was in London. */
const dayOf = ({ effectiveOn, knownAt }: AskedFigures, now: number): string =>
  effectiveOn ?? londonDate(knownAt ?? now);

/** The first day of the month that is the twelfth from the end. */
function firstOfTwelve(day: string): string {
  const aYearBefore = addDays(`${day.slice(0, 7)}-01`, -334);
  return `${aYearBefore.slice(0, 7)}-01`;
}
