import { addDays } from '#lifecycle/plain-date';
import type { ClosureTimes } from '#lives/closure-times';
import type { DeadlineFigures } from '#lives/deadline-figures';
import type { ByBody, FiguresQuery } from '#lives/figures';
import { countIntervals, POINTS_MAX } from '#lives/intervals';
import type { Interval } from '#lives/intervals';
import { FLOWS } from '#lives/series';
import type { SeriesItem } from '#lives/series';
import { OUTCOMES } from '#read-models/deadlines/outcomes';
import type { Viewer } from '#state-machines/access';
import { sightOf } from '#state-machines/access';
import { londonDate } from '#state-machines/london';
import { assertInOrder, invalidParameter } from '../problems.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { namedBody } from './lists.ts';
import { DEADLINE_STATES } from '#state-machines/capabilities/deadlines';
import { lifecycles } from '#state-machines/lifecycles';
import type { CsvRow, CsvTable } from '../csv.ts';

/** The body and period of figures, and the instant at which they were known. */
interface FiguresRequest {
  readonly recipient?: string;
  /** The names of kinds of records. */
  readonly kind?: readonly string[];
  /** Dates without a time. */
  readonly from?: string;
  readonly to?: string;
  /** The day at whose end figures are evaluated. By default, the day of `knownAt`, or today. */
  readonly effectiveOn?: string;
  /** An instant, ISO 8601 in UTC; null for everything known. */
  readonly knownAt: string | null;
}

type FiguresAccess = Pick<RecordsAccess, 'past'>;
type WithPosition<Figures> = Figures & { readonly position: string };

/**
 * Returns counts of the records that the viewer sees at the ends of months, quarters or years. By default, the period is the twelve months
 * up to the evaluated day.
 * @param now milliseconds since 1970.
 * @throws ProblemError `other-organisation` as `namedBody`, `invalid-parameter` for a period that is out of order or too long.
 */
export async function seeSeries(
  { past }: FiguresAccess,
  viewer: Viewer,
  { interval = 'month', ...request }: FiguresRequest & { readonly interval?: Interval },
  now: number,
): Promise<WithPosition<{ readonly items: readonly SeriesItem[] }>> {
  const { to = dayOf(request, now) } = request;
  const { from = firstOfTwelve(to) } = request;
  assertInOrder({ from, to }, 'from', 'to');
  const points = countIntervals(from, to, interval);
  if (points > POINTS_MAX) {
    const detail = `would produce ${points} intervals; the limit is ${POINTS_MAX}. Use a later date or a longer interval`;
    throw invalidParameter('from', detail);
  }
  const { knownAt } = request;
  return past.ask('series', { query: { ...seen(viewer, request), from, to, interval }, knownAt });
}

/** Returns the times to closure of records issued in the period. Throws as `seeSeries` does. */
export const seeClosureTimes = async (
  { past }: FiguresAccess,
  viewer: Viewer,
  request: FiguresRequest,
  now: number,
): Promise<WithPosition<ByBody<ClosureTimes>>> =>
  past.ask('closureTimes', issuedQuestion(viewer, request, now));

/** Returns the outcomes of deadlines of records issued in the period. Throws as `seeSeries` does. */
export const seeDeadlineFigures = async (
  { past }: FiguresAccess,
  viewer: Viewer,
  request: FiguresRequest,
  now: number,
): Promise<WithPosition<ByBody<DeadlineFigures>>> =>
  past.ask('deadlineFigures', issuedQuestion(viewer, request, now));

function issuedQuestion(viewer: Viewer, request: FiguresRequest, now: number) {
  assertInOrder(request, 'from', 'to');
  const { from, to, knownAt } = request;
  return { query: { ...seen(viewer, request), on: dayOf(request, now), from, to }, knownAt };
}

const seen = (viewer: Viewer, { recipient, kind }: FiguresRequest): FiguresQuery => ({
  recipients: sightOf(viewer),
  recipient: namedBody(viewer, recipient),
  kind,
});

/** Returns the day on which figures are evaluated; that of an instant is its London day. */
const dayOf = ({ effectiveOn, knownAt }: FiguresRequest, now: number): string =>
  effectiveOn ?? londonDate(knownAt ?? now);

/** Returns the first day of the twelfth month before the end. */
function firstOfTwelve(day: string): string {
  const aYearBefore = addDays(`${day.slice(0, 7)}-01`, -334);
  return `${aYearBefore.slice(0, 7)}-01`;
}

/** Returns a series as a table with a row per point. Throws as `seeSeries` does, before the first row. */
export async function seriesTable(...args: Parameters<typeof seeSeries>): Promise<CsvTable> {
  const { items } = await seeSeries(...args);
  const columns = ['on', 'open', ...FLOWS, ...lifecycles.statuses, ...DEADLINE_STATES.map(deadlineColumn)];
  const rows = items.map(({ byStatus, byDeadline, ...item }) => ({
    ...item,
    ...byStatus,
    ...Object.fromEntries(Object.entries(byDeadline).map(([state, count]) => [deadlineColumn(state), count])),
  }));
  return { columns, rows: [rows] };
}

const deadlineColumn = (state: string): string => `deadline:${state}`;

/** Returns times to closure as a table: first the total, then a row per body. */
export async function closureTimesTable(...args: Parameters<typeof seeClosureTimes>): Promise<CsvTable> {
  const times = await seeClosureTimes(...args);
  const columns = ['of', 'recipient', 'closed', 'open', 'q1', 'median', 'q3'];
  return { columns, rows: [rowsOfBodies(times, ({ closed, open, days }) => ({ closed, open, ...days }))] };
}

/** Returns deadline outcomes as a table: first the total, then a row per body. */
export async function deadlineFiguresTable(
  ...args: Parameters<typeof seeDeadlineFigures>
): Promise<CsvTable> {
  const figures = await seeDeadlineFigures(...args);
  const columns = ['of', 'recipient', ...OUTCOMES, 'metOnRecord', 'recordedLate'];
  return {
    columns: [...columns, 'medianDaysLate', 'extensions', 'extended'],
    rows: [rowsOfBodies(figures, (own) => ({ ...own }))],
  };
}

const rowsOfBodies = <Figures>(
  { overall, byRecipient }: ByBody<Figures>,
  rowOf: (of: Figures) => CsvRow,
): CsvRow[] => [
  { ...rowOf(overall), of: 'all', recipient: null },
  ...byRecipient.map((own) => ({ ...rowOf(own), of: 'recipient', recipient: own.recipient })),
];
