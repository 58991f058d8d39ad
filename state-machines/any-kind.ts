import { lifecycles } from './lifecycles.ts';
import { PLAIN_VIEW } from './record-view.ts';
import type { RecordDetails, RecordView } from './record-view.ts';
import type { ReadEvent } from '#lifecycle/lifecycles';
import type { Field } from '#lifecycle/fields';
import type { NamedBody } from '#lifecycle/summary';

const views = new Map(lifecycles.currents.map(({ reference, view = PLAIN_VIEW }) => [reference.name, view]));

/** How records of a lifecycle are read, whichever its version. */
export const viewOf = (name: string): RecordView => views.get(name) ?? PLAIN_VIEW;

/** How an event of a record is read. */
export const viewOfEvent = ({ lifecycle }: Pick<ReadEvent, 'lifecycle'>): RecordView =>
  viewOf(lifecycle?.name ?? '');

/** The body that a record is for after an event. */
export const bodyAfter = (before: NamedBody, event: ReadEvent): NamedBody =>
  lifecycles.find(event.lifecycle)?.code.summary?.body?.(before, event) ?? before;

/** Whether an event, stored or as it is read, is only for people who read what is internal. */
export const isInternal = (event: ReadEvent): boolean =>
  lifecycles.find(event.lifecycle)?.code.texts?.isInternal?.(event) ?? false;

/** What a record says of itself, by its events. */
export function detailsOf(events: readonly ReadEvent[]): RecordDetails {
  const [first] = events;
  return first === undefined ? {} : viewOfEvent(first).details(events);
}

/** What the members mean that a history says of events of a lifecycle: one name can mean another thing in another kind of record. */
export function saidFieldsOf(lifecycle: string): Readonly<Record<string, Field>> {
  const named = lifecycles.currents.find(({ reference }) => reference.name === lifecycle);
  if (named === undefined) return {};
  const { saidFields } = named.view ?? PLAIN_VIEW;
  return Object.keys(saidFields).length > 0 ? saidFields : named.answers.line;
}

/** Whether records of some kind are for a body. */
export const HAS_BODIES: boolean = lifecycles.currents.some(({ code }) => code.body !== undefined);

/** What dates are for, of whichever kind of record. */
export const DATE_KINDS: readonly string[] = [
  ...new Set(lifecycles.currents.flatMap(({ code }) => code.dates?.kinds ?? [])),
];

/** The types of the events that records have, of whichever kind. */
export const RECORD_EVENT_TYPES: readonly string[] = [
  ...new Set(lifecycles.currents.flatMap(({ code }) => Object.keys(code.shapes.types))),
];

/** The names of all commands, of whichever kind of record. */
export const COMMAND_NAMES: readonly string[] = [
  ...new Set(lifecycles.currents.flatMap(({ commands }) => Object.keys(commands))),
];

/** In which roles a command is given; none for a name that no command has. */
export const rolesFor = (command: string): readonly string[] => [
  ...new Set(lifecycles.currents.flatMap(({ commands }) => commands[command]?.roles ?? [])),
];
