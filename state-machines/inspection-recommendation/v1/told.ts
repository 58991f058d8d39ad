import { isInternalComment } from './record.ts';
import type { AnyData, RecordEnvelope } from './record-event.ts';

/** What an event says by a member that can be erased: null where it was, or is withheld; undefined where nothing was said. */
export function saidBy<Member extends keyof AnyData>(
  { data, commitments }: RecordEnvelope,
  member: Member,
): AnyData[Member] | null | undefined {
  const said: AnyData = data;
  return said[member] ?? (Object.hasOwn(commitments, `/data/${member}`) ? null : undefined);
}

/** What people give as a ground of what they do; null where it was erased or is withheld, absent where none was given. */
export interface Grounds {
  /** In words, or a code that was chosen. */
  readonly reason?: string | null;
  readonly statement?: string | null;
  readonly note?: string | null;
}

export function groundsOf(event: RecordEnvelope): Grounds {
  const [reason, statement, note] = [
    saidBy(event, 'reason'),
    saidBy(event, 'statement'),
    saidBy(event, 'note'),
  ];
  return {
    ...(reason !== undefined && { reason }),
    ...(statement !== undefined && { statement }),
    ...(note !== undefined && { note }),
  };
}

/** The deadlines, records and events that an event names, by their ids. */
export interface NamedIds {
  readonly deadlineId?: string;
  /** The record that takes this one's place. */
  readonly supersededBy?: string;
  /** The record whose place this one takes. */
  readonly supersedes?: string;
  /** The events that a decision is about. */
  readonly decides?: readonly string[];
  /** The submissions that a closing did not consider, since they came after the request. */
  readonly notConsidered?: readonly string[];
  /** The submissions that a request for closure takes into account. */
  readonly considers?: readonly string[];
  /** The comment that was cut off, and is here in full. */
  readonly completes?: string;
  /** The event of which something was erased. */
  readonly redacts?: string;
  /** The event that a correction is about. */
  readonly corrects?: string;
}

export function namedIds({ type, data }: RecordEnvelope): NamedIds {
  const { deadlineId, supersededBy, supersedes, completes, eventId: named }: AnyData = data;
  const { decides, notConsidered, considers }: AnyData = data;
  const [redacts, corrects] = type === 'CommentRedacted' ? [named] : [undefined, named];
  return {
    ...(deadlineId !== undefined && { deadlineId }),
    ...(supersededBy !== undefined && { supersededBy }),
    ...(supersedes !== undefined && { supersedes }),
    ...(decides !== undefined && { decides }),
    ...(notConsidered !== undefined && { notConsidered }),
    ...(considers !== undefined && { considers }),
    ...(completes !== undefined && { completes }),
    ...(redacts !== undefined && { redacts }),
    ...(corrects !== undefined && { corrects }),
  };
}

/** What else an event says, by the members of its data; a text is null where it was erased or is withheld. */
export interface Particulars {
  readonly owner?: string | null;
  readonly recipient?: string;
  /** A status of a register that is none of the four. */
  readonly unknownStatus?: string | null;
  /** Of a response: which it takes, whether it came late, and where it was published otherwise. */
  readonly position?: string;
  readonly late?: boolean;
  readonly publishedElsewhere?: string | null;
  /** Of a deadline. */
  readonly kind?: string;
  readonly dueOn?: string;
  readonly suggestedOn?: string;
  /** Of a correction: the right date of publication, that a claim is confirmed, and what was said before. */
  readonly publishedOn?: string;
  readonly confirms?: true;
  readonly insteadOf?: string;
  /** The names of what was submitted. */
  readonly evidence?: readonly (string | null)[];
  readonly visibility?: 'public' | 'internal';
  /** The pointers of what a redaction took. */
  readonly erased?: readonly string[];
}

export function particularsOf(event: RecordEnvelope): Particulars {
  const { recipient, position, kind, dueOn, suggestedOn, late, items, erased }: AnyData = event.data;
  const { publishedOn, confirms, insteadOf }: AnyData = event.data;
  const [owner, publishedElsewhere, unknownStatus] = [
    saidBy(event, 'owner'),
    saidBy(event, 'publishedElsewhere'),
    saidBy(event, 'status'),
  ];
  return {
    ...(recipient != null && { recipient }),
    ...(position !== undefined && { position }),
    ...(kind !== undefined && { kind }),
    ...(dueOn != null && { dueOn }),
    ...(suggestedOn != null && { suggestedOn }),
    ...(publishedOn !== undefined && { publishedOn }),
    ...(confirms !== undefined && { confirms }),
    ...(insteadOf !== undefined && { insteadOf }),
    ...(owner !== undefined && { owner }),
    ...(publishedElsewhere !== undefined && { publishedElsewhere }),
    ...(unknownStatus !== undefined && { unknownStatus }),
    ...(late !== undefined && { late }),
    ...(items !== undefined && { evidence: items.map(({ name }) => name ?? null) }),
    ...(event.type === 'CommentAdded' && { visibility: isInternalComment(event) ? 'internal' : 'public' }),
    ...(erased !== undefined && { erased }),
  };
}
