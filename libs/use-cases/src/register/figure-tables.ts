import { OUTCOMES } from '#read-models/history/deadline-outcome';
import type { ByBody } from '#read-models/history/figures';
import { DEADLINE_STATES } from '#state-machines/capabilities/deadlines';
import { lifecycles } from '#state-machines/lifecycles';
import type { CsvRow, CsvTable } from '../csv.ts';
import { seeClosureTimes, seeDeadlineFigures, seeSeries } from './see-figures.ts';

/** Returns a series as a table with a row per point. Throws as `seeSeries` does, before the first row. */
export async function seriesTable(...args: Parameters<typeof seeSeries>): Promise<CsvTable> {
  const { items } = await seeSeries(...args);
  const columns = [
    'on',
    'open',
    'issued',
    'closed',
    ...lifecycles.statuses,
    ...DEADLINE_STATES.map(deadlineColumn),
  ];
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
