import { wholeList } from '#projections/read-on';
import type { DeadlineItem } from '#read-models/deadlines/deadlines-query';
import type { RegisterItem } from '#read-models/register/register-query';
import type { Statistics } from '#read-models/register/statistics-query';
import { wholeRegister, wholeRegisterWithTexts } from '#read-models/register/whole-register';
import type { WithText } from '#read-models/register/whole-register';
import { REGIONS } from '#read-models/record-state';
import { lifecycles } from '#state-machines/lifecycles';
import type { Viewer } from '#state-machines/access';
import { KIND_COLUMN, rowsOf } from '../csv.ts';
import type { CsvRow, CsvTable } from '../csv.ts';
import type { KnownPeople } from '../people/find-people.ts';
import { listDeadlines, permittedListQuery, seeStatistics } from './lists.ts';
import { wholePastList } from './past-lists.ts';
import type { PastAccess } from './past-lists.ts';
import type { DeadlinesRequest, ListRequest, RecordsRequest } from './lists.ts';

/** Returns the register's columns, including one per region of the requested kinds. */
function recordColumns({ kind }: Pick<ListRequest, 'kind'>): readonly string[] {
  const requested = lifecycles.currents.filter(({ reference }) => kind?.includes(reference.name) ?? true);
  const regions = REGIONS.filter((region) =>
    requested.some(
      ({ definition }) => region !== definition.statusRegion && region in definition.machine.states,
    ),
  );
  return [
    ...['id', 'title', 'recipient', 'status', 'statusOrigin', 'owner', 'deadline', 'dueOn', 'responseDueOn'],
    ...[
      'issuedOn',
      'updatedOn',
      'closedOn',
      ...regions,
      'waiting',
      'issue',
      'reportName',
      'reportPublishedOn',
    ],
    'version',
  ];
}

/**
 * Returns the register as a table: all records of the list with the same filters, in its order.
 * @throws as `listRecords` does, before the first row.
 */
export async function recordsTable(
  access: KnownPeople & PastAccess,
  viewer: Viewer,
  request: ListRequest,
  now: number,
): Promise<CsvTable> {
  // The read model contains only current texts.
  if (request.view !== undefined) {
    const parts = await allRecords(access, viewer, request, now);
    return { columns: recordColumns(request), rows: rowsOf(parts, recordRow) };
  }
  const query = await permittedListQuery(access, viewer, request, now);
  const parts = await wholeRegisterWithTexts(access.readModels, query);
  const rows = rowsOf(parts, ({ text, ...item }: WithText) => ({ ...recordRow(item), text }));
  return { columns: [...recordColumns(request), 'text'], rows };
}

/** Yields the records of `recordsTable` in batches. Throws as it does. */
export async function allRecords(
  access: KnownPeople & PastAccess,
  viewer: Viewer,
  request: ListRequest,
  now: number,
): Promise<AsyncGenerator<readonly RegisterItem[]>> {
  const query = await permittedListQuery(access, viewer, request, now);
  return request.view === undefined
    ? wholeRegister(access.readModels, query)
    : wholePastList(access, query, request.view);
}

const recordRow = ({ state, report, waiting, ...item }: RegisterItem): CsvRow => {
  const { id, title, recipient, status, statusOrigin, owner, dueOn, responseDueOn } = item;
  const { issuedOn, updatedOn, closedOn } = item;
  return {
    ...state,
    ...{ id, title, recipient, status, statusOrigin, owner, dueOn, responseDueOn },
    ...{ issuedOn, updatedOn, closedOn },
    ...{ issue: item.issue, version: item.version },
    waiting: waiting.join('; '),
    reportName: report?.name ?? null,
    reportPublishedOn: report?.publishedOn ?? null,
  };
};

const DEADLINE_COLUMNS = [
  ...['id', 'title', 'status', 'recipient', 'deadlineId', 'kind', 'dueOn', 'firstDueOn', 'state'],
  ...['daysLeft', 'revision', 'changedAt', 'outcome', 'establishedBy', 'establishedAt'],
  ...KIND_COLUMN,
];

/** Returns all deadlines as a table. Throws as `listDeadlines` does, before the first row. */
export async function deadlinesTable(
  access: PastAccess,
  viewer: Viewer,
  request: DeadlinesRequest,
  now: number,
): Promise<CsvTable> {
  const { cursor: _, ...all } = request;
  const parts = await wholeList(request, (page) => listDeadlines(access, viewer, { ...all, ...page }, now));
  const listed = new Set<string>();
  async function* once() {
    for await (const items of parts) {
      // A date that is extended during the export occurs again later in the list.
      const fresh = items.filter((item) => !listed.has(nameOfDate(item)));
      for (const item of fresh) listed.add(nameOfDate(item));
      yield fresh;
    }
  }
  return { columns: DEADLINE_COLUMNS, rows: rowsOf(once(), deadlineRow) };
}

const nameOfDate = ({ recordKind, id, deadlineId }: DeadlineItem): string =>
  `${recordKind}/${id}/${deadlineId}`;

const deadlineRow = ({ established, ...item }: DeadlineItem): CsvRow => ({
  ...item,
  establishedBy: established?.by.join('; ') ?? null,
  establishedAt: established?.at ?? null,
});

const STATISTICS_COLUMNS = ['by', 'recipient', 'value', 'records'];

/** Returns the counts as a table with a row per figure: its name, the body and the value. Throws as `seeStatistics` does. */
export async function statisticsTable(
  access: KnownPeople & PastAccess,
  viewer: Viewer,
  request: RecordsRequest,
  now: number,
): Promise<CsvTable> {
  const rows = statisticsRows(await seeStatistics(access, viewer, request, now));
  return { columns: STATISTICS_COLUMNS, rows: [rows] };
}

function statisticsRows({ total, byStatus, byRecipient, byDeadline, byAge }: Statistics): CsvRow[] {
  const counts = (by: string, of: Readonly<Record<string, number>>, recipient: string | null = null) =>
    Object.entries(of).map(([value, records]) => ({ by, recipient, value, records }));
  return [
    { by: 'total', recipient: null, value: null, records: total },
    ...counts('status', byStatus),
    ...byRecipient.flatMap(({ recipient, total: records, byStatus: statuses, byAge: ages }) => [
      { by: 'recipient', recipient, value: null, records },
      ...counts('recipient', statuses, recipient),
      ...counts('age', ages, recipient),
    ]),
    ...counts('deadline', byDeadline),
    ...counts('age', byAge),
  ];
}
