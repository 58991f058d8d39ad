import { londonDate } from '#state-machines/london';
import { claimOf } from '#state-machines/capabilities/deadline-facts';
import { noFacts } from '#state-machines/inspection-recommendation/v1/evolve-facts';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import type { CompletedComment, HistoryEntry, KnownEntry } from '#register-format/compare-history';
import { entriesByDate } from '#register-format/entries';
import type { RegisterEntry } from '#register-format/entries';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import type { RegisterRecord } from '#register-format/parse-register-record';
import type { PrintableEntry } from '#register-format/print-register-record';
import { splitTitle } from '#register-format/title';
import { normaliseText, trimWhiteSpace } from '#register-format/white-space';
import { DATES_IN_TEXT } from '#state-machines/capabilities/dates-in-text';
import { deadlineEvents } from '#state-machines/inspection-recommendation/v1/new-deadlines';
import { decisionServices } from '../records/dates-in-text.ts';
import { OPEN_STATUSES, STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import type { Status } from '#state-machines/inspection-recommendation/v1/machine';
import { isInternalComment, withoutReplaced } from '#state-machines/capabilities/comments';
import { recordDetails } from '#state-machines/inspection-recommendation/v1/record';
import type {
  AnyData,
  ImportedRecordEvent,
  RecordEnvelope,
} from '#state-machines/inspection-recommendation/v1/record-event';

/** Replaces erased text. */
export const REDACTED = '[redacted]';

/** An entry of a record's history, with its event. */
export type RecordedEntry = KnownEntry & {
  readonly version: number;
  readonly eventId: string;
  readonly effectiveOn: string;
};

/** The register record that an export of the events would contain. */
interface RecordedHistory {
  /** The last imported bytes that were not erased; null if there are none. */
  readonly source: Uint8Array | null;
  readonly title: string | null;
  readonly reference: string | null;
  readonly text: string | null;
  /** In the order of an export: a source's entries come before later ones. */
  readonly entries: readonly (KnownEntry | RecordedEntry)[];
  /** The entries after the source. */
  readonly later: readonly RecordedEntry[];
}

const isStatus = (text: string): text is Status => (STATUSES as readonly string[]).includes(text);
const isOpen = (status: Status): boolean => (OPEN_STATUSES as readonly Status[]).includes(status);

/** Returns the event for a status that follows another one in a register. */
function statusEvent(
  before: Status,
  read: string,
  stated: Stated,
): { readonly event: ImportedRecordEvent; readonly status: Status } {
  if (!isStatus(read)) {
    return { event: { type: 'UnknownStatusRecorded', data: { status: read, ...stated } }, status: before };
  }
  return { event: { type: statusEventType(before, read), data: stated }, status: read };
}

function statusEventType(before: Status, read: Status) {
  if (read === before) return `StatusRecorded.${read}` as const;
  if (!isOpen(before)) {
    return read === 'being-progressed' ? 'RecommendationReopened' : (`StatusRecorded.${read}` as const);
  }
  switch (read) {
    case 'being-progressed':
      return 'ProgressStarted';
    case 'awaiting-review':
      return 'ReturnedToReview';
    case 'complete':
      return 'RecommendationCompleted';
    case 'no-further-action-needed':
      return 'NoFurtherActionDecided';
  }
}

/** The date in the file, if it is in the future. */
interface Stated {
  readonly statedOn?: string;
  /** Whether it is dated before a deadline that is already recorded as passed. */
  readonly claim?: true;
}

/** Returns an entry's effective day: its date, or today if it has none or is in the future. */
const effectiveDayOf = (
  date: string | null,
  today: string,
): { readonly effectiveOn: string; readonly stated: Stated } =>
  date !== null && date > today
    ? { effectiveOn: today, stated: { statedOn: date } }
    : { effectiveOn: date ?? today, stated: {} };

/** Returns the events for entries, by date, after a status. An entry without a date gets the day of the import. */
export function entryEvents(
  entries: readonly RegisterEntry[],
  before: Status,
  today: string,
  facts: Pick<Facts, 'deadlines' | 'passed'> = noFacts,
): ImportedRecordEvent[] {
  let status = before;
  return entriesByDate(entries).map((entry) => {
    const { effectiveOn, stated } = effectiveDayOf(entry.date, today);
    if (entry.kind === 'comment') {
      return { type: 'CommentAdded', data: { ...commentData(entry), ...stated }, effectiveOn };
    }
    const closes = isStatus(entry.status) && !isOpen(entry.status);
    const claim = closes ? claimOf(facts, 'action', effectiveOn) : {};
    const next = statusEvent(status, entry.status, { ...stated, ...claim });
    status = next.status;
    return { ...next.event, effectiveOn };
  });
}

const commentData = ({ text, cutOff }: Extract<RegisterEntry, { kind: 'comment' }>) => ({
  text,
  visibility: 'public' as const,
  ...(cutOff && { cutOff }),
});

/** Returns the events that complete comments, each on its comment's day. */
export const completionEvents = (
  completed: readonly CompletedComment<RecordedEntry, RegisterEntry>[],
): ImportedRecordEvent[] =>
  completed.flatMap(({ known: { eventId, date, effectiveOn }, read }): ImportedRecordEvent[] => {
    if (read.kind !== 'comment') return [];
    const stated = date !== null && date !== effectiveOn && { statedOn: date };
    const data = { ...commentData(read), completes: eventId, ...stated };
    return [{ type: 'CommentAdded', data, effectiveOn }];
  });

/** Returns the events for a whole register record: first the issue, with its id, then the deadlines in its text. */
export function recordEvents(
  record: RegisterRecord,
  recipient: string | null,
  today: string,
  eventId: string,
): ImportedRecordEvent[] {
  const entries = entriesByDate(record.entries);
  const firstStatus = entries.find(({ kind }) => kind === 'status');
  // The issue already states the first "awaiting review".
  const initialStatus =
    firstStatus?.kind === 'status' && firstStatus.status === 'awaiting-review' ? firstStatus : null;
  const { effectiveOn: issuedOn, stated } = effectiveDayOf(entries[0]?.date ?? null, today);
  const { title, text, reference } = record;
  const publishedOn = 'statedOn' in stated ? null : (entries[0]?.date ?? null);
  const dates = decisionServices[DATES_IN_TEXT].find(text, publishedOn);
  return [
    {
      type: 'RecommendationIssued',
      data: {
        title,
        text,
        recipient,
        report: null,
        reference,
        issue: null,
        statusOn: initialStatus && (initialStatus.date ?? today),
        statusAfter: initialStatus && entries.indexOf(initialStatus),
        ...stated,
      },
      effectiveOn: issuedOn,
      eventId,
    },
    ...deadlineEvents({ requested: [], responseDueOn: null, found: dates, eventId }).map((event) => ({
      ...event,
      effectiveOn: issuedOn,
    })),
    ...entryEvents(
      entries.filter((entry) => entry !== initialStatus),
      'awaiting-review',
      today,
    ),
  ];
}

/** Returns the entry that a register would print for an event; null if it prints none. */
export function entryOf(event: RecordEnvelope): RecordedEntry | null {
  const { type, effectiveOn, data, state, version, eventId, origin, recordedAt } = event;
  const { statedOn: date = effectiveOn }: AnyData = data;
  const entryOn = (on: string, content: EntryContent): RecordedEntry => ({
    ...content,
    date: on,
    version,
    eventId,
    effectiveOn,
    ahead: origin === 'import' && on > londonDate(recordedAt),
  });
  switch (type) {
    case 'CommentAdded': {
      if (isInternalComment(event)) return null;
      const { text = null, cutOff = false } = data;
      return entryOn(date, { kind: 'comment', text, cutOff });
    }
    case 'RecommendationIssued': {
      // An import records the day on which the status was first stated, or null if it never was.
      const on = data.statusOn === undefined ? date : data.statusOn;
      return on === null ? null : entryOn(on, { kind: 'status', status: 'awaiting-review' });
    }
    case 'UnknownStatusRecorded': {
      const { status = null } = data;
      return entryOn(date, { kind: 'status', status });
    }
    case 'ProgressStarted':
    case 'ReturnedToReview':
    case 'RecommendationCompleted':
    case 'NoFurtherActionDecided':
    case 'RecommendationReopened':
      return entryOn(date, { kind: 'status', status: state?.['progress'] as string });
    case 'StatusRecorded.awaiting-review':
    case 'StatusRecorded.being-progressed':
    case 'StatusRecorded.complete':
    case 'StatusRecorded.no-further-action-needed':
      return entryOn(date, { kind: 'status', status: type.slice('StatusRecorded.'.length) });
    default:
      return null;
  }
}

/** An entry without its date. */
type EntryContent =
  | { readonly kind: 'status'; readonly status: string | null }
  | { readonly kind: 'comment'; readonly text: string | null; readonly cutOff: boolean };

const entriesOf = (events: readonly RecordEnvelope[]): RecordedEntry[] =>
  withoutReplaced(events)
    .map(entryOf)
    .filter((entry) => entry !== null);

/** Returns an entry with a date, as the register prints it. */
export function printable(entry: HistoryEntry): PrintableEntry {
  const date = entry.date as string;
  return entry.kind === 'status'
    ? { kind: 'status', date, status: entry.status ?? REDACTED }
    : { kind: 'comment', date, text: entry.text ?? REDACTED };
}

/** Returns the history that an export of these events would print. @param read the last source, if already parsed. */
export function recordedHistory(events: readonly RecordEnvelope[], read?: RegisterRecord): RecordedHistory {
  const imported = lastSource(events);
  const following = events.filter(({ version }) => imported !== null && version > imported.version);
  // A partial source lacks entries, and a later import whose source was erased may have completed a comment of it.
  if (imported === null || imported.partial || following.some(completesComment))
    return historyOfEvents(events);
  const bytes = Buffer.from(imported.source, 'base64');
  const { title, reference, text, entries } = read ?? parseRegisterRecord(bytes);
  const later = entriesOf(following);
  return { source: bytes, title, reference, text, entries: [...entries.map(toKnownEntry), ...later], later };
}

/** Returns the last imported source that was not erased, as base64; null if there is none. */
export function lastSource(
  events: readonly RecordEnvelope[],
): { readonly version: number; readonly source: string; readonly partial: boolean } | null {
  for (const { type, data, version } of events.toReversed()) {
    if (type !== 'RegisterRecordImported' || data.source === undefined) continue;
    const { source, partial = false } = data;
    return { version, source, partial };
  }
  return null;
}

const completesComment = ({ type, origin, data }: RecordEnvelope): boolean =>
  origin === 'import' && type === 'CommentAdded' && data.completes !== undefined;

/** Returns an entry of a source. It has no event, so that it cannot be completed. */
const toKnownEntry = (entry: RegisterEntry): KnownEntry =>
  entry.kind === 'comment'
    ? { kind: 'comment', date: entry.date, text: entry.text }
    : { kind: 'status', date: entry.date, status: entry.status };

/** Returns the history from the events alone, without a source. */
export function historyOfEvents(events: readonly RecordEnvelope[]): EventHistory {
  return {
    ...headingOf(events),
    source: null,
    entries: inFileOrder(entriesOf(events), events[0]),
    later: [],
  };
}

export type EventHistory = RecordedHistory & { readonly entries: readonly RecordedEntry[] };

/** Returns the events' history with the imported title and text, without amendments. */
export function importedHistory(events: readonly RecordEnvelope[]): EventHistory {
  const asImported = events.filter(({ type }) => type !== 'TextAmended');
  return { ...historyOfEvents(events), ...headingOf(asImported) };
}

function headingOf(events: readonly RecordEnvelope[]): Pick<RecordedHistory, 'title' | 'reference' | 'text'> {
  const { title, reference, text } = recordDetails(events);
  return {
    // A title that ends in a reference is parsed as one, even if it was not imported.
    ...(title !== null && reference === null ? splitTitle(trimWhiteSpace(title)) : { title, reference }),
    text: text && normaliseText(text),
  };
}

/** Returns the entries with the issue's own status at its place among the imported entries. All others are in stream order. */
function inFileOrder(entries: readonly RecordedEntry[], issue: RecordEnvelope | undefined): RecordedEntry[] {
  const { statusAfter }: AnyData = issue?.data ?? {};
  const place = statusAfter ?? 0;
  return [...entries.slice(1, place + 1), ...entries.slice(0, 1), ...entries.slice(place + 1)];
}
