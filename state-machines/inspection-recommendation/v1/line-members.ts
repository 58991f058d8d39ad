import { freeText, identifier, list, orNull } from '#lifecycle/fields';
import type { Erasable, Field, Members } from '#lifecycle/fields';
import { events } from './events.ts';
import { isInternalComment } from '../../capabilities/comments.ts';
import type { AnyData, RecordEnvelope } from './record-event.ts';

/** Returns an event's value of an erasable member: null if erased or withheld, undefined if never set. */
export function memberValue<Member extends keyof AnyData>(
  { data, commitments }: RecordEnvelope,
  member: Member,
): AnyData[Member] | null | undefined {
  const members: AnyData = data;
  return members[member] ?? (Object.hasOwn(commitments, `/data/${member}`) ? null : undefined);
}

/** Members that answers contain elsewhere: texts by people, and the data of a file or a whole record. */
const SHOWN_ELSEWHERE = [
  ...(['title', 'text', 'statement', 'note', 'reason', 'outcome', 'report', 'reference', 'issue'] as const),
  ...(['statedOn', 'statusOn', 'statusAfter', 'cutOff', 'claim', 'rule', 'dateVersion', 'places'] as const),
  ...(['source', 'sourceSha256', 'length', 'partial', 'differences', 'anomalies', 'moreAnomalies'] as const),
  ...(['eventId', 'status', 'items'] as const),
] satisfies readonly (keyof AnyData)[];

type HistoryMember = Exclude<keyof AnyData, (typeof SHOWN_ELSEWHERE)[number]>;
type Shapes = (typeof events)[keyof typeof events]['members'];
type MemberOf<Of, Kind> = Of extends Members
  ? { [Name in keyof Of]: Of[Name] extends { readonly kind: Kind } ? Name : never }[keyof Of]
  : never;
/** Null if erased or withheld. */
type NullOf<Member> = Member extends MemberOf<Shapes, Erasable> ? null : never;

/** The members of history lines: all except those contained elsewhere. */
type LineMembers = {
  readonly [Member in HistoryMember]?: NonNullable<AnyData[Member]> | NullOf<Member>;
} & {
  /** The event with the erased values, and the corrected event. */
  readonly redacts?: string;
  readonly corrects?: string;
  /** A status of a register other than the four. */
  readonly unknownStatus?: string | null;
  /** The names of the submitted items. */
  readonly evidence?: readonly (string | null)[];
};

const shownElsewhere: ReadonlySet<string> = new Set(SHOWN_ELSEWHERE);

/** By event type, the members that `saidOf` returns, with their fields. */
const LINE_MEMBERS: ReadonlyMap<string, readonly (readonly [HistoryMember, Field])[]> = new Map(
  Object.entries(events).map(([type, { members }]) => [
    type,
    Object.entries<Field>(members).filter(
      (each): each is [HistoryMember, Field] => !shownElsewhere.has(each[0]),
    ),
  ]),
);

/** The meaning of each member. */
export const LINE_FIELDS: Readonly<Record<string, Field>> = {
  ...fieldsByName(),
  redacts: identifier('The event with the erased values.'),
  corrects: identifier('The corrected event.'),
  unknownStatus: freeText('A status in a register other than the four known ones.'),
  evidence: list(orNull(identifier()), 'The names of the submitted items; null if erased.'),
};

/** If several event types have a member, the first description applies. */
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
