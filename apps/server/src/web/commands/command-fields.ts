import type { TimelineItem } from '#read-models/timeline/timeline';
import { isOfTheRecipient, WRITES_INTERNAL, isSamePerson } from '#state-machines/access';
import type { Correction } from '#state-machines/inspection-recommendation/v1/events';
import { wordsOf } from '#lifecycle/fields';
import { reasonCode } from '#state-machines/inspection-recommendation/v1/record-fields';
import { commands } from '#state-machines/inspection-recommendation/v1/policy';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import type { SeenRedaction } from '#use-cases/records/see-redaction';
import type { SeenRecord } from '#use-cases/records/see-record';
import { longDate } from '../dates.ts';
import type { Field, FieldChoice } from '../forms/fields.ts';
import type { FormValues } from '../form-values.ts';
import { fieldsOf } from '../forms/member-fields.ts';
import type { Asks } from '../forms/member-fields.ts';
import { readByAll, visibilitiesOn } from './read-by.tsx';
import { valueWords } from './value-words.ts';

/** The record that a form is about, and who looks at it. */
export interface Subject {
  readonly record: SeenRecord['record'];
  readonly person: string;
  /** The roles in which they could give the command on this record. */
  readonly roles: readonly string[];
  /** A plain date. */
  readonly today: string;
  /** What was chosen before the form is shown: the event that is redacted, the record that takes this one's place. */
  readonly chosen: FormValues;
  /** The record that is chosen to take this one's place; null where there is none, or none that the person sees. */
  readonly successor: SeenRecord['record'] | null;
  /** What was changed on it after the request that it takes this record's place. */
  readonly successorChanges: readonly string[];
  /** Of a redaction alone: what there is to take. */
  readonly redaction: SeenRedaction | null;
  /** Of a request for a correction alone: what can be corrected in events, by their ids. */
  readonly correctable: ReadonlyMap<string, readonly (keyof Correction)[]>;
  /** Who may be meant as the owner, by their subjects; nobody where the form does not ask. */
  readonly owners: readonly string[];
  /** The record's history, where the form shows some of it. */
  readonly timeline: readonly TimelineItem[];
}

/** Whether an entry of the history is a comment that a person added here and can read. */
export const isCommentOf = ({ type, role, actor, text }: TimelineItem, person: string): boolean =>
  type === 'CommentAdded' && role !== null && actor === person && typeof text === 'string';

/** The comments that a person added here and can read, as they stand. */
export const ownComments = ({ timeline, person }: Subject): readonly TimelineItem[] =>
  timeline.filter((item) => isCommentOf(item, person));

/** Which one is meant: a choice where there are several, else the only one. */
const oneOf = (choices: readonly FieldChoice[]): Partial<Field> => {
  const [first] = choices;
  if (choices.length > 1) return { kind: 'choice', choices };
  return { kind: 'chosen', ...(first !== undefined && { is: first }) };
};

/** The words of the text that name a date, as it stands now. */
const wordsIn = (
  { text }: Subject['record'],
  { from, to }: { readonly from: number; readonly to: number },
): string => `“${(text ?? '').slice(from, to)}”`;

const inForce = ({ record }: Subject): FieldChoice[] =>
  record.deadlines
    .filter(({ kind }) => kind === 'action')
    .toSorted((one, other) => (one.dueOn < other.dueOn ? -1 : 1))
    .map(({ id, dueOn: due, source }) => ({
      value: id,
      text: longDate(due),
      hint: source === undefined || source === null ? id : wordsIn(record, source),
    }));

const notAskedFor = (subject: Subject): FieldChoice[] => {
  const asked = new Set(subject.record.pending.extensions.map(({ deadlineId }) => deadlineId));
  return inForce(subject).filter(({ value }) => !asked.has(value));
};

/** Requests that wait for others to decide; those of the person themselves are theirs to take back. */
const isOwn = ({ person }: Subject, { requester }: { readonly requester: string | null }): boolean =>
  isSamePerson(requester, person);

const waiting = (subject: Subject, own: boolean): FieldChoice[] => {
  const { record } = subject;
  const meant = record.pending.extensions.filter((extension) => isOwn(subject, extension) === own);
  return meant.map(({ deadlineId, dueOn: due }) => {
    const extended = record.deadlines.find(({ id }) => id === deadlineId);
    return {
      value: deadlineId,
      text:
        extended === undefined
          ? `To ${longDate(due)}`
          : `From ${longDate(extended.dueOn)} to ${longDate(due)}`,
    };
  });
};

const proposed = ({ record }: Subject): FieldChoice[] =>
  record.pending.proposals.map(({ id, suggestedOn, source }) => ({
    value: id,
    text: suggestedOn === null ? 'A date that is not known' : longDate(suggestedOn),
    hint: source === null ? id : wordsIn(record, source),
  }));

/** The members for what is right; a correction has one of them. */
export const CORRECTED: readonly (keyof Correction)[] = ['publishedOn', 'recipient', 'dueOn', 'confirms'];

/** An event that can be mistaken, and what is asked of it: of the one that is chosen, or of all there are. */
function correctionChosen({ record, timeline, correctable, chosen }: Subject): Asks {
  const waiting = new Set(record.pending.corrections.map(({ corrects }) => corrects));
  const items = timeline.filter(({ eventId }) => correctable.has(eventId) && !waiting.has(eventId));
  const named = items.find(({ eventId }) => eventId === chosen.text('eventId'));
  const choiceOf = ({ eventId, headline, effectiveOn: on }: TimelineItem): FieldChoice => ({
    value: eventId,
    text: headline,
    hint: longDate(on),
  });
  const eventId: Partial<Field> =
    named === undefined
      ? { kind: 'choice', choices: items.map(choiceOf) }
      : { kind: 'chosen', is: choiceOf(named) };
  const asked = new Set(
    (named === undefined ? items : [named]).flatMap((item) => correctable.get(item.eventId) ?? []),
  );
  const ask = (member: keyof Correction) => (asked.has(member) ? { isOptional: asked.size > 1 } : null);
  const isClaim = record.pending.claims?.some((claim) => claim.eventId === named?.eventId) ?? false;
  return {
    eventId: { ...eventId, ...(isClaim && { label: 'What is claimed' }) },
    ...Object.fromEntries(CORRECTED.map((member) => [member, ask(member)])),
    ...(isClaim && { reason: { label: 'How it is known that it is true' } }),
  };
}

/** The corrections that the person may decide, by the events that they are about. */
const whichCorrection = (subject: Subject): Partial<Field> => {
  const entry = (id: string) => subject.timeline.find(({ eventId }) => eventId === id);
  const decidable = subject.record.pending.corrections.filter(
    (each) =>
      !isOwn(subject, each) &&
      !(each.confirms && isSamePerson(entry(each.corrects)?.actor ?? null, subject.person)),
  );
  const choices = decidable.map(({ corrects, eventId }): FieldChoice => {
    const request = entry(eventId);
    return { value: corrects, text: request?.headline ?? 'A correction' };
  });
  return oneOf(choices);
};

/** What a decision names as it was seen, so that nothing else is decided. */
export const DECIDES_FIELD = 'decides';

const NAMED = {
  kind: 'named',
  label: 'Events',
  missing: 'Read the record again',
  isOptional: false,
} as const;

const naming = (eventIds: readonly string[] | undefined): Partial<Field> | null =>
  eventIds === undefined ? null : { ...NAMED, lists: new Map([['', eventIds]]) };

/** For a decision on one of several requests: what each of them names, by the field that chooses between them. */
function namingChosen<Choice extends string>(
  of: Choice,
  requests: readonly (Readonly<Record<Choice, string>> & { readonly decides: readonly string[] })[],
): Partial<Field> | null {
  if (requests.length === 0) return null;
  return { ...NAMED, of, lists: new Map(requests.map((request) => [request[of], request.decides])) };
}

const extension = (subject: Subject): Asks => ({
  deadlineId: { ...oneOf(waiting(subject, false)), isOptional: false },
  decides: namingChosen('deadlineId', subject.record.pending.extensions),
});

const correction = (subject: Subject): Asks => ({
  eventId: { ...whichCorrection(subject), isOptional: false },
  decides: namingChosen(
    'eventId',
    subject.record.pending.corrections.map(({ corrects, decides }) => ({ eventId: corrects, decides })),
  ),
});

const evidence = ({ record }: Subject): Asks => ({ decides: naming(record.pending.evidence?.decides) });
const closure = ({ record }: Subject): Asks => ({ decides: naming(record.pending.closure?.decides) });

/** What the fields of a command's form have besides what the payload's shape says, by the record and by who looks. */
const ASKS: Partial<Readonly<Record<CommandName, (subject: Subject) => Asks>>> = {
  'add-comment': ({ roles, record: { recipient } }) =>
    WRITES_INTERNAL.some((role) => roles.includes(role))
      ? { visibility: { choices: visibilitiesOn(recipient), isOptional: false } }
      : { text: { hint: readByAll(recipient) }, visibility: null },
  'correct-comment': () => ({ eventId: { kind: 'chosen' } }),
  'submit-evidence': () => ({ items: { kind: 'evidence' } }),
  'accept-evidence': evidence,
  'reject-evidence': evidence,
  'request-closure': (subject) => ({
    outcome: { isOptional: false },
    reason: { isOptional: true },
    supersededBy: { isOptional: true },
    ...evidence(subject),
  }),
  'approve-closure': closure,
  'refuse-closure': closure,
  'decide-no-further-action': (subject) => {
    const asked = subject.record.pending.closure?.reason;
    const choices = wordsOf(reasonCode).filter(([value]) => value === asked);
    return { reason: oneOf(choices.map(([value, text]) => ({ value, text }))), ...closure(subject) };
  },
  supersede: ({ record: { pending }, successorChanges }) => {
    const by = pending.closure?.supersededBy;
    return {
      by: oneOf(by === undefined ? [] : [{ value: by, text: by }]),
      decides: naming(pending.closure && [...pending.closure.decides, ...successorChanges]),
    };
  },
  'assign-recipient': ({ record, roles }) => ({
    reason: { isOptional: record.recipient === null && !roles.includes('approver') },
  }),
  'assign-owner': ({ record, person, owners }) => ({
    owner: { kind: 'person', you: person, known: owners },
    reason: { isOptional: record.owner === null },
  }),
  'withdraw-deadline': (subject) => ({ deadlineId: oneOf(inForce(subject)) }),
  'confirm-deadline': (subject) => ({ deadlineId: oneOf(proposed(subject)) }),
  'dismiss-deadline': (subject) => ({ deadlineId: oneOf(proposed(subject)) }),
  'request-extension': (subject) => ({
    deadlineId: { ...oneOf(notAskedFor(subject)), isOptional: false },
  }),
  'grant-extension': extension,
  'refuse-extension': extension,
  'withdraw-extension': (subject) => ({
    deadlineId: { ...oneOf(waiting(subject, true)), isOptional: false },
  }),
  'publish-response': ({ roles }) => {
    const isOptional = roles.every(isOfTheRecipient);
    const hint = 'An address, or the name of a document.';
    return { publishedElsewhere: { kind: 'line', width: 'full', isOptional, ...(!isOptional && { hint }) } };
  },
  // Both begin with what is there.
  'amend-text': () => ({ title: { isOptional: false }, text: { rows: 15 } }),
  'request-correction': correctionChosen,
  'approve-correction': correction,
  'refuse-correction': correction,
  'redact-comment': ({ redaction, chosen }) => {
    const event = redaction?.events.find(({ eventId }) => eventId === chosen.text('eventId'));
    const choices = (event?.pointers ?? []).map((value) => ({ value, text: valueWords(value) }));
    return { eventId: { kind: 'chosen' }, pointers: { kind: 'ticks', choices, isOptional: false } };
  },
};

/** What is confirmed in the form, and is no member of the payload. */
export const CONFIRM_FIELD = 'confirm';

const CONFIRM: Field = {
  kind: 'yes',
  name: CONFIRM_FIELD,
  label: 'I understand that it cannot be brought back',
  missing: 'Confirm that it cannot be brought back',
};

/** The fields of a command's form: the members of its payload, as their shapes say and as the record has it. */
export function fieldsFor(command: CommandName, subject: Subject): readonly Field[] {
  // A correction takes effect on the date of what it corrects; the recipient's people act today.
  const asksWhen = command !== 'approve-correction' && !subject.roles.some(isOfTheRecipient);
  const asks = { ...ASKS[command]?.(subject), effectiveOn: asksWhen ? { isOptional: false } : null };
  const fields = fieldsOf(commands[command].payload.members, asks);
  return command === 'redact-comment' ? [...fields, CONFIRM] : fields;
}
