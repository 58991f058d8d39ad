import type { Actor, Envelope, Pointer } from '#event-sourcing/envelope';
import { valueAt } from '#event-sourcing/erasure';
import type { NamedValues } from '#event-sourcing/erasure';
import { atOnce, stopIfLong } from '#event-sourcing/folding';
import type { Folding } from '#event-sourcing/folding';
import { rowOf } from '#lifecycle/capability';
import type { Fold } from '#lifecycle/capability';
import type { Precondition, Rule } from '#lifecycle/decide';
import { identifier, withLabel, list, withDescription, optional } from '#lifecycle/fields';
import type { FoldedEvent } from '#lifecycle/folded-event';
import { seniorOf, otherStaffOf } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';
import { oneOfRoles } from '#lifecycle/words';
import { changing, commandPayload, note } from '#lifecycle/shapes';
import type { PayloadOf } from '#lifecycle/shapes';
import { isSamePerson, personOf } from './persons.ts';
import { isComment, sameComment } from './comments.ts';
import { eventId, reason, whichEvent, why } from './fields.ts';
import type { Request } from './persons.ts';
import { judgingOf } from './recipients.ts';
import { presentPointers, withoutRedacted } from './redacted.ts';

/** The command that erases a text. After a restore it is also used to erase the text again. */
export const REDACT = 'redact-comment' as const;

/** The facts that the redaction command needs. */
export interface RedactionFacts {
  /** The decisions by commands, with the events that they decided. */
  readonly decisions: readonly RecordedDecision[];
  /**
   * The texts that an approver recorded or decided on, which other staff may redact, except those who recorded or
   * decided on them.
   */
  readonly approversTexts: readonly ApproversText[];
}

/** A decision: its actor, and the events that it decided. */
interface RecordedDecision {
  readonly by: Actor;
  readonly decides: readonly string[];
}

type Requested = Pick<Request, 'eventId' | 'requester'>;

/** The people who recorded or decided on a text; at least one is an approver. */
type ApproversText = readonly string[];

/** Finds events that repeat the texts of others, such as imported files. */
export interface Sources {
  isSource(event: Pick<Envelope, 'type'>): boolean;
  containsAny(source: Envelope, texts: readonly string[]): Folding<boolean>;
}

/** The most pointers of a payload; no event has as many values. */
const POINTERS_MAX = 200;

export const REDACTIONS = {
  CommentRedacted: changing(
    ({ eventId: of }, partOf) => (typeof of === 'string' ? partOf(of) : null),
    note({
      eventId: withDescription(eventId, 'The id of the event with the erased values.'),
      erased: list(identifier(), 'The JSON pointers of the erased values.'),
      reason,
    }),
  ),
};

const RedactPayload = commandPayload('RedactPayload', {
  eventId: whichEvent('The id of the event with the values to erase.', 'Event', 'Choose what to erase'),
  pointers: optional(
    withLabel(
      list(
        identifier(undefined, {
          form: { matches: /^(\/[^/]{1,64}){1,8}$/, message: 'must be a JSON pointer such as /data/text' },
        }),
        'The JSON pointers of the values to erase, as listed in the commitments of the event; all values if absent.',
        { min: 1, max: POINTERS_MAX, isSet: true },
      ),
      'What to erase',
      { missing: 'Choose what to erase' },
    ),
  ),
  reason: why('Reason for erasing it', 'Do not repeat the erased text here.'),
});
type RedactPayload = PayloadOf<typeof RedactPayload>;
type RedactRule = Rule<RedactionFacts, RedactPayload>;

/** Returns the event to redact, without the values that were redacted earlier. */
const target = (history: readonly Envelope[], { eventId }: RedactPayload): Envelope | undefined =>
  withoutRedacted(history).find((event) => event.eventId === eventId);

const eventKnown: RedactRule = {
  code: 'event-not-found',
  isMet: (_, payload, { history }) => target(history, payload) !== undefined,
  detail: (_, { eventId }) => `This record has no event ${eventId}; list its events to find the id`,
};

/** Refuses a redaction whose effective date is before the event that it erases. */
const notBeforeItsEvent: RedactRule = {
  code: 'effective-date-out-of-order',
  isMet: (_, payload, { history, today }) =>
    (payload.effectiveOn ?? today) >= (target(history, payload)?.effectiveOn ?? ''),
  detail: (_, payload, { history, today }) =>
    `effectiveOn ${payload.effectiveOn ?? today} is earlier than ${target(history, payload)?.effectiveOn ?? ''}, the date of the event to redact`,
};

const pointersSensitive: RedactRule = {
  code: 'not-redactable',
  isMet: (_, payload, { history }) => {
    const event = target(history, payload);
    if (event === undefined) return true;
    const known = Object.keys(event.commitments);
    return known.length > 0 && (payload.pointers ?? []).every((pointer) => known.includes(pointer));
  },
  detail: (_, payload, { history }) => {
    const known = Object.keys(target(history, payload)?.commitments ?? {});
    return known.length === 0
      ? 'This event has no free text, so there is nothing to redact'
      : `Only free text can be redacted; in this event that is ${known.join(', ')}`;
  },
};

/**
 * Returns the people who recorded or imported an event or decided on it, and may not redact it, because the text
 * documents their own action.
 */
function barredFrom({ eventId, actor }: Envelope, { decisions }: RedactionFacts): readonly Actor[] {
  const deciders = decisions.filter(({ decides }) => decides.includes(eventId)).map(({ by }) => by);
  return [actor, ...deciders];
}

const mayRedact = (kind: RecordKind, sources: Sources): RedactRule => {
  /** Returns the people barred from the event, and from the imported sources that are erased with an imported event. */
  const barredBy = (facts: RedactionFacts, event: Envelope, history: readonly Envelope[]) =>
    [event, ...(event.origin === 'import' ? history.filter((each) => sources.isSource(each)) : [])].flatMap(
      (each) => barredFrom(each, facts),
    );
  return {
    code: 'not-its-author',
    kind: 'people',
    isMet: ({ facts }, payload, { history, actor, role }) => {
      const event = target(history, payload);
      if (event === undefined) return true;
      const barred = barredBy(facts, event, history);
      if (barred.some(({ subject }) => isSamePerson(subject, actor.subject))) return false;
      const approver = seniorOf(kind);
      return role === approver || barred.some(({ roles }) => roles.includes(approver));
    },
    detail: ({ facts }, payload, { history, actor }) => {
      const event = target(history, payload);
      const isBarred =
        event !== undefined &&
        barredBy(facts, event, history).some(({ subject }) => isSamePerson(subject, actor.subject));
      return isBarred
        ? 'You recorded this event or decided on it; a second person must redact it'
        : whoRedacts(kind);
    },
  };
};

function whoRedacts(kind: RecordKind): string {
  const approver = oneOfRoles([seniorOf(kind)]);
  const others = otherStaffOf(kind);
  return others.length === 0
    ? `Only ${approver} who neither recorded the event nor decided on it may redact this`
    : `Only ${approver} may redact this, or ${oneOfRoles(others)} if ${approver} recorded the event or decided on it`;
}

/** Fails if the person is not an approver and may redact no event of the record. */
const noneToRedact = (kind: RecordKind): Precondition<RedactionFacts> => ({
  code: 'not-its-author',
  kind: 'people',
  isMet: ({ facts }, { actor, role }) =>
    role === seniorOf(kind) ||
    facts.approversTexts.some((persons) => !persons.includes(personOf(actor.subject))),
  detail: () => whoRedacts(kind),
});

const notYetRedacted: RedactRule = {
  code: 'not-yet-redacted',
  kind: 'state',
  isMet: (_, payload, { history }) => {
    const event = target(history, payload);
    if (event === undefined) return true;
    const known = Object.keys(event.commitments);
    const requested = payload.pointers ?? known;
    // Another rule checks whether the pointers can be redacted.
    if (known.length === 0 || !requested.every((pointer) => known.includes(pointer))) return true;
    return requested.some((pointer) => presentPointers(event).includes(pointer));
  },
  detail: () => 'This was already redacted',
};

/** Returns the ids of the events that a stored event decided. */
const decidedBy = ({ data }: Pick<FoldedEvent, 'data'>): readonly string[] => {
  const { decides } = data;
  return Array.isArray(decides) ? decides.filter((each) => typeof each === 'string') : [];
};

const personsOf = (...subjects: readonly string[]): ApproversText =>
  [...new Set(subjects.map(personOf))].sort();

const isSame = (one: ApproversText, other: ApproversText): boolean =>
  one.length === other.length && one.every((person, index) => person === other[index]);

/** Returns whether the event contains, or contained, erasable text. */
function hasText({ data, commitments, sensitive = [] }: FoldedEvent): boolean {
  if (commitments !== undefined) return Object.keys(commitments).length > 0;
  return sensitive.some((pointer) => Object.hasOwn(data, pointer.split('/')[2] ?? ''));
}

/**
 * Returns the texts that an approver recorded or decided on, each set of people once; the same list if the event adds
 * none.
 */
function approversTextsAfter(
  kind: RecordKind,
  known: readonly ApproversText[],
  event: FoldedEvent,
  requests: () => Iterable<Requested>,
): readonly ApproversText[] {
  if (!event.actor.roles.includes(seniorOf(kind))) return known;
  const { subject } = event.actor;
  const decides = decidedBy(event);
  const added = hasText(event) ? [personsOf(subject)] : [];
  if (decides.length > 0) {
    const requesterOf = new Map(
      Array.from(requests(), ({ eventId: requestId, requester }) => [requestId, requester] as const),
    );
    added.push(...decides.map((decided) => personsOf(requesterOf.get(decided) ?? subject, subject)));
  }
  // Texts are compared one by one, because the list is short and most events add nothing.
  return added.reduce(
    (texts, persons) => (texts.some((each) => isSame(each, persons)) ? texts : [...texts, persons]),
    known,
  );
}

const textsAt = (event: Envelope, pointers: Iterable<Pointer>): string[] =>
  Array.from(pointers, (pointer) => valueAt(event, pointer)).filter((value) => typeof value === 'string');

/**
 * Returns the events that repeat erased text: comments that complete each other repeat the text and the values written
 * with it, and all corrections of one import have the same reason.
 */
function repetitionsOf(
  targets: readonly Envelope[],
  erasures: ReadonlyMap<string, ReadonlySet<Pointer>>,
  events: readonly Envelope[],
) {
  const targetsWith = (pointer: Pointer) =>
    targets.filter((target) => erasures.get(target.eventId)?.has(pointer) === true);
  const written = targets.filter(isComment).flatMap(({ eventId }) => [...(erasures.get(eventId) ?? [])]);
  // The reason of a correction is a text of its own.
  const comments = [...new Set(written)]
    .filter((pointer) => pointer !== REASON)
    .map((pointer) => {
      const ids = targetsWith(pointer).map(({ eventId }) => eventId);
      return { pointer, sameComments: sameComment(events, ids) };
    });
  const imports = new Set(
    targetsWith(REASON)
      .filter(({ origin }) => origin === 'import')
      .map(({ command }) => command.id),
  );
  return events
    .map((event) => ({
      event,
      erased: presentPointers(event).filter(
        (pointer) =>
          comments.some(
            ({ pointer: at, sameComments }) => sameComments.has(event.eventId) && pointer === at,
          ) ||
          (imports.size > 0 && imports.has(event.command.id) && pointer === REASON),
      ),
    }))
    .filter((each) => each.erased.length > 0);
}

const REASON = '/data/reason';

interface RedactionOptions<Slice> {
  readonly kind: RecordKind;
  /** Returns the pending requests, whose requesters must be known after the decision. */
  readonly requests: (facts: Slice) => Iterable<Requested>;
  /** The events that repeat texts. */
  readonly sources: Sources;
}

/** Returns functions that find the values that a redaction must erase together. */
function erasing(sources: Sources) {
  const sourcesIn = (events: readonly Envelope[]): readonly Envelope[] =>
    events.filter((event) => sources.isSource(event));

  /**
   * Returns the values to erase together, those of the redaction first, each event once: the same text in comments that
   * complete each other, the same reason in corrections of one import, and every imported source that contains them.
   * @param events without redacted values. They must be complete if they are sources or a text of theirs is to be
   *   erased.
   */
  function* closureOf(
    named: readonly NamedValues[],
    events: readonly Envelope[],
  ): Folding<readonly NamedValues[]> {
    const erasures = new Map(named.map(({ eventId, erased }) => [eventId, new Set(erased)]));
    const add = (eventId: string, pointers: readonly Pointer[]): void => {
      if (pointers.length > 0)
        erasures.set(eventId, (erasures.get(eventId) ?? new Set()).union(new Set(pointers)));
    };
    const targets = events.filter(({ eventId }) => erasures.has(eventId));
    yield* stopIfLong(events);
    for (const { event, erased } of repetitionsOf(targets, erasures, events)) add(event.eventId, erased);
    yield* stopIfLong(events);
    const imported = new Set(targets.filter(({ origin }) => origin === 'import'));
    const texts = events.flatMap((event) => textsAt(event, erasures.get(event.eventId) ?? new Set()));
    for (const source of sourcesIn(events)) {
      const isOfImport = imported.size > (imported.has(source) ? 1 : 0);
      if (isOfImport || (yield* sources.containsAny(source, texts)))
        add(source.eventId, presentPointers(source));
    }
    return [...erasures].map(([eventId, erased]) => ({ eventId, erased: [...erased] }));
  }

  /**
   * Returns the ids of the events whose texts a redaction reads: its target, repetitions of its text, and imported
   * sources.
   */
  function withTexts({ eventId: named, pointers }: RedactPayload, events: readonly Envelope[]): string[] {
    const event = events.find((each) => each.eventId === named);
    if (event === undefined) return [];
    const erased = presentPointers(event).filter((pointer) => pointers?.includes(pointer) ?? true);
    const others = repetitionsOf([event], new Map([[named, new Set(erased)]]), events)
      .map((each) => each.event.eventId)
      .filter((other) => other !== named);
    // The redaction of an imported event erases every source, so their texts need not be read.
    const read = event.origin === 'import' ? [] : sourcesIn(events);
    return [named, ...others, ...read.map((source) => source.eventId)];
  }

  /** Returns the redaction of an event's values and of their repetitions, as returned by `closureOf`. */
  function redactions(payload: RedactPayload, history: readonly Envelope[]) {
    const { reason: ground, pointers } = payload;
    const events = withoutRedacted(history);
    const event = events.find((each) => each.eventId === payload.eventId);
    if (event === undefined) return [];
    const erased = presentPointers(event).filter((pointer) => pointers?.includes(pointer) ?? true);
    const closure = atOnce(closureOf([{ eventId: event.eventId, erased }], events));
    return closure.map(
      (values) => ({ type: 'CommentRedacted', data: { ...values, reason: ground } }) as const,
    );
  }

  return { closureOf, withTexts, redactions };
}

/**
 * Returns the capability of permanently erasing free text. An approver who neither recorded nor decided on the event
 * does so; other staff otherwise. Its fold must run before those that settle requests.
 */
export function redaction<Slice extends RedactionFacts = RedactionFacts>({
  kind,
  requests,
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
      [REDACT]: judgingOf(kind)(
        rowOf<RedactionFacts, typeof REDACTIONS, RedactPayload>({
          summary:
            'Permanently erases free text of a comment or any other event; the history still proves that the text existed.',
          payload: RedactPayload,
          roles: [seniorOf(kind), ...otherStaffOf(kind)],
          whenFull: true,
          emits: ['CommentRedacted'],
          history: erased.withTexts,
          preconditions: [noneToRedact(kind)],
          rules: [notYetRedacted, mayRedact(kind, sources), eventKnown, pointersSensitive, notBeforeItsEvent],
          events: (_, payload, { history }) => erased.redactions(payload, history),
        }),
      ),
    },
    words: {
      commands: {
        [REDACT]: {
          title: 'Redact text',
          purpose: 'Permanently erase text. The history still shows that there was text here.',
        },
      },
      headlines: { CommentRedacted: 'Text redacted' },
    },
  };
}
