import { quoteStatus, type Finding } from './anomalies.ts';
import { entriesByDate, type FoundEntry } from './entries.ts';
import { isClosingStatus, isRegisterStatus, type RegisterStatus } from './statuses.ts';

/** An entry with its resolved date. */
export interface DatedEntry extends FoundEntry {
  /** The resolved ISO plain date. */
  date: string | null;
}

/** Resolves the dates of entries. An invalid date is replaced by the previous date in file order, or else the next one. */
export function resolveDates(entries: readonly FoundEntry[]): DatedEntry[] {
  let last = entries.find(isDateValid)?.written?.iso ?? null;
  return entries.map((entry) => {
    last = entry.written?.iso ?? last;
    return { ...entry, date: last };
  });
}

function isDateValid({ written }: FoundEntry): boolean {
  return written !== null && written.iso !== null;
}

function comesBefore(a: DatedEntry, b: DatedEntry): boolean {
  return a.date !== null && b.date !== null && a.date < b.date;
}

function quoteDate({ written, date }: DatedEntry): string {
  return `"${written?.written ?? date ?? ''}"`;
}

function dateOffset(entry: DatedEntry): number {
  return entry.written?.offset ?? entry.offset;
}

/** Returns the problems in the order of dates in the file, ignoring entries without a valid date. */
function dateOrder(entries: readonly DatedEntry[]): Finding[] {
  const findings: Finding[] = [];
  let before: DatedEntry | null = null;
  for (const entry of entries) {
    if (!isDateValid(entry)) continue;
    if (before !== null && comesBefore(entry, before)) {
      const detail = `${quoteDate(entry)} follows ${quoteDate(before)}`;
      findings.push({ code: 'date-order', offset: dateOffset(entry), detail });
    }
    before = entry;
  }
  return findings;
}

/** Returns an anomaly for each date after the day of the import. */
function futureDates(entries: readonly DatedEntry[], today: string): Finding[] {
  const offsets = new Set<number>();
  return entries.flatMap((entry): Finding[] => {
    const offset = dateOffset(entry);
    if (!isDateValid(entry) || entry.date === null || entry.date <= today || offsets.has(offset)) return [];
    offsets.add(offset);
    return [{ code: 'future-date', offset, detail: `${quoteDate(entry)} is after the day of the import` }];
  });
}

/** Returns an anomaly for each status that differs from another one of the same day, ignoring entries without a valid date. */
function sameDayStatuses(byDate: readonly DatedEntry[]): Finding[] {
  const findings: Finding[] = [];
  let before: DatedEntry | null = null;
  for (const entry of byDate) {
    if (entry.kind !== 'status' || !isDateValid(entry)) continue;
    if (before !== null && before.date === entry.date && before.value !== entry.value) {
      const detail = `${quoteStatus(before.value)} and ${quoteStatus(entry.value)} on ${quoteDate(entry)}`;
      findings.push({ code: 'same-day-status', offset: entry.valueOffset, detail });
    }
    before = entry;
  }
  return findings;
}

/** The current status of the history, and the entry that closed it. */
interface Progress {
  status: RegisterStatus | null;
  closed: DatedEntry | null;
}

/** Returns the most specific anomaly of a status after the previous one; null if there is none. */
function statusAnomaly(entry: DatedEntry, { status }: Progress): Finding | null {
  const { value, valueOffset: offset } = entry;
  if (!isRegisterStatus(value)) {
    return {
      code: 'unknown-status',
      offset,
      detail: `${quoteStatus(value)} is not one of the four`,
    };
  }
  if (value === status) {
    return { code: 'repeated-status', offset, detail: `"${value}" repeats the status before it` };
  }
  if (status !== null && isClosingStatus(status)) {
    return { code: 'status-after-closure', offset, detail: `"${value}" after "${status}"` };
  }
  return status === 'being-progressed' && value === 'awaiting-review'
    ? { code: 'backward-status', offset, detail: `"${value}" after "${status}"` }
    : null;
}

function advance(entry: DatedEntry, progress: Progress): Progress {
  if (!isRegisterStatus(entry.value) || entry.value === progress.status) return progress;
  return { status: entry.value, closed: isClosingStatus(entry.value) ? entry : null };
}

/** Returns the anomalies of statuses, in the order in which entries become events. */
function progressAnomalies(byDate: readonly DatedEntry[]): Finding[] {
  const findings: Finding[] = [];
  let progress: Progress = { status: null, closed: null };
  for (const entry of byDate) {
    if (entry.kind === 'status') {
      const anomaly = statusAnomaly(entry, progress);
      if (anomaly !== null) findings.push(anomaly);
      progress = advance(entry, progress);
    } else if (progress.closed !== null && comesBefore(progress.closed, entry)) {
      const detail = `${quoteDate(entry)} is after the closure on ${quoteDate(progress.closed)}`;
      findings.push({ code: 'comment-after-closure', offset: dateOffset(entry), detail });
    }
  }
  return findings;
}

/**
 * Returns the problems of a history's entries, other than their syntax.
 * @param today the day of the import; null outside an import, so that no date is in the future.
 */
export function historyAnomalies(entries: readonly DatedEntry[], today: string | null): Finding[] {
  const byDate = entriesByDate(entries);
  return [
    ...(today === null ? [] : futureDates(entries, today)),
    ...dateOrder(entries),
    ...sameDayStatuses(byDate),
    ...progressAnomalies(byDate),
  ];
}
