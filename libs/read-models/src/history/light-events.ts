import type { JsonObject, LifecycleReference, Origin } from '#event-sourcing/envelope';
import { withoutMember, withoutTexts } from '#event-sourcing/erasure';
import { ASIDES } from '#state-machines/inspection-recommendation/v1/events';
import { asRecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import type { RecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import { OWNER, TITLE } from '../record-row.ts';
import type { ProjectedEvent } from '../record-row.ts';
import type { HistoryEventRow } from './history-tables.ts';

/** What of an event a record's history is folded from. */
export interface LightEvent {
  readonly version: number;
  readonly effectiveOn: string;
  /** When it was stored, in milliseconds since 1970. */
  readonly known: number;
  /** Null where it changes nothing but when something was heard of the record. */
  readonly deciding: DecidingEvent | null;
}

/** Told apart by its type. */
export type DecidingEvent = RecordEvent<DecidingBase>;

interface DecidingBase {
  readonly type: string;
  readonly eventId: string;
  readonly origin: Origin;
  readonly subject: string;
  readonly lifecycle: LifecycleReference | null;
  /** Whether it says another title, also where that is erased. */
  readonly titled: boolean;
  readonly data: JsonObject;
}

/** The long members that nothing is folded from. */
const UNUSED = ['report', 'items', 'places', 'source', 'rule', 'anomalies'] as const;

/** @param lifecycle the one of the record's first event: what follows another one says which */
export function lightOf(event: ProjectedEvent, lifecycle: LifecycleReference | null): LightEvent {
  const { version, effectiveOn, recordedAt } = event;
  const isOther = event.lifecycle?.digest !== lifecycle?.digest;
  const isNote = ASIDES.has(event.type) || (event.type === 'TextAmended' && !isTitled(event));
  const deciding = isNote && !isOther ? null : decidingOf(event);
  return { version, effectiveOn, known: Date.parse(recordedAt), deciding };
}

/** Whether an event says another title. */
export const isTitled = ({ type, commitments }: ProjectedEvent): boolean =>
  type === 'TextAmended' && Object.hasOwn(commitments, TITLE);

function decidingOf(event: ProjectedEvent): DecidingEvent {
  const { type, eventId, origin, actor, lifecycle } = event;
  let { data }: { data: JsonObject } = withoutTexts(event, [OWNER]);
  for (const member of UNUSED) data = withoutMember(data, [member]);
  return asRecordEvent<DecidingBase>({
    ...{ type, eventId, origin, lifecycle, data },
    subject: actor.subject,
    titled: isTitled(event),
  });
}

/** As it is kept. */
interface Kept {
  readonly e: string;
  readonly s: string;
  readonly o: Origin;
  readonly d?: JsonObject;
  readonly t?: 1;
  readonly l?: LifecycleReference | null;
}

export function writeLight(
  deciding: DecidingEvent | null,
  lifecycle: LifecycleReference | null,
): Pick<HistoryEventRow, 'type' | 'light'> {
  if (deciding === null) return { type: null, light: null };
  const { type, eventId, subject, origin, titled, data } = deciding;
  const kept: Kept = {
    ...{ e: eventId, s: subject, o: origin },
    ...(Object.keys(data).length > 0 && { d: data }),
    ...(titled && { t: 1 }),
    ...(deciding.lifecycle?.digest !== lifecycle?.digest && { l: deciding.lifecycle }),
  };
  return { type, light: JSON.stringify(kept) };
}

export function readLight(
  { type, light }: Pick<HistoryEventRow, 'type' | 'light'>,
  first: LifecycleReference | null,
): DecidingEvent | null {
  if (type === null || light === null) return null;
  const { e, s, o, d = {}, t, l = first } = JSON.parse(light) as Kept;
  return asRecordEvent<DecidingBase>({
    ...{ type, eventId: e, subject: s, origin: o, data: d, titled: t === 1, lifecycle: l },
  });
}

/** The event without an owner that was erased. */
export function withoutOwner(deciding: DecidingEvent): DecidingEvent {
  const data: JsonObject = withoutMember(deciding.data, ['owner']);
  return asRecordEvent<DecidingBase>({ ...deciding, data });
}
