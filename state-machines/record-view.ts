import { redactionOf, withoutTexts } from '#event-sourcing/erasure';
import type { NamedValues } from '#event-sourcing/erasure';
import type { Envelope, JsonObject, JsonValue, Pointer } from '#event-sourcing/envelope';
import type { Folding } from '#event-sourcing/folding';
import type { Field } from '#lifecycle/fields';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { CommandedLifecycle, ReadEvent } from '#lifecycle/lifecycles';
import type { Pending, RecordParts, SubmittedItem } from './record-parts.ts';
import type { Sample } from './sample.ts';

/** What is said of every record. */
export type RecordHead = {
  readonly id: string;
  readonly status: string;
  readonly state: Readonly<Record<string, string>>;
  readonly version: number;
  readonly lifecycle: { readonly name: string; readonly version: number };
  readonly issuedOn: string;
};

/** What waits for a decision, as far as a lifecycle has it. */
type PendingParts = Partial<Pending>;

/** A record as it is shown: with the parts that its lifecycle has. */
export type ShownRecord = RecordHead &
  Partial<Omit<RecordParts, 'pending'>> & { readonly pending?: PendingParts };

/** What a record says of itself. A record that has no title has no member of that name; so with its text. */
export type RecordDetails = Partial<RecordParts>;

/** The texts that a record has of its own. */
export type OwnText = 'title' | 'text';

/** Something that was submitted, and the event that decided on it last. */
export interface Submitted {
  readonly event: ReadEvent;
  readonly decision: ReadEvent | null;
}

export interface SeenSubmission extends Submitted {
  readonly items: readonly SubmittedItem[];
  /** Whether the decision accepted it. */
  readonly isAccepted: boolean;
  /** Null where it was erased, absent where none was given. */
  readonly note?: string | null;
  /** What was said of it in the decision; null where it was erased, absent where nothing was. */
  readonly ground?: string | null;
}

/** What an event says besides what people wrote; null where it was erased or is withheld. Those that pages know are named. */
export interface Said {
  readonly [member: string]: JsonValue | undefined;
  readonly decides?: readonly string[];
  readonly notConsidered?: readonly string[];
  readonly considers?: readonly string[];
  readonly completes?: string;
  readonly recipient?: string;
  readonly owner?: string | null;
  readonly supersedes?: string;
  readonly supersededBy?: string;
  /** The event of which something was erased, and the one that a correction is about. */
  readonly redacts?: string;
  readonly corrects?: string;
  readonly visibility?: 'public' | 'internal';
  /** The names of what was submitted. */
  readonly evidence?: readonly (string | null)[];
}

/** What of a record waits for somebody, as its page tells it. */
export interface ShownWait {
  /** The name that the summary has for it, where it has one. */
  readonly name?: string;
  /** A sentence without its full stop. */
  readonly what: string;
  /** Who requested it (null: not known), and when; absent where it is no request. */
  readonly requested?: { readonly by: string | null; readonly on: string };
  /** The command that comes next, and what a link to its form says; that one decides, where nothing is said. */
  readonly command: string;
  readonly does?: string;
}

/** A state of a region that a page tells of, with a link to the event that led to it. */
export interface Highlight {
  readonly region: string;
  readonly state: string;
  readonly link: string;
  /** The kind of deadlines that are met by it, of which a claim is told. */
  readonly meets: string;
}

/** What people give as a ground of what they do; null where it was erased or is withheld, absent where none was given. */
export interface Grounds {
  /** In words, or a code that was chosen. */
  readonly reason?: string | null;
  readonly statement?: string | null;
  readonly note?: string | null;
}

const GROUNDS = ['reason', 'statement', 'note'] as const;

/** What an event says by a member that can be erased: null where it was, or is withheld; undefined where nothing was said. */
export const saidBy = ({ data, commitments }: ReadEvent, member: string): JsonValue | undefined =>
  data[member] ?? (Object.hasOwn(commitments, `/data/${member}`) ? null : undefined);

export function groundsOf(event: ReadEvent): Grounds {
  const given = GROUNDS.map((member) => [member, saidBy(event, member)] as const);
  return Object.fromEntries(given.filter(([, value]) => value === null || typeof value === 'string'));
}

/** How records of a lifecycle are read, as far as one lifecycle differs from another. */
export interface RecordView<Facts = unknown> {
  /** The state of each region at the end of a day, and what is computed beside it. */
  stateOn(state: LifecycleState<Facts>, day: string): Readonly<Record<string, string>>;
  /**
   * A record as it is shown.
   * @param taken the events that a view takes, in its order.
   */
  show(head: RecordHead, state: LifecycleState<Facts>, taken: readonly ReadEvent[], day: string): ShownRecord;
  /** What a record says of itself, by its events; a member is null where it was never given or has been erased. */
  details(taken: readonly ReadEvent[]): RecordDetails;
  /** Those of the events whose texts `show` needs; an event can be there twice. */
  telling(taken: readonly ReadEvent[]): readonly ReadEvent[];
  /** Which of the record's own texts an event says. */
  says(event: ReadEvent): readonly OwnText[];
  /** A stored event without what people wrote, except what states are folded from. */
  light(stored: Envelope): Envelope;
  /** The ids of the events of the same record that an event names. */
  names(events: readonly ReadEvent[]): (event: ReadEvent) => readonly string[];
  /** The ids of the events whose texts `erasedWith` needs. */
  textsErasedWith(named: NamedValues, events: readonly Envelope[]): readonly string[];
  /** The values that are erased, or withheld, together with others, these included: what says the same again. */
  erasedWith(named: readonly NamedValues[], events: readonly Envelope[]): Folding<readonly NamedValues[]>;
  /** The values that are only withheld together with one of an event. */
  withheldWith(event: Envelope, pointer: string): readonly string[];
  /** What stands in the place of each event in a history: itself, or one that takes its place; null for one that has taken another's. */
  standIns(events: readonly ReadEvent[]): (event: ReadEvent) => ReadEvent | null;
  /** What an event says besides what people wrote, by the members of its data. */
  said(event: ReadEvent): Said;
  /** What the members mean that `said` gives. */
  readonly saidFields: Readonly<Record<string, Field>>;
  /** Where an event holds what it says by a member, an item of it where there are several; null for the member of that name. */
  saidAt?(member: string, index: number): Pointer | null;
  /** The columns of a record as CSV that stand before all other members. */
  readonly columns?: readonly string[];
  /** What can be corrected in events, by their ids. */
  readonly correctable: (taken: readonly ReadEvent[]) => ReadonlyMap<string, readonly string[]>;
  /** The command by which a correction of them is requested; absent where nothing can be corrected. */
  readonly correctBy?: string;
  /** What was submitted, oldest first. */
  readonly submissions: (taken: readonly ReadEvent[]) => readonly Submitted[];
  /** The same with its texts. */
  submission(submitted: Submitted): SeenSubmission;
  /** What waits for somebody, of a record as it is shown; what else its summary says to wait is told by its name. */
  waits?(record: ShownRecord): readonly ShownWait[];
  readonly highlights?: readonly Highlight[];
  /** The names of what waits for a decision, as two views of a record are compared; none where nothing waits. */
  waiting?(
    record: ShownRecord,
    whole: (eventIds: ReadonlySet<string>) => Promise<readonly ReadEvent[]>,
  ): Promise<readonly (readonly [what: string, JsonValue])[]>;
}

/** How its records are read beside the commands that they take. */
export interface ViewedLifecycle<Facts = unknown> extends CommandedLifecycle<Facts> {
  /** As `PLAIN_VIEW` if absent. */
  readonly view?: RecordView<Facts>;
  /** Records for the demo, read where they are made alone; absent where it has none. */
  readonly sample?: () => Promise<Sample>;
}

/** How records are read of which a lifecycle says nothing more: they show what their events said last. */
export const PLAIN_VIEW: RecordView = {
  stateOn: ({ value }) => value,
  show: (head, _, taken) => ({ ...head, ...PLAIN_VIEW.details(taken) }),
  details(taken) {
    const says: JsonObject = Object.fromEntries(
      [...lastSaying(taken)].map(([member, event]) => [member, saidBy(event, member) ?? null] as const),
    );
    const { title, text } = says;
    return {
      ...((typeof title === 'string' || title === null) && { title }),
      ...((typeof text === 'string' || text === null) && { text }),
      says,
    };
  },
  telling: (taken) => [...lastSaying(taken).values()],
  says: (event) => OWN_TEXTS.filter((member) => Object.hasOwn(event.commitments, `/data/${member}`)),
  light: (stored) => withoutTexts(stored, []),
  names:
    () =>
    ({ causationId }) =>
      causationId === null ? [] : [causationId],
  textsErasedWith: ({ eventId }) => [eventId],
  // eslint-disable-next-line require-yield -- nothing takes long here
  *erasedWith(named) {
    return named;
  },
  withheldWith: (_, pointer) => [pointer],
  standIns: () => (event) => event,
  said: (event) => {
    const redaction = redactionOf(event);
    if (redaction !== null) return { redacts: redaction.eventId };
    const told = membersOf(event).filter((member) => !TOLD_AS_WORDS.has(member));
    return Object.fromEntries(told.map((member) => [member, saidBy(event, member)]));
  },
  saidFields: {},
  correctable: () => new Map(),
  submissions: () => [],
  submission: (submitted) => ({ ...submitted, items: [], isAccepted: false }),
};

/** What is told as the words that people wrote. */
const TOLD_AS_WORDS: ReadonlySet<string> = new Set(['title', 'text', ...GROUNDS]);

const OWN_TEXTS = ['title', 'text'] as const;

/** The last event that says each member of its data, also where that was erased. */
function lastSaying(taken: readonly ReadEvent[]): ReadonlyMap<string, ReadEvent> {
  const last = new Map<string, ReadEvent>();
  for (const event of taken) {
    if (redactionOf(event) !== null) continue;
    for (const member of membersOf(event)) last.set(member, event);
  }
  return last;
}

/** The members of an event's data, also those that were erased. */
const membersOf = ({ data, commitments }: ReadEvent): readonly string[] => [
  ...new Set([
    ...Object.keys(data),
    ...Object.keys(commitments).flatMap((pointer) => MEMBER.exec(pointer)?.[1] ?? []),
  ]),
];

const MEMBER = /^\/data\/([^/]+)$/;
