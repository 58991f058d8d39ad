import type { Actor, Envelope, Pointer } from '#event-sourcing/envelope';
import { valueAt } from '#event-sourcing/erasure';
import type { NamedValues } from '#event-sourcing/erasure';
import { atOnce, stopIfLong } from '#event-sourcing/folding';
import type { Folding } from '#event-sourcing/folding';
import { rowOf } from '#lifecycle/capability';
import type { Fold } from '#lifecycle/capability';
import { all } from '#lifecycle/decide';
import type { Foreseen, Rule } from '#lifecycle/decide';
import { identifier, labelled, list, meaning, optional } from '#lifecycle/fields';
import type { FoldedEvent } from '#lifecycle/folded-event';
import { seniorOf, otherStaffOf } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';
import { oneOfRoles, upperFirst } from '#lifecycle/words';
import { commandPayload, note } from '#lifecycle/shapes';
import type { PayloadOf } from '#lifecycle/shapes';
import { isSamePerson, personOf } from './persons.ts';
import { isComment, sameComment } from './comments.ts';
import { eventId, reason, whichEvent, why } from './fields.ts';
import type { Request } from './persons.ts';
import { present, withoutRedacted } from './redacted.ts';

/** The command that erases a text, also where it is recorded again after a restore. */
export const REDACT = 'redact-comment' as const;

/** What commands need in order to say who may redact what. */
export interface RedactionFacts {
  /** The live decisions that name what they decide. */
  readonly decisions: readonly TakenDecision[];
  /** Whose texts others of the staff than approvers may redact, unless they are among them. */
  readonly approversTexts: readonly ApproversText[];
}

/** Who decided on which events. */
interface TakenDecision {
  readonly by: Actor;
  readonly decides: readonly string[];
}

/** The persons who recorded or decided on a text that an approver recorded or decided on. */
type ApproversText = readonly string[];

/** A text that says again what others say, as an imported file does. */
export interface Sources {
  isSource(event: Pick<Envelope, 'type'>): boolean;
  /** Whether a source says one of some texts. */
  says(source: Envelope, texts: readonly string[]): Folding<boolean>;
}

/** More values than any event has. */
const POINTERS_MAX = 200;

export const REDACTIONS = {
  CommentRedacted: note({
    eventId: meaning(eventId, 'The event of which something was erased.'),
    erased: list(identifier(), 'The JSON pointers of what was erased.'),
    reason,
  }),
};

const RedactPayload = commandPayload('RedactPayload', {
  eventId: whichEvent(
    'The event that holds what is to be erased, as the events of the record give its id.',
    'Event',
    'Choose what to erase',
  ),
  pointers: optional(
    labelled(
      list(
        identifier(undefined, {
          form: { matches: /^(\/[^/]{1,64}){1,8}$/, says: 'must be a JSON pointer such as /data/text' },
        }),
        'JSON pointers of the values, as the commitments of the event name them; all where none is named.',
        { min: 1, max: POINTERS_MAX, isSet: true },
      ),
      'What to erase',
      { missing: 'Choose what to erase' },
    ),
  ),
  reason: why('Why it is erased', 'Do not repeat here what is erased.'),
});
type RedactPayload = PayloadOf<typeof RedactPayload>;
type RedactRule = Rule<RedactionFacts, RedactPayload>;

/** The event that is meant, as it stands without what was redacted before. */
const target = (history: readonly Envelope[], { eventId }: RedactPayload): Envelope | undefined =>
  withoutRedacted(history).find((event) => event.eventId === eventId);

const eventKnown: RedactRule = {
  code: 'event-not-found',
  holds: (_, payload, { history }) => target(history, payload) !== undefined,
  detail: (_, { eventId }) => `This record has no event ${eventId}; GET its events lists them`,
};

/** As what takes back an earlier event: before that one, there was nothing to erase. */
const notBeforeItsEvent: RedactRule = {
  code: 'effective-date-out-of-order',
  holds: (_, payload, { history, today }) =>
    (payload.effectiveOn ?? today) >= (target(history, payload)?.effectiveOn ?? ''),
  detail: (_, payload, { history, today }) =>
    `effectiveOn ${payload.effectiveOn ?? today} is earlier than ${target(history, payload)?.effectiveOn ?? ''}, from which on what it erases holds`,
};

const pointersSensitive: RedactRule = {
  code: 'not-redactable',
  holds: (_, payload, { history }) => {
    const event = target(history, payload);
    if (event === undefined) return true;
    const known = Object.keys(event.commitments);
    return known.length > 0 && (payload.pointers ?? []).every((pointer) => known.includes(pointer));
  },
  detail: (_, payload, { history }) => {
    const known = Object.keys(target(history, payload)?.commitments ?? {});
    return known.length === 0
      ? 'This event holds no free text: nothing of it can be redacted'
      : `Only free text can be redacted; of this event that is ${known.join(', ')}`;
  },
};

/** Whoever recorded an event by a command, or decided on it: its text is the ground of what they did. */
function barredFrom({ eventId, origin, actor }: Envelope, { decisions }: RedactionFacts): readonly Actor[] {
  const deciders = decisions.filter(({ decides }) => decides.includes(eventId)).map(({ by }) => by);
  return origin === 'command' ? [actor, ...deciders] : deciders;
}

const mayRedact = (kind: RecordKind): RedactRule => ({
  code: 'not-its-author',
  kind: 'people',
  holds: ({ facts }, payload, { history, actor, role }) => {
    const event = target(history, payload);
    if (event === undefined) return true;
    const barred = barredFrom(event, facts);
    if (barred.some(({ subject }) => isSamePerson(subject, actor.subject))) return false;
    const approver = seniorOf(kind);
    return role === approver || barred.some(({ roles }) => roles.includes(approver));
  },
  detail: ({ facts }, payload, { history, actor }) => {
    const event = target(history, payload);
    const isBarred =
      event !== undefined &&
      barredFrom(event, facts).some(({ subject }) => isSamePerson(subject, actor.subject));
    return isBarred
      ? 'You recorded this event or decided on it yourself; a second person must redact it'
      : whoRedacts(kind);
  },
});

function whoRedacts(kind: RecordKind): string {
  const approver = oneOfRoles([seniorOf(kind)]);
  const others = otherStaffOf(kind);
  return others.length === 0
    ? `${upperFirst(approver)} redacts this who neither recorded the event nor decided on it`
    : `${upperFirst(approver)} redacts this; ${oneOfRoles(others)} only where ${approver} recorded the event or decided on it`;
}

/** Whichever event is named, no approver is barred from it, or the others of the staff are as well. */
const noneToRedact = (kind: RecordKind): Foreseen<RedactionFacts> => ({
  code: 'not-its-author',
  kind: 'people',
  holds: ({ facts }, { actor, role }) =>
    role === seniorOf(kind) ||
    facts.approversTexts.some((persons) => !persons.includes(personOf(actor.subject))),
  detail: () => whoRedacts(kind),
});

const notYetRedacted: RedactRule = {
  code: 'not-yet-redacted',
  kind: 'state',
  holds: (_, payload, { history }) => {
    const event = target(history, payload);
    if (event === undefined) return true;
    const known = Object.keys(event.commitments);
    const asked = payload.pointers ?? known;
    // Whether a pointer can be redacted at all is another rule's to say.
    if (known.length === 0 || !asked.every((pointer) => known.includes(pointer))) return true;
    return asked.some((pointer) => present(event).includes(pointer));
  },
  detail: () => 'What you name was redacted already',
};

/** What of a stored event's data names what it decided on. */
const decidedBy = ({ data }: Pick<FoldedEvent, 'data'>): readonly string[] => {
  const { decides } = data;
  return Array.isArray(decides) ? decides.filter((each) => typeof each === 'string') : [];
};

const personsOf = (...subjects: readonly string[]): ApproversText =>
  [...new Set(subjects.map(personOf))].sort();

const isSame = (one: ApproversText, other: ApproversText): boolean =>
  one.length === other.length && one.every((person, index) => person === other[index]);

/** Whether it holds anything that can be erased, or did. */
function hasText({ data, commitments, sensitive = [] }: FoldedEvent): boolean {
  if (commitments !== undefined) return Object.keys(commitments).length > 0;
  return sensitive.some((pointer) => Object.hasOwn(data, pointer.split('/')[2] ?? ''));
}

/** Whose texts an approver recorded or decided on, each set of persons once; an event that adds none gives back the same list. */
function approversTextsAfter(
  kind: RecordKind,
  known: readonly ApproversText[],
  event: FoldedEvent,
  requests: () => Iterable<Request>,
): readonly ApproversText[] {
  if (event.origin !== 'command' || !event.actor.roles.includes(seniorOf(kind))) return known;
  const { subject } = event.actor;
  const decides = decidedBy(event);
  const added = hasText(event) ? [personsOf(subject)] : [];
  if (decides.length > 0) {
    const askedBy = new Map(
      Array.from(requests(), ({ eventId: asked, requester }) => [asked, requester] as const),
    );
    added.push(...decides.map((decided) => personsOf(askedBy.get(decided) ?? subject, subject)));
  }
  // One by one: those that are known are few, and of a long history's events nearly all add none.
  return added.reduce(
    (texts, persons) => (texts.some((each) => isSame(each, persons)) ? texts : [...texts, persons]),
    known,
  );
}

const textsAt = (event: Envelope, pointers: Iterable<Pointer>): string[] =>
  Array.from(pointers, (pointer) => valueAt(event, pointer)).filter((value) => typeof value === 'string');

/**
 * The events that say again what is erased of some: of comments that complete each other each has the text, or its
 * beginning, and what else was written with it, and all that one import corrected has that import's reason.
 */
function saidAgain(
  targets: readonly Envelope[],
  taken: ReadonlyMap<string, ReadonlySet<Pointer>>,
  events: readonly Envelope[],
) {
  const saying = (pointer: Pointer) =>
    targets.filter((target) => taken.get(target.eventId)?.has(pointer) === true);
  const written = targets.filter(isComment).flatMap(({ eventId }) => [...(taken.get(eventId) ?? [])]);
  // A correction has a reason of its own.
  const comments = [...new Set(written)]
    .filter((pointer) => pointer !== REASON)
    .map((pointer) => {
      const ids = saying(pointer).map(({ eventId }) => eventId);
      return { pointer, says: sameComment(events, ids) };
    });
  const imports = new Set(
    saying(REASON)
      .filter(({ origin }) => origin === 'import')
      .map(({ command }) => command.id),
  );
  return events
    .map((event) => ({
      event,
      erased: present(event).filter(
        (pointer) =>
          comments.some(({ pointer: at, says }) => says.has(event.eventId) && pointer === at) ||
          (imports.size > 0 && imports.has(event.command.id) && pointer === REASON),
      ),
    }))
    .filter((each) => each.erased.length > 0);
}

const REASON = '/data/reason';

interface RedactionOptions<Slice> {
  readonly kind: RecordKind;
  /** What waits for a decision, so that whoever requested it is known once it is decided; nothing where it is left out. */
  readonly requests?: (facts: Slice) => Iterable<Request>;
  /** None where it is left out. */
  readonly sources?: Sources;
}

/** What a redaction takes out with what it names. */
export function erasing(sources?: Sources) {
  const sourcesIn = (events: readonly Envelope[]): readonly Envelope[] =>
    sources === undefined ? [] : events.filter((event) => sources.isSource(event));

  /**
   * What values of some events are taken out with: the same text in comments that complete each other, the same reason in what one
   * import corrected, and every imported source in which they stand: a source is the text again.
   * @param events whole where a text of theirs is named, or they are a source; without what was redacted.
   * @returns the values that are named first, each event once.
   */
  function* closureOf(
    named: readonly NamedValues[],
    events: readonly Envelope[],
  ): Folding<readonly NamedValues[]> {
    const taken = new Map(named.map(({ eventId, erased }) => [eventId, new Set(erased)]));
    const take = (eventId: string, pointers: readonly Pointer[]): void => {
      if (pointers.length > 0) taken.set(eventId, (taken.get(eventId) ?? new Set()).union(new Set(pointers)));
    };
    const targets = events.filter(({ eventId }) => taken.has(eventId));
    yield* stopIfLong(events);
    for (const { event, erased } of saidAgain(targets, taken, events)) take(event.eventId, erased);
    yield* stopIfLong(events);
    const imported = new Set(targets.filter(({ origin }) => origin === 'import'));
    const texts = events.flatMap((event) => textsAt(event, taken.get(event.eventId) ?? new Set()));
    for (const source of sourcesIn(events)) {
      const isOfImport = imported.size > (imported.has(source) ? 1 : 0);
      if (isOfImport || (sources !== undefined && (yield* sources.says(source, texts))))
        take(source.eventId, present(source));
    }
    return [...taken].map(([eventId, erased]) => ({ eventId, erased: [...erased] }));
  }

  /** The events whose texts a redaction looks at: its target, what says the same again, and the imported sources. */
  function withTexts({ eventId: named, pointers }: RedactPayload, events: readonly Envelope[]): string[] {
    const event = events.find((each) => each.eventId === named);
    if (event === undefined) return [];
    const erased = present(event).filter((pointer) => pointers?.includes(pointer) ?? true);
    const others = saidAgain([event], new Map([[named, new Set(erased)]]), events)
      .map((each) => each.event.eventId)
      .filter((other) => other !== named);
    // An imported event takes every source with it, whatever that says.
    const read = event.origin === 'import' ? [] : sourcesIn(events);
    return [named, ...others, ...read.map((source) => source.eventId)];
  }

  /** The redaction of an event's values, and of what says the same (`closureOf`). */
  function redactions(payload: RedactPayload, history: readonly Envelope[]) {
    const { reason: ground, pointers } = payload;
    const events = withoutRedacted(history);
    const event = events.find((each) => each.eventId === payload.eventId);
    if (event === undefined) return [];
    const erased = present(event).filter((pointer) => pointers?.includes(pointer) ?? true);
    const taken = atOnce(closureOf([{ eventId: event.eventId, erased }], events));
    return taken.map((values) => ({ type: 'CommentRedacted', data: { ...values, reason: ground } }) as const);
  }

  return { closureOf, withTexts, redactions };
}

/**
 * Erasing free text for good: an approver of any event that they neither recorded nor decided on, else others of the staff. Its fold comes
 * before those that settle requests.
 */
export function redaction<Slice extends RedactionFacts = RedactionFacts>({
  kind,
  requests = () => [],
  sources,
}: RedactionOptions<Slice>) {
  const erased = erasing(sources);
  const fold: Fold<Slice> = (facts, event) => {
    const { origin, actor } = event;
    const approversTexts = approversTextsAfter(kind, facts.approversTexts, event, () => requests(facts));
    const decides = origin === 'command' ? decidedBy(event) : [];
    const isKnown = approversTexts === facts.approversTexts;
    if (isKnown && decides.length === 0) return facts;
    const decisions = decides.length === 0 ? facts.decisions : [...facts.decisions, { by: actor, decides }];
    return { ...facts, approversTexts, decisions };
  };

  return {
    events: REDACTIONS,
    initial: { decisions: [], approversTexts: [] } satisfies RedactionFacts as RedactionFacts,
    fold,
    ...erased,
    commands: {
      [REDACT]: rowOf<RedactionFacts, typeof REDACTIONS, RedactPayload>({
        summary:
          'Erases free text for good, of a comment or of any other event; that it was there stays proved.',
        payload: RedactPayload,
        roles: [seniorOf(kind), ...otherStaffOf(kind)],
        whenFull: true,
        emits: all('CommentRedacted'),
        history: erased.withTexts,
        foreseen: [noneToRedact(kind)],
        rules: [notYetRedacted, mayRedact(kind), eventKnown, pointersSensitive, notBeforeItsEvent],
        events: (_, payload, { history }) => erased.redactions(payload, history),
      }),
    },
    words: {
      commands: {
        [REDACT]: {
          title: 'Redact a text',
          purpose: 'Erase a text for good. That it was there stays on record.',
        },
      },
      headlines: { CommentRedacted: 'A text was redacted' },
    },
  };
}
