import { redactionOf } from '#event-sourcing/erasure';
import type { JsonObject } from '#event-sourcing/envelope';
import type { OpenRequest } from '#lifecycle/open-requests';
import type { DatesCode, Ledger, TextKind } from '#lifecycle/summary';
import { londonDate } from '#state-machines/london';
import { requestsAfter } from '../inbox/notice-rows.ts';
import { isAnswered, datesOf, isErased, isSame, lifecycleOf } from '../record-row.ts';
import type { ProjectedEvent } from '../record-row.ts';
import { recordStateAfter } from '../record-state.ts';
import type { FoldedRecordState } from '../record-state.ts';

/**
 * The whole folded state of a record: its rows are computed from it, and the next event is folded into it. It is stored
 * as one JSON value.
 */
export interface FoldedState {
  readonly recordState: FoldedRecordState;
  readonly source: Source;
  /** The pending requests. */
  readonly requests: readonly OpenRequest[];
  /** Null if records of this kind have no due dates. */
  readonly deadlines: Deadlines | null;
}

/** What a record is about, and where it came from. */
interface Source {
  /** The log number of its first event, which is the same in every store. */
  readonly number: number;
  /** The London date on which the record was first stored. */
  readonly cameInOn: string;
  /** The title, and the event that set it; null if erased. */
  readonly title: string | null;
  readonly titleEvent: string;
  readonly issue: string | null;
  readonly reportName: string | null;
  readonly reportPublishedOn: string | null;
  /** The first event, which names the report. */
  readonly issueEvent: string;
}

interface Deadlines {
  /** The data that determines when deadlines cross thresholds. */
  readonly ledger: Ledger;
  /** The time at which the last event that changed something about deadlines was stored. */
  readonly changedAt: string;
}

/** A state after an event, and the requests that the event decided or withdrew. */
export interface AfterEvent {
  readonly after: FoldedState;
  readonly answered: readonly OpenRequest[];
}

/** Returns the state after an event in stored order; the same object if the event changes nothing. */
export function stateAfter(before: FoldedState | undefined, event: ProjectedEvent): AfterEvent {
  const recordState = recordStateAfter(before?.recordState, event);
  const { open: requests, answered } = requestsAfter(before?.requests ?? [], event, recordState);
  const after: FoldedState = {
    recordState,
    source: sourceAfter(before?.source, event),
    requests,
    deadlines: deadlinesAfter(before, event, recordState),
  };
  return { after: before !== undefined && isSame(MEMBERS, before, after) ? before : after, answered };
}

const MEMBERS = ['recordState', 'source', 'requests', 'deadlines'] as const satisfies (keyof FoldedState)[];

/** Caches the texts of states, so that one that no event changed is not written again. */
const texts = new WeakMap<FoldedState, string>();

/** Returns a state as it is stored. */
export function textOf(state: FoldedState): string {
  const known = texts.get(state);
  if (known !== undefined) return known;
  const text = JSON.stringify(state);
  texts.set(state, text);
  return text;
}

/** Returns a stored state. */
export function stateFrom(text: string): FoldedState {
  const stored = JSON.parse(text) as Stored;
  const state: FoldedState = { ...stored, deadlines: deadlinesFrom(stored) };
  texts.set(state, text);
  return state;
}

function deadlinesFrom({ recordState, deadlines }: Stored): Deadlines | null {
  if (deadlines === null) return null;
  const { ledger } = lifecycleOf(recordState).code.dates as DatesCode;
  return { ...deadlines, ledger: ledger.from(deadlines.ledger) };
}

interface Stored extends Omit<FoldedState, 'deadlines'> {
  readonly deadlines: { readonly ledger: JsonObject; readonly changedAt: string } | null;
}

/** Returns what a record is about after an event. A text that the event erases is null. */
function sourceAfter(before: Source | undefined, event: ProjectedEvent): Source {
  const { group: issue, publishedOn: reportPublishedOn } = event.rules.code.summary.about?.(event) ?? {};
  let source = before ?? firstSource(event);
  if (issue !== undefined) source = { ...source, issue };
  if (reportPublishedOn !== undefined) source = { ...source, reportPublishedOn };
  for (const { kind, value, eventId } of event.texts) {
    if (kind === 'title') source = { ...source, title: value, titleEvent: eventId };
    else if (kind === 'report') source = { ...source, reportName: value };
  }
  return withoutErased(source, event);
}

const firstSource = ({ eventId, ordinal, recordedAt }: ProjectedEvent): Source => ({
  ...{ number: ordinal, cameInOn: londonDate(recordedAt) },
  ...{ title: null, titleEvent: eventId, issue: null },
  ...{ reportName: null, reportPublishedOn: null, issueEvent: eventId },
});

function withoutErased(source: Source, event: ProjectedEvent): Source {
  const redaction = redactionOf(event);
  if (redaction === null) return source;
  const { eventId, erased } = redaction;
  const erases = (kind: TextKind, textEvent: string) =>
    eventId === textEvent && isErased(erased, kind, event.kind);
  return {
    ...source,
    ...(erases('title', source.titleEvent) && { title: null }),
    ...(erases('report', source.issueEvent) && { reportName: null }),
  };
}

function deadlinesAfter(
  before: FoldedState | undefined,
  event: ProjectedEvent,
  after: FoldedRecordState,
): Deadlines | null {
  const { dates } = event.rules.code;
  if (dates === undefined) return null;
  const known = before?.deadlines ?? null;
  const ledger = (known?.ledger ?? dates.ledger.empty).after(event);
  const isChanged =
    known === null ||
    ledger !== known.ledger ||
    before === undefined ||
    isListedChange(before.recordState, after) ||
    event.texts.some(({ kind }) => kind === 'owner');
  return isChanged ? { ledger, changedAt: event.recordedAt } : known;
}

/** Returns whether anything that lists show with the record's deadlines changed. */
function isListedChange(before: FoldedRecordState, after: FoldedRecordState): boolean {
  if (before === after) return false;
  const code = lifecycleOf(after).code.summary;
  return (
    !isSame(['status', 'recipient', 'recipient_event'], before, after) ||
    datesOf(before) !== datesOf(after) ||
    isAnswered(code, before.value) !== isAnswered(code, after.value)
  );
}
