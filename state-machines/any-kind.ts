import { lifecycles } from './lifecycles.ts';
import { plainView } from './record-view.ts';
import type { RecordDetails, RecordView } from './record-view.ts';
import type { ReadEvent } from '#lifecycle/lifecycles';
import type { Field } from '#lifecycle/fields';
import type { NamedBody } from '#lifecycle/summary';

const views = new Map(
  lifecycles.currents.map(({ reference, code, view = plainView(code) }) => [reference.name, view]),
);
const NO_VIEW = plainView();

/** Returns the view of a lifecycle's records, which all its versions share. */
export const viewOf = (name: string): RecordView => views.get(name) ?? NO_VIEW;

export const viewOfEvent = ({ lifecycle }: Pick<ReadEvent, 'lifecycle'>): RecordView =>
  viewOf(lifecycle?.name ?? '');

export const bodyAfter = (before: NamedBody, event: ReadEvent): NamedBody =>
  lifecycles.find(event.lifecycle)?.code.summary.body?.(before, event) ?? before;

/** Returns whether only readers of internal comments may see an event, stored or read. */
export const isInternal = (event: ReadEvent): boolean =>
  lifecycles.find(event.lifecycle)?.code.texts?.isInternal?.(event) ?? false;

/** Returns the content of a record from its events. */
export function detailsOf(events: readonly ReadEvent[]): RecordDetails {
  const [first] = events;
  return first === undefined ? {} : viewOfEvent(first).details(events);
}

/**
 * Returns the fields of history members for a lifecycle, because the same name can have another meaning in another kind
 * of record.
 */
export function lineFieldsOf(lifecycle: string): Readonly<Record<string, Field>> {
  const named = lifecycles.currents.find(({ reference }) => reference.name === lifecycle);
  if (named === undefined) return {};
  const { lineFields } = viewOf(lifecycle);
  return Object.keys(lineFields).length > 0 ? lineFields : named.answers.line;
}

/** True if records of at least one kind belong to a body. */
export const HAS_BODIES: boolean = lifecycles.currents.some(({ code }) => code.body !== undefined);

/** The date kinds of all kinds of records. */
export const DATE_KINDS: readonly string[] = [
  ...new Set(lifecycles.currents.flatMap(({ code }) => code.dates?.kinds ?? [])),
];

export const RECORD_EVENT_TYPES: readonly string[] = [
  ...new Set(lifecycles.currents.flatMap(({ code }) => Object.keys(code.shapes))),
];

/** The command names of all kinds of records. */
export const COMMAND_NAMES: readonly string[] = [
  ...new Set(lifecycles.currents.flatMap(({ commands }) => Object.keys(commands))),
];
