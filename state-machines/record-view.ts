import { redactionOf, valueAt, withoutTexts } from '#event-sourcing/erasure';
import type { NamedValues } from '#event-sourcing/erasure';
import type { Envelope, JsonValue, Pointer } from '#event-sourcing/envelope';
import type { Folding } from '#event-sourcing/folding';
import type { Field } from '#lifecycle/fields';
import type { LifecycleCode, LifecycleState } from '#lifecycle/lifecycle-definition';
import type { CommandedLifecycle, ReadEvent } from '#lifecycle/lifecycles';
import type { TextKind, TextsCode } from '#lifecycle/summary';
import type { Pending, RecordParts, SubmittedItem } from './record-parts.ts';
import type { Sample } from './sample.ts';

/** The parts of every record. */
export type RecordHead = {
  readonly id: string;
  readonly status: string;
  readonly state: Readonly<Record<string, string>>;
  readonly version: number;
  readonly lifecycle: { readonly name: string; readonly version: number };
  readonly issuedOn: string;
};

/** The pending requests of a lifecycle's records. */
type PendingParts = Partial<Pending>;

/** A record for display, with the parts that its lifecycle has. */
export type ShownRecord = RecordHead &
  Partial<Omit<RecordParts, 'pending'>> & { readonly pending?: PendingParts };

/** The content of a record. If its lifecycle has no title or text, the member is absent. */
export type RecordDetails = Partial<RecordParts>;

/** The texts of a record itself. */
export type OwnText = 'title' | 'text';

/** A submission of evidence, and the last event that decided on it. */
export interface Submitted {
  readonly event: ReadEvent;
  readonly decision: ReadEvent | null;
}

export interface SeenSubmission extends Submitted {
  readonly items: readonly SubmittedItem[];
  /** True if the decision accepted it. */
  readonly isAccepted: boolean;
  /** The note; null if erased, absent if never set. */
  readonly note?: string | null;
  /** The reason for the decision; null if erased, absent if there is none. */
  readonly ground?: string | null;
}

/**
 * The members of a history entry without texts by people; null if erased or withheld. Only those that pages know are
 * declared.
 */
export interface LineMembers {
  readonly [member: string]: JsonValue | undefined;
  readonly decides?: readonly string[];
  readonly notConsidered?: readonly string[];
  readonly considers?: readonly string[];
  readonly completes?: string;
  readonly recipient?: string;
  readonly owner?: string | null;
  readonly supersedes?: string;
  readonly supersededBy?: string;
  /** The event with the erased values, and the corrected event. */
  readonly redacts?: string;
  readonly corrects?: string;
  readonly visibility?: 'public' | 'internal';
  /** The names of the submitted items. */
  readonly evidence?: readonly (string | null)[];
}

/** A pending task on a record's page. */
export interface ShownWait {
  /** The name of the request in the summary, if it has one. */
  readonly name?: string;
  /** The description, as a sentence without its full stop. */
  readonly what: string;
  /** The requester (null if unknown) and the date; absent if no one requested the task. */
  readonly requested?: { readonly by: string | null; readonly on: string };
  /** The next command and the text of the link to its form; by default the text is for a decision. */
  readonly command: string;
  readonly does?: string;
}

/** A state of a region that the page shows with a link to its event. */
interface Highlight {
  readonly region: string;
  readonly state: string;
  readonly link: string;
  /** The kind of deadlines that the state settles, for which claims are shown. */
  readonly meets: string;
}

/** The reasons in an event; null if erased or withheld, absent if there are none. */
export interface Grounds {
  /** The reason in words or as a code. */
  readonly reason?: string | null;
  readonly statement?: string | null;
  readonly note?: string | null;
}

const GROUNDS = ['reason', 'statement', 'note'] as const;

/** Returns an event's value of an erasable member; null if erased or withheld, undefined if it was never set. */
export const memberValue = ({ data, commitments }: ReadEvent, member: string): JsonValue | undefined =>
  data[member] ?? (Object.hasOwn(commitments, `/data/${member}`) ? null : undefined);

export function groundsOf(event: ReadEvent): Grounds {
  const grounds = GROUNDS.map((member) => [member, memberValue(event, member)] as const);
  return Object.fromEntries(grounds.filter(([, value]) => value === null || typeof value === 'string'));
}

/** Reads and shows the records of a lifecycle. */
export interface RecordView<Facts = unknown> {
  /** Returns the state of each region at the end of a day, and computed states. */
  stateOn(state: LifecycleState<Facts>, day: string): Readonly<Record<string, string>>;
  /**
   * Returns a record for display.
   * @param events the events of a view, in its order.
   */
  show(
    head: RecordHead,
    state: LifecycleState<Facts>,
    events: readonly ReadEvent[],
    day: string,
  ): ShownRecord;
  /** Returns the content of a record from its events. A member is null if it was never set or has been erased. */
  details(events: readonly ReadEvent[]): RecordDetails;
  /** Returns the events whose texts `show` needs, possibly with duplicates. */
  detailEvents(events: readonly ReadEvent[]): readonly ReadEvent[];
  /** Returns which of the record's own texts an event contains. */
  ownTexts(event: ReadEvent): readonly OwnText[];
  /** Returns a stored event without texts by people, except those from which states are folded. */
  light(stored: Envelope): Envelope;
  /** Returns a function for the ids of the events in the same record to which an event refers. */
  names(events: readonly ReadEvent[]): (event: ReadEvent) => readonly string[];
  /** Returns the ids of the events whose texts `erasedWith` needs. */
  textsErasedWith(named: NamedValues, events: readonly Envelope[]): readonly string[];
  /** Returns the values to erase or withhold together: the named values and every repetition of their texts. */
  erasedWith(named: readonly NamedValues[], events: readonly Envelope[]): Folding<readonly NamedValues[]>;
  /** Returns the values that are withheld, but not erased, together with a value of an event. */
  withheldWith(event: Envelope, pointer: string): readonly string[];
  /**
   * Returns a function that maps an event to the event that is shown in its place: itself or its replacement; null for
   * a replacement.
   */
  replacements(events: readonly ReadEvent[]): (event: ReadEvent) => ReadEvent | null;
  /** Returns the members of a history entry without texts by people. */
  lineMembers(event: ReadEvent): LineMembers;
  /** The fields of the members that `lineMembers` returns. */
  readonly lineFields: Readonly<Record<string, Field>>;
  /**
   * Returns the pointer of a member's value, or of an item in a list; null if the pointer follows from the member's
   * name.
   */
  linePointer?(member: string, index: number): Pointer | null;
  /** The first columns of a record as CSV. */
  readonly columns?: readonly string[];
  /** Returns the correctable members of events, by event id. */
  readonly correctable: (events: readonly ReadEvent[]) => ReadonlyMap<string, readonly string[]>;
  /** The command that requests a correction; absent if nothing can be corrected. */
  readonly correctBy?: string;
  /** Returns the submissions of evidence, oldest first. */
  readonly submissions: (events: readonly ReadEvent[]) => readonly Submitted[];
  /** Returns a submission with its texts. */
  submission(submitted: Submitted): SeenSubmission;
  /** Returns the pending tasks of a record. Other requests in its summary are shown by name. */
  waits?(record: ShownRecord): readonly ShownWait[];
  readonly highlights?: readonly Highlight[];
}

export interface ViewedLifecycle<Facts = unknown> extends CommandedLifecycle<Facts> {
  /** The view of its records; `plainView` if absent. */
  readonly view?: RecordView<Facts>;
  /** Loads the sample records of the demo; absent if there are none. */
  readonly sample?: () => Promise<Sample>;
}

/**
 * Returns the default view, which shows the latest values of the events, without those of internal ones. The title, the
 * text and the owner are those that the lifecycle declares.
 */
export const plainView = ({ texts, body }: Pick<LifecycleCode, 'texts' | 'body'> = {}): RecordView => {
  const isPublic = (event: ReadEvent): boolean => texts?.isInternal?.(event) !== true;
  const stating = (kind: TextKind) => (event: ReadEvent) => pointersIn(event, texts, kind).length > 0;
  const details: RecordView['details'] = (events) => ({
    ...Object.fromEntries(
      DECLARED.filter((kind) => events.some(stating(kind))).map((kind) => {
        const event = events.findLast(stating(kind));
        const [pointer = ''] = event === undefined ? [] : pointersIn(event, texts, kind);
        return [kind, (event && valueAt(event, pointer)) ?? null];
      }),
    ),
    says: Object.fromEntries(
      [...lastByMember(events.filter(isPublic))].map(([member, event]) => [
        member,
        memberValue(event, member) ?? null,
      ]),
    ),
  });
  return {
    stateOn: ({ value }) => value,
    show: (head, state, events) => ({
      ...head,
      ...(body !== undefined && { recipient: state.body }),
      ...details(events),
    }),
    details,
    detailEvents: (events) => [
      ...lastByMember(events.filter(isPublic)).values(),
      ...DECLARED.flatMap((kind) => events.findLast(stating(kind)) ?? []),
    ],
    ownTexts: (event) => OWN_TEXTS.filter((kind) => stating(kind)(event)),
    light: (stored) => withoutTexts(stored, []),
    names:
      () =>
      ({ causationId }) =>
        causationId === null ? [] : [causationId],
    textsErasedWith: ({ eventId }) => [eventId],
    // eslint-disable-next-line require-yield -- a generator, because other views yield
    *erasedWith(named) {
      return named;
    },
    withheldWith: (_, pointer) => [pointer],
    replacements: () => (event) => event,
    lineMembers: (event) => {
      const redaction = redactionOf(event);
      if (redaction !== null) return { redacts: redaction.eventId };
      const members = membersOf(event).filter((member) => !SHOWN_AS_TEXT.has(member));
      return Object.fromEntries(
        members
          .map((member) => [member, memberValue(event, member)] as const)
          .filter(([, value]) => value !== undefined),
      );
    },
    lineFields: {},
    correctable: () => new Map(),
    submissions: noneSubmitted,
    submission: (submitted) => ({ ...submitted, items: [], isAccepted: false }),
  };
};

/** The submissions of a kind that has none. */
export const noneSubmitted = (): readonly Submitted[] => [];

/** The members that contain texts by people. */
const SHOWN_AS_TEXT: ReadonlySet<string> = new Set(['title', 'text', ...GROUNDS]);

const OWN_TEXTS = ['title', 'text'] as const;
/** The kinds of texts of which a record shows the last one. */
const DECLARED = [...OWN_TEXTS, 'owner'] as const;

/** Returns the pointers of an event's texts of a kind, including erased ones. */
const pointersIn = (
  { type, data, commitments }: ReadEvent,
  texts: TextsCode | undefined,
  wanted: TextKind,
): readonly Pointer[] =>
  Object.entries(texts?.at[type] ?? {}).flatMap(([pointer, kind]) =>
    kind === wanted && (Object.hasOwn(commitments, pointer) || typeof valueAt({ data }, pointer) === 'string')
      ? [pointer]
      : [],
  );

/** Returns the last event for each member of the data, including erased members. */
function lastByMember(events: readonly ReadEvent[]): ReadonlyMap<string, ReadEvent> {
  const last = new Map<string, ReadEvent>();
  for (const event of events) {
    if (redactionOf(event) !== null) continue;
    for (const member of membersOf(event)) last.set(member, event);
  }
  return last;
}

/** Returns the members of an event's data, including erased ones. */
const membersOf = ({ data, commitments }: ReadEvent): readonly string[] => [
  ...new Set([
    ...Object.keys(data),
    ...Object.keys(commitments).flatMap((pointer) => MEMBER.exec(pointer)?.[1] ?? []),
  ]),
];

const MEMBER = /^\/data\/([^/]+)$/;
