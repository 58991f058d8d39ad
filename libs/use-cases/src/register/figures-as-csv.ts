import type { ByBody } from '#read-models/history/figures';
import { DEADLINE_STATES } from '#state-machines/inspection-recommendation/v1/deadlines';
import { STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import { csvOf } from '../csv.ts';
import { inPieces } from '../in-pieces.ts';
import type { CsvRow } from '../csv.ts';
import { seeClosureTimes, seeDeadlineFigures, seeSeries } from './see-figures.ts';

type Pieces = Promise<AsyncGenerator<Uint8Array>>;

async function table(columns: readonly string[], rows: readonly CsvRow[]): Pieces {
  async function* parts() {
    yield await Promise.resolve(rows);
  }
  return Promise.resolve(inPieces(csvOf(columns, parts())));
}

/** A series as CSV, a point a row; throws as `seeSeries`, before the first piece. */
export async function seriesAsCsv(...asked: Parameters<typeof seeSeries>): Pieces {
  const { items } = await seeSeries(...asked);
  const columns = ['on', 'open', 'issued', 'closed', ...STATUSES, ...DEADLINE_STATES.map(deadlineColumn)];
  const rows = items.map(({ byStatus, byDeadline, ...item }) => ({
    ...item,
    ...byStatus,
    ...Object.fromEntries(Object.entries(byDeadline).map(([state, count]) => [deadlineColumn(state), count])),
  }));
  return table(columns, rows);
}

const deadlineColumn = (state: string): string => `deadline:${state}`;

/** Times to closure as CSV, a body a row after that of all. */
export async function closureTimesAsCsv(...asked: Parameters<typeof seeClosureTimes>): Pieces {
  const times = await seeClosureTimes(...asked);
  const columns = ['of', 'recipient', 'closed', 'open', 'q1', 'median', 'q3'];
  return table(
    columns,
    rowsOf(times, ({ closed, open, days }) => ({ closed, open, ...days })),
  );
}

/** What became of deadlines as CSV, a body a row after that of all. */
export async function deadlineFiguresAsCsv(...asked: Parameters<typeof seeDeadlineFigures>): Pieces {
  const figures = await seeDeadlineFigures(...asked);
  const columns = ['of', 'recipient', 'met', 'metOnRecord', 'late', 'stillOpen', 'withdrawn'];
  return table(
    [...columns, 'medianDaysLate', 'extensions', 'extended'],
    rowsOf(figures, (own) => ({ ...own })),
  );
}

const rowsOf = <Figures>(
  { overall, byRecipient }: ByBody<Figures>,
  rowOf: (of: Figures) => CsvRow,
): CsvRow[] => [
  { ...rowOf(overall), of: 'all', recipient: null },
  ...byRecipient.map((own) => ({ ...rowOf(own), of: 'recipient', recipient: own.recipient })),
];
