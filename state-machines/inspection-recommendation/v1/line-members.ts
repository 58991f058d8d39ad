import { freeText, identifier, list, orNull } from '#lifecycle/fields';
import type { Erasable, Field, Members } from '#lifecycle/fields';
import { events } from './events.ts';
import { isInternalComment } from '../../capabilities/comments.ts';
import type { AnyData, RecordEnvelope } from './record-event.ts';

/** Returns an event's value of an erasable member; null if erased or withheld, undefined if it was never set. */
export function memberValue<Member extends keyof AnyData>(
  { data, commitments }: RecordEnvelope,
  member: Member,
): AnyData[Member] | null | undefined {
  const members: AnyData = data;
  return members[member] ?? (Object.hasOwn(commitments, `/data/${member}`) ? null : undefined);
}

/** The members that are in other parts of responses: texts by people, and the data of a file or a whole record. */
const SHOWN_ELSEWHERE = [
  ...(['title', 'text', 'statement', 'note', 'reason', 'outcome', 'report', 'reference', 'issue'] as const),
  ...(['statedOn', 'statusOn', 'statusAfter', 'cutOff', 'claim', 'rule', 'dateVersion', 'places'] as const),
  ...(['source', 'sourceSha256', 'length', 'partial', 'anomalies', 'moreAnomalies'] as const),
  ...(['eventId', 'status', 'items'] as const),
] satisfies readonly (keyof AnyData)[];

type HistoryMember = Exclude<keyof AnyData, (typeof SHOWN_ELSEWHERE)[number]>;
type Shapes = (typeof events)[keyof typeof events]['members'];
type MemberOf<Of, Kind> = Of extends Members
  ? { [Name in keyof Of]: Of[Name] extends { readonly kind: Kind } ? Name : never }[keyof Of]
  : never;
/** Null for members that can be erased or withheld. */
type NullOf<Member> = Member extends MemberOf<Shapes, Erasable> ? null : never;

/** The members of a history entry, without those in other parts. */
type LineMembers = {
  readonly [Member in HistoryMember]?: NonNullable<AnyData[Member]> | NullOf<Member>;
} & {
  /** The event with the erased values, and the corrected event. */
  readonly redacts?: string;
  readonly corrects?: string;
  /** A status in a register that is not one of the four. */
  readonly unknownStatus?: string | null;
  /** The names of the submitted items. */
  readonly evidence?: readonly (string | null)[];
};

const shownElsewhere: ReadonlySet<string> = new Set(SHOWN_ELSEWHERE);

/** The members of a history entry and their fields, by event type. */
const LINE_MEMBERS: ReadonlyMap<string, readonly (readonly [HistoryMember, Field])[]> = new Map(
  Object.entries(events).map(([type, { members }]) => [
    type,
    Object.entries<Field>(members).filter(
      (each): each is [HistoryMember, Field] => !shownElsewhere.has(each[0]),
    ),
  ]),
);

/** The field of each member. */
export const LINE_FIELDS: Readonly<Record<string, Field>> = {
  ...fieldsByName(),
  redacts: identifier('The id of the event with the erased values.'),
  corrects: identifier('The id of the corrected event.'),
  unknownStatus: freeText('A status in a register that is not one of the four known ones.'),
  evidence: list(orNull(identifier()), 'The names of the submitted items; null if erased.'),
};

/** Returns the fields by name. If several event types have a member, the first description applies. */
function fieldsByName(): Readonly<Record<string, Field>> {
  const fields: Record<string, Field> = {};
  for (const members of LINE_MEMBERS.values())
    for (const [name, field] of members) if (fields[name]?.describes === undefined) fields[name] = field;
  return fields;
}

export function lineMembersOf(event: RecordEnvelope): LineMembers {
  const { type } = event;
  const { eventId, items }: AnyData = event.data;
  const status = memberValue(event, 'status');
  const values = (LINE_MEMBERS.get(type) ?? [])
    .map(([name]) => [name, memberValue(event, name)] as const)
    .filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(values) as LineMembers),
    ...(type === 'CommentAdded' && { visibility: isInternalComment(event) ? 'internal' : 'public' }),
    ...(eventId !== undefined && (type === 'CommentRedacted' ? { redacts: eventId } : { corrects: eventId })),
    ...(status !== undefined && { unknownStatus: status }),
    ...(items !== undefined && { evidence: items.map(({ name }) => name ?? null) }),
  };
}
