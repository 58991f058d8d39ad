import { freeText, identifier, list, orNull } from '#lifecycle/fields';
import type { Erasable, Field, Members } from '#lifecycle/fields';
import { events } from './events.ts';
import { isInternalComment } from '../../capabilities/comments.ts';
import type { AnyData, RecordEnvelope } from './record-event.ts';

/** What an event says by a member that can be erased: null where it was, or is withheld; undefined where nothing was said. */
export function saidBy<Member extends keyof AnyData>(
  { data, commitments }: RecordEnvelope,
  member: Member,
): AnyData[Member] | null | undefined {
  const said: AnyData = data;
  return said[member] ?? (Object.hasOwn(commitments, `/data/${member}`) ? null : undefined);
}

/** What is told as the words that people wrote (`text`, `reason`), or of a file and of the record as a whole. */
const TOLD_OTHERWISE = [
  ...(['title', 'text', 'statement', 'note', 'reason', 'outcome', 'report', 'reference', 'issue'] as const),
  ...(['statedOn', 'statusOn', 'statusAfter', 'cutOff', 'claim', 'rule', 'dateVersion', 'places'] as const),
  ...(['source', 'sourceSha256', 'length', 'partial', 'differences', 'anomalies', 'moreAnomalies'] as const),
  ...(['eventId', 'status', 'items'] as const),
] satisfies readonly (keyof AnyData)[];

type Told = Exclude<keyof AnyData, (typeof TOLD_OTHERWISE)[number]>;
type Shapes = (typeof events)[keyof typeof events]['members'];
type MemberOf<Of, Kind> = Of extends Members
  ? { [Name in keyof Of]: Of[Name] extends { readonly kind: Kind } ? Name : never }[keyof Of]
  : never;
/** Null where it was erased or is withheld. */
type NullOf<Member> = Member extends MemberOf<Shapes, Erasable> ? null : never;

/** What an event says besides, by the members of its data: every one that is not told otherwise. */
export type Said = {
  readonly [Member in Told]?: NonNullable<AnyData[Member]> | NullOf<Member>;
} & {
  /** The event of which something was erased, and the one that a correction is about. */
  readonly redacts?: string;
  readonly corrects?: string;
  /** A status of a register that is none of the four. */
  readonly unknownStatus?: string | null;
  /** The names of what was submitted. */
  readonly evidence?: readonly (string | null)[];
};

const toldOtherwise: ReadonlySet<string> = new Set(TOLD_OTHERWISE);

/** By type of event, the members that `saidOf` gives, with their fields. */
const SAID_MEMBERS: ReadonlyMap<string, readonly (readonly [Told, Field])[]> = new Map(
  Object.entries(events).map(([type, { members }]) => [
    type,
    Object.entries<Field>(members).filter((each): each is [Told, Field] => !toldOtherwise.has(each[0])),
  ]),
);

/** What each member means that is told. */
export const SAID_FIELDS: Readonly<Record<string, Field>> = {
  ...fieldsSaid(),
  redacts: identifier('The event of which something was erased.'),
  corrects: identifier('The event that a correction is about.'),
  unknownStatus: freeText('A status of a register that is none of the four.'),
  evidence: list(orNull(identifier()), 'The names of what was submitted; null where erased.'),
};

/** Of several types that have a member, as the first that says what it means. */
function fieldsSaid(): Readonly<Record<string, Field>> {
  const said: Record<string, Field> = {};
  for (const members of SAID_MEMBERS.values())
    for (const [name, field] of members) if (said[name]?.describes === undefined) said[name] = field;
  return said;
}

export function saidOf(event: RecordEnvelope): Said {
  const { type } = event;
  const { eventId, items }: AnyData = event.data;
  const status = saidBy(event, 'status');
  const told = (SAID_MEMBERS.get(type) ?? [])
    .map(([name]) => [name, saidBy(event, name)] as const)
    .filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(told) as Said),
    ...(type === 'CommentAdded' && { visibility: isInternalComment(event) ? 'internal' : 'public' }),
    ...(eventId !== undefined && (type === 'CommentRedacted' ? { redacts: eventId } : { corrects: eventId })),
    ...(status !== undefined && { unknownStatus: status }),
    ...(items !== undefined && { evidence: items.map(({ name }) => name ?? null) }),
  };
}
