import type { Actor, Envelope, Pointer } from '#event-sourcing/envelope';
import { eraseFromEnvelope, redactionOf, valueAt } from '#event-sourcing/erasure';
import type { NamedValues } from '#event-sourcing/erasure';
import { atOnce, stopIfLong } from '#event-sourcing/folding';
import type { Folding } from '#event-sourcing/folding';
import type { Foreseen, Rule } from '#lifecycle/decide';
import { events as eventTypes } from './events.ts';
import type { Facts } from './facts.ts';
import { isSamePerson, personOf } from '../../access.ts';
import type { RedactPayload } from './payloads.ts';
import { sameComment } from './record.ts';
import { asRecordEvent, asRecordEvents, isNamed } from './record-event.ts';
import type { DecidedRecordEvent, RecordEvent } from './record-event.ts';

/** The events without the values that redactions among them name, also where those are still to be erased. */
export function withoutRedacted<Event extends Envelope>(events: readonly Event[]): Event[] {
  const gone = new Map<string, Pointer[]>();
  for (const event of events) {
    const redaction = redactionOf(event);
    if (redaction === null) continue;
    const { eventId, erased } = redaction;
    gone.set(eventId, [...(gone.get(eventId) ?? []), ...erased]);
  }
  if (gone.size === 0) return [...events];
  return events.map((event) => eraseFromEnvelope(event, gone.get(event.eventId) ?? []));
}

/** The event that is meant, as it stands without what was redacted before. */
const target = (history: readonly Envelope[], { eventId }: RedactPayload): Envelope | undefined =>
  withoutRedacted(history).find((event) => event.eventId === eventId);

/** The values of an event that are there and can be erased. */
export const present = ({ commitments, salts }: Envelope): Pointer[] =>
  Object.keys(commitments).filter((pointer) => Object.hasOwn(salts, pointer));

export const eventKnown: Rule<Facts, RedactPayload> = {
  code: 'event-not-found',
  holds: (_, payload, { history }) => target(history, payload) !== undefined,
  detail: (_, { eventId }) => `This record has no event ${eventId}; GET its events lists them`,
};

/** As what takes back an earlier event: before that one, there was nothing to erase. */
export const notBeforeItsEvent: Rule<Facts, RedactPayload> = {
  code: 'effective-date-out-of-order',
  holds: (_, payload, { history, today }) =>
    (payload.effectiveOn ?? today) >= (target(history, payload)?.effectiveOn ?? ''),
  detail: (_, payload, { history, today }) =>
    `effectiveOn ${payload.effectiveOn ?? today} is earlier than ${target(history, payload)?.effectiveOn ?? ''}, from which on what it erases holds`,
};

export const pointersSensitive: Rule<Facts, RedactPayload> = {
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
function barredFrom({ eventId, origin, actor }: Envelope, { decisions }: Facts): readonly Actor[] {
  const deciders = decisions.filter(({ decides }) => decides.includes(eventId)).map(({ by }) => by);
  return origin === 'command' ? [actor, ...deciders] : deciders;
}

export const mayRedact: Rule<Facts, RedactPayload> = {
  code: 'not-its-author',
  kind: 'people',
  holds: ({ facts }, payload, { history, actor, role }) => {
    const event = target(history, payload);
    if (event === undefined) return true;
    const barred = barredFrom(event, facts);
    if (barred.some(({ subject }) => isSamePerson(subject, actor.subject))) return false;
    return role === 'approver' || barred.some(({ roles }) => roles.includes('approver'));
  },
  detail: ({ facts }, payload, { history, actor }) => {
    const event = target(history, payload);
    const isBarred =
      event !== undefined &&
      barredFrom(event, facts).some(({ subject }) => isSamePerson(subject, actor.subject));
    return isBarred
      ? 'You recorded this event or decided on it yourself; a second person must redact it'
      : WHEN_INSPECTOR;
  },
};

const WHEN_INSPECTOR =
  'An approver redacts this; an inspector only where an approver recorded the event or decided on it';

/** Whichever event is named, no approver is barred from it, or the inspector is as well. */
export const noneToRedact: Foreseen<Facts> = {
  code: 'not-its-author',
  kind: 'people',
  holds: ({ facts }, { actor, role }) =>
    role === 'approver' || facts.approversTexts.some((persons) => !persons.includes(personOf(actor.subject))),
  detail: () => WHEN_INSPECTOR,
};

export const notYetRedacted: Rule<Facts, RedactPayload> = {
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

/** The redaction of an event's values, and of what says the same (`closureOf`). */
export function redactions(payload: RedactPayload, history: readonly Envelope[]): DecidedRecordEvent[] {
  const { reason, pointers } = payload;
  const events = withoutRedacted(history);
  const event = events.find(({ eventId }) => eventId === payload.eventId);
  if (event === undefined) return [];
  const erased = present(event).filter((pointer) => pointers?.includes(pointer) ?? true);
  const taken = atOnce(closureOf([{ eventId: event.eventId, erased }], events));
  return taken.map((values) => ({ type: 'CommentRedacted', data: { ...values, reason } }));
}

/**
 * What values of some events are taken out with: the same text in comments that complete each other, the same reason in what one
 * import corrected, and every imported source in which they stand: a source is the text again.
 * @param events whole where a text of theirs is named, or they are a source; without what was redacted.
 * @returns the values that are named first, each event once.
 */
export function* closureOf(
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
  for (const source of events.filter(isSource)) {
    const isOfImport = imported.size > (imported.has(source) ? 1 : 0);
    if (isOfImport || (yield* standsIn(asRecordEvent(source), texts))) take(source.eventId, present(source));
  }
  return [...taken].map(([eventId, erased]) => ({ eventId, erased: [...erased] }));
}

const textsAt = (event: Envelope, pointers: Iterable<Pointer>): string[] =>
  Array.from(pointers, (pointer) => valueAt(event, pointer)).filter((value) => typeof value === 'string');

/** The events whose texts a redaction looks at: its target, what says the same again, and the imported sources. */
export function withTexts({ eventId, pointers }: RedactPayload, events: readonly Envelope[]): string[] {
  const event = events.find((each) => each.eventId === eventId);
  if (event === undefined) return [];
  const erased = present(event).filter((pointer) => pointers?.includes(pointer) ?? true);
  const others = saidAgain([event], new Map([[eventId, new Set(erased)]]), events)
    .map((each) => each.event.eventId)
    .filter((other) => other !== eventId);
  // An imported event takes every source with it, whatever that says.
  const sources = event.origin === 'import' ? [] : events.filter(isSource);
  return [eventId, ...others, ...sources.map((source) => source.eventId)];
}

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
    targets.filter(({ eventId }) => isNamed([...(taken.get(eventId) ?? [])], pointer));
  const comments = OF_A_COMMENT.map((pointer) => {
    const ids = saying(pointer).map(({ eventId }) => eventId);
    const says = ids.length > 0 ? sameComment(asRecordEvents(events), ids) : new Set<string>();
    return { pointer, says };
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
          comments.some(({ pointer: at, says }) => says.has(event.eventId) && isNamed([pointer], at)) ||
          (imports.size > 0 && imports.has(event.command.id) && isNamed([pointer], REASON)),
      ),
    }))
    .filter((each) => each.erased.length > 0);
}

const isSource = ({ type }: Envelope): boolean => type === 'RegisterRecordImported';

const REASON = '/data/reason';
/** What a comment says, and its corrections say again. */
const OF_A_COMMENT = eventTypes.CommentAdded.sensitive.filter((pointer) => pointer !== REASON);

/** From how many letters on a text that stands in a source as a part of it is taken for the same. */
const PART_LETTERS_MIN = 20;

/**
 * Whether a source says one of the texts, however its lines are broken and its words set apart: as a whole entry, title or
 * text, or, where it is long enough to be no coincidence, as a part of one.
 */
function* standsIn({ type, data }: RecordEvent, texts: readonly string[]): Folding<boolean> {
  if (type !== 'RegisterRecordImported' || data.source === undefined) return false;
  const { source } = data;
  const bytes = Uint8Array.from(atob(source), (character) => character.charCodeAt(0));
  const { said, bounds } = segments(new TextDecoder().decode(bytes));
  for (const [index, written] of texts.entries()) {
    const text = letters(written);
    if (text !== '' && isSaid(text, said, bounds)) return true;
    if (index % TEXTS_AT_ONCE === TEXTS_AT_ONCE - 1) yield;
  }
  return false;
}

/** A source is looked through for so many in some milliseconds. */
const TEXTS_AT_ONCE = 50;

function isSaid(text: string, said: string, bounds: ReadonlySet<number>): boolean {
  for (let at = said.indexOf(text); at >= 0; at = said.indexOf(text, at + 1)) {
    if (text.length >= PART_LETTERS_MIN) return true;
    if (bounds.has(at) && bounds.has(at + text.length)) return true;
  }
  return false;
}

/** Where an entry, or the title without its reference, begins or ends in a source: at a tag, and at the end of a line. */
const BOUND = /\[\/?(?:on|status|comment)\]|\r\n?|\n|\([A-Za-z0-9._-]{1,64}\)[^\S\r\n]*(?=[\r\n]|$)/gi;

/** A source's letters, and at which of them its parts begin and end. */
function segments(source: string): { said: string; bounds: ReadonlySet<number> } {
  const bounds = new Set([0]);
  const parts: string[] = [];
  let length = 0;
  let from = 0;
  const take = (to: number): void => {
    const part = letters(source.slice(from, to));
    parts.push(part);
    length += part.length;
    bounds.add(length);
  };
  for (const bound of source.matchAll(BOUND)) {
    take(bound.index);
    // A reference is a part of its own, so that a title with it is a whole as well.
    from = bound[0].startsWith('(') ? bound.index : bound.index + bound[0].length;
  }
  take(source.length);
  return { said: parts.join(''), bounds };
}

/** What a printer may set apart or trim is left out: it is the rest that says something. */
const letters = (text: string): string => text.replaceAll(/[\s\u0085\u200b\ufeff]+/g, '');
