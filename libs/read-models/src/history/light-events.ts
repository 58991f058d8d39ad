import type { JsonObject, LifecycleReference, Origin } from '#event-sourcing/envelope';
import { withoutTexts } from '#event-sourcing/erasure';
import type { EventText } from '#lifecycle/summary';
import type { ProjectedEvent } from '../record-row.ts';
import type { HistoryEventRow } from './history-tables.ts';

/** The part of an event from which the history is folded. */
export interface LightEvent {
  readonly version: number;
  readonly effectiveOn: string;
  /** The time at which the event was stored, in milliseconds since 1970. */
  readonly known: number;
  /** The part that determines the record's state; null if the event only changes the date of the last update. */
  readonly deciding: DecidingEvent | null;
}

/** The part of an event that determines the record's state. */
export interface DecidingEvent {
  readonly type: string;
  readonly eventId: string;
  readonly origin: Origin;
  readonly subject: string;
  readonly lifecycle: LifecycleReference | null;
  /** True if the event sets another title, even if that is erased. */
  readonly titled: boolean;
  /** The owner that the event names; null if the name was erased. */
  readonly owner?: string | null;
  /** The event's data without texts. */
  readonly data: JsonObject;
}

/**
 * Returns the part of an event that is folded.
 * @param lifecycle the lifecycle of the record's first event; an event's own is stored only if it differs.
 */
export function lightOf(event: ProjectedEvent, lifecycle: LifecycleReference | null): LightEvent {
  const { version, effectiveOn, recordedAt } = event;
  const isOther = event.lifecycle?.digest !== lifecycle?.digest;
  const { code } = event.rules;
  const isAside = code.asides?.has(event.type) === true;
  const deciding = isAside && !isTitled(event) && !isOther ? null : decidingOf(event);
  return { version, effectiveOn, known: Date.parse(recordedAt), deciding };
}

const textOf = ({ texts }: ProjectedEvent, kind: EventText['kind']): EventText | undefined =>
  texts.find((text) => text.kind === kind);

/** Returns whether an event other than the first sets another title. */
export const isTitled = (event: ProjectedEvent): boolean =>
  event.version > 1 && textOf(event, 'title') !== undefined;

function decidingOf(event: ProjectedEvent): DecidingEvent {
  const { type, eventId, origin, actor, lifecycle } = event;
  const { data }: { data: JsonObject } = withoutTexts(event);
  const owner = textOf(event, 'owner');
  return {
    ...{ type, eventId, origin, lifecycle, data },
    subject: actor.subject,
    titled: isTitled(event),
    ...(owner !== undefined && { owner: owner.value }),
  };
}

interface StoredLightEvent {
  readonly e: string;
  readonly s: string;
  readonly o: Origin;
  readonly d?: JsonObject;
  readonly t?: 1;
  readonly w?: string | null;
  readonly l?: LifecycleReference | null;
}

export function writeLight(
  deciding: DecidingEvent | null,
  lifecycle: LifecycleReference | null,
): Pick<HistoryEventRow, 'type' | 'light'> {
  if (deciding === null) return { type: null, light: null };
  const { type, eventId, subject, origin, titled, owner, data } = deciding;
  const kept: StoredLightEvent = {
    ...{ e: eventId, s: subject, o: origin },
    ...(Object.keys(data).length > 0 && { d: data }),
    ...(titled && { t: 1 }),
    ...(owner !== undefined && { w: owner }),
    ...(deciding.lifecycle?.digest !== lifecycle?.digest && { l: deciding.lifecycle }),
  };
  return { type, light: JSON.stringify(kept) };
}

export function readLight(
  { type, light }: Pick<HistoryEventRow, 'type' | 'light'>,
  first: LifecycleReference | null,
): DecidingEvent | null {
  if (type === null || light === null) return null;
  const { e, s, o, d = {}, t, w, l = first } = JSON.parse(light) as StoredLightEvent;
  return {
    ...{ type, eventId: e, subject: s, origin: o, data: d, titled: t === 1, lifecycle: l },
    ...(w !== undefined && { owner: w }),
  };
}

/** Returns the event with an erased owner. */
export const withoutOwner = (deciding: DecidingEvent): DecidingEvent => ({ ...deciding, owner: null });
