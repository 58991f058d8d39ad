import type { TimelineItem } from '#read-models/timeline/timeline';
import { isOfTheRecipient, WRITES_INTERNAL } from '#state-machines/access';
import type { Correction } from '#state-machines/inspection-recommendation/v1/events';
import {
  CLOSURE_OUTCOMES,
  NO_FURTHER_ACTION_REASONS,
  RESPONSE_POSITIONS,
} from '#state-machines/inspection-recommendation/v1/record-fields';
import { isSamePerson } from '#state-machines/inspection-recommendation/v1/persons';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import type { SeenRedaction } from '#use-cases/records/see-redaction';
import type { SeenRecord } from '#use-cases/records/see-record';
import { longDate } from '../dates.ts';
import type { Field, FieldChoice } from '../forms/fields.ts';
import type { FormValues } from '../form-values.ts';
import { CLOSURE_OUTCOME_WORDS, REASON_WORDS, RESPONSE_WORDS } from '../words.ts';
import { readByAll, visibilityOn } from './read-by.tsx';
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

type FieldsOf = (subject: Subject) => readonly Field[];

const words = (name: string, label: string, missing: string, hint?: Field['hint']): Field => ({
  kind: 'text',
  name,
  label,
  missing,
  ...(hint !== undefined && { hint }),
});

const reason = (label = 'Reason', hint?: string): Field => words('reason', label, 'Enter a reason', hint);
const statement = (hint: string): Field => words('statement', 'Statement', 'Enter a statement', hint);
const note: Field = { ...words('note', 'Note', 'Enter a note'), isOptional: true };

const dueOn = (label: string, missing: string, hint = 'For example, 27 3 2027'): Field => ({
  kind: 'date',
  name: 'dueOn',
  label,
  missing,
  hint,
});

/** Which deadline it is for. */
const whichDeadline = (label: string, choices: readonly FieldChoice[]): Field[] =>
  oneOf({ name: 'deadlineId', label, missing: 'Choose a deadline' }, choices);

/** Which one is meant: a choice where there are several, else the only one. */
function oneOf(about: Pick<Field, 'name' | 'label' | 'missing'>, choices: readonly FieldChoice[]): Field[] {
  const [first] = choices;
  if (choices.length > 1) return [{ kind: 'choice', ...about, choices }];
  return [{ kind: 'chosen', ...about, ...(first !== undefined && { is: first }) }];
}

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

/** The fields for what is right; a correction has one of them. */
export const CORRECTION_FIELDS: Readonly<Record<keyof Correction, Field>> = {
  publishedOn: dateField('publishedOn', 'Right date of publication'),
  recipient: {
    kind: 'body',
    name: 'recipient',
    label: 'Right body',
    missing: 'Enter the short name of a body',
    hint: 'Its short name: small letters, digits and dashes, such as wiltshire',
  },
  dueOn: dateField('dueOn', 'Right date'),
  confirms: {
    kind: 'yes',
    name: 'confirms',
    label: 'What it says was true on the date that it gives',
    missing: 'Confirm that it is true',
  },
};

function dateField(name: string, label: string): Field {
  return { kind: 'date', name, label, missing: 'Enter the right date', hint: 'For example, 27 3 2027' };
}

/** An event that can be mistaken, and what is asked of it: of the one that is chosen, or of all there are. */
function correctionChosen({ record, timeline, correctable, chosen }: Subject) {
  const waiting = new Set(record.pending.corrections.map(({ corrects }) => corrects));
  const items = timeline.filter(({ eventId }) => correctable.has(eventId) && !waiting.has(eventId));
  const named = items.find(({ eventId }) => eventId === chosen.text('eventId'));
  const choiceOf = ({ eventId, headline, effectiveOn: on }: TimelineItem): FieldChoice => ({
    value: eventId,
    text: headline,
    hint: longDate(on),
  });
  const about = { name: 'eventId', label: 'What is wrong', missing: 'Choose what is wrong' };
  const eventId: Field =
    named === undefined
      ? { kind: 'choice', ...about, choices: items.map(choiceOf) }
      : { kind: 'chosen', ...about, is: choiceOf(named) };
  const members = (named === undefined ? items : [named]).flatMap(
    (item) => correctable.get(item.eventId) ?? [],
  );
  const asked = [...new Set(members)].map((member) => CORRECTION_FIELDS[member]);
  const asks = asked.length === 1 ? asked : asked.map((field): Field => ({ ...field, isOptional: true }));
  return { eventId, asks };
}

/** The corrections that the person may decide, by the events that they are about. */
const whichCorrection = (subject: Subject): Field[] => {
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
  return oneOf({ name: 'eventId', label: 'Correction', missing: 'Choose a correction' }, choices);
};

const choicesOf = (values: readonly string[], told: Readonly<Record<string, string>>): FieldChoice[] =>
  values.map((value) => ({ value, text: told[value] ?? value }));

/** What a decision names as it was seen, so that nothing else is decided. */
export const DECIDES_FIELD = 'decides';

const NAMED = {
  kind: 'named',
  name: DECIDES_FIELD,
  label: 'Events',
  missing: 'Read the record again',
} as const;

const naming = (eventIds: readonly string[] | undefined): Field[] =>
  eventIds === undefined ? [] : [{ ...NAMED, lists: new Map([['', eventIds]]) }];

/** For a decision on one of several requests: what each of them names, by the field that chooses between them. */
function namingChosen<Choice extends string>(
  of: Choice,
  requests: readonly (Readonly<Record<Choice, string>> & { readonly decides: readonly string[] })[],
): Field[] {
  if (requests.length === 0) return [];
  return [{ ...NAMED, of, lists: new Map(requests.map((request) => [request[of], request.decides])) }];
}

const namingExtension = ({ record }: Subject): Field[] =>
  namingChosen('deadlineId', record.pending.extensions);

const namingCorrection = ({ record }: Subject): Field[] =>
  namingChosen(
    'eventId',
    record.pending.corrections.map(({ corrects, decides }) => ({ eventId: corrects, decides })),
  );

/** The fields of each command's form, after the payload's class; when it took effect is asked in every form. */
export const COMMAND_FIELDS: Readonly<Record<CommandName, FieldsOf>> = {
  'start-progress': () => [],
  'return-to-review': () => [reason()],
  'add-comment': ({ roles, record: { recipient } }) =>
    WRITES_INTERNAL.some((role) => roles.includes(role))
      ? [words('text', 'Comment', 'Enter a comment'), visibilityOn(recipient)]
      : [words('text', 'Comment', 'Enter a comment', readByAll(recipient))],
  'correct-comment': () => [
    { kind: 'chosen', name: 'eventId', label: 'Comment', missing: 'Choose a comment' },
    words('text', 'Comment', 'Enter the comment'),
    reason('Why it is corrected'),
  ],
  'submit-evidence': () => [
    {
      kind: 'evidence',
      name: 'items',
      label: 'Files',
      missing: 'Choose a file, or give the digest of one',
      hint: 'What is kept is the name, the size and a digest (SHA-256) by which the file is known again. Keep the file itself where it is.',
    },
    note,
  ],
  'accept-evidence': ({ record }) => [note, ...naming(record.pending.evidence?.decides)],
  'reject-evidence': ({ record }) => [
    reason('Why it is rejected'),
    ...naming(record.pending.evidence?.decides),
  ],
  'request-closure': ({ record }) => [
    {
      kind: 'choice',
      name: 'outcome',
      label: 'Outcome',
      missing: 'Choose an outcome',
      choices: CLOSURE_OUTCOMES.map((value) => ({ value, text: CLOSURE_OUTCOME_WORDS[value] })),
    },
    {
      kind: 'choice',
      name: 'reason',
      label: 'Reason, if no further action is needed',
      missing: 'Choose a reason',
      isOptional: true,
      choices: choicesOf(NO_FURTHER_ACTION_REASONS, REASON_WORDS),
    },
    {
      kind: 'line',
      width: 'half',
      name: 'supersededBy',
      label: 'Id of the recommendation that replaces it, if one does',
      missing: 'Enter the id of a recommendation',
      isOptional: true,
    },
    statement('What was done, or why nothing more is needed, and how it is known.'),
    ...naming(record.pending.evidence?.decides),
  ],
  'withdraw-closure': () => [],
  'approve-closure': ({ record }) => [
    statement('What was found. The record keeps it as the ground of the closure.'),
    ...naming(record.pending.closure?.decides),
  ],
  'refuse-closure': ({ record }) => [reason('Why it is refused'), ...naming(record.pending.closure?.decides)],
  'decide-no-further-action': ({ record: { pending } }) => [
    {
      ...{ kind: 'chosen', name: 'reason', label: 'Reason', missing: 'Choose a reason' },
      ...(pending.closure?.reason !== undefined && {
        is: { value: pending.closure.reason, text: REASON_WORDS[pending.closure.reason] },
      }),
    },
    statement('Why no further action is needed.'),
    ...naming(pending.closure?.decides),
  ],
  supersede: ({ record: { pending }, successorChanges }) => [
    {
      ...{ kind: 'chosen', name: 'by', label: 'Replaced by', missing: 'Choose a recommendation' },
      ...(pending.closure?.supersededBy !== undefined && {
        is: { value: pending.closure.supersededBy, text: pending.closure.supersededBy },
      }),
    },
    statement('Why the other recommendation replaces this one.'),
    ...naming(pending.closure && [...pending.closure.decides, ...successorChanges]),
  ],
  reopen: () => [reason('Why it is opened again')],
  'assign-recipient': ({ record, roles }) => [
    {
      kind: 'body',
      name: 'recipient',
      label: 'Body',
      missing: 'Enter the short name of a body',
      hint: 'Its short name: small letters, digits and dashes, such as wiltshire',
    },
    { ...reason(), isOptional: record.recipient === null && !roles.includes('approver') },
  ],
  'assign-owner': ({ record, person, owners }) => [
    {
      kind: 'person',
      name: 'owner',
      label: 'Owner',
      missing: 'Choose or enter the owner',
      you: person,
      known: owners,
      hint: 'Those who have done something here, or own other recommendations of the body.',
    },
    { ...reason(), isOptional: record.owner === null },
  ],
  'set-deadline': () => [dueOn('By when', 'Enter the date of the deadline'), note],
  'withdraw-deadline': (subject) => [
    ...whichDeadline('Deadline', inForce(subject)),
    reason('Why it was no deadline'),
  ],
  'confirm-deadline': (subject) => [
    ...whichDeadline('Date in the text', proposed(subject)),
    dueOn('Deadline', 'Enter the date of the deadline'),
  ],
  'dismiss-deadline': (subject) => [
    ...whichDeadline('Date in the text', proposed(subject)),
    { ...reason('Why it is no deadline'), isOptional: true },
  ],
  'request-extension': (subject) => [
    ...whichDeadline('Deadline', notAskedFor(subject)),
    dueOn('New date', 'Enter the new date'),
    reason(),
  ],
  'grant-extension': (subject) => [
    ...whichDeadline('Extension', waiting(subject, false)),
    ...namingExtension(subject),
  ],
  'refuse-extension': (subject) => [
    ...whichDeadline('Extension', waiting(subject, false)),
    reason('Why it is refused'),
    ...namingExtension(subject),
  ],
  'withdraw-extension': (subject) => whichDeadline('Extension', waiting(subject, true)),
  'publish-response': ({ roles }) => [
    {
      kind: 'choice',
      name: 'position',
      label: 'The response',
      missing: 'Choose what the response is',
      choices: choicesOf(RESPONSE_POSITIONS, RESPONSE_WORDS),
    },
    words('text', 'Response', 'Enter the response', 'The action, or why there is none.'),
    {
      kind: 'line',
      width: 'full',
      name: 'publishedElsewhere',
      label: 'Where it was published',
      missing: 'Enter where it was published',
      hint: 'If it was published elsewhere: an address, or the name of a document.',
      isOptional: roles.every(isOfTheRecipient),
    },
  ],
  'amend-text': () => [
    {
      kind: 'line',
      name: 'title',
      label: 'Title',
      missing: 'Enter a title',
      width: 'full',
    },
    {
      kind: 'text',
      name: 'text',
      label: 'Text',
      missing: 'Change the text or the title',
      hint: 'Dates that the old text did not have are proposed as deadlines. Nothing is set or withdrawn.',
      rows: 15,
    },
    reason('Why it is amended'),
  ],
  'request-correction': (subject) => {
    const { eventId, asks } = correctionChosen(subject);
    return [eventId, ...asks, reason('Why it is wrong, and how that is known')];
  },
  'approve-correction': (subject) => [...whichCorrection(subject), ...namingCorrection(subject)],
  'refuse-correction': (subject) => [
    ...whichCorrection(subject),
    reason('Why it is refused'),
    ...namingCorrection(subject),
  ],
  'redact-comment': ({ redaction, chosen }) => {
    const event = redaction?.events.find(({ eventId }) => eventId === chosen.text('eventId'));
    const choices = (event?.pointers ?? []).map((value) => ({ value, text: valueWords(value) }));
    return [
      { kind: 'chosen', name: 'eventId', label: 'Event', missing: 'Choose what to erase' },
      {
        kind: 'ticks',
        name: 'pointers',
        label: 'What to erase',
        missing: 'Choose what to erase',
        choices,
      },
      reason('Why it is erased', 'Do not repeat here what is erased.'),
      {
        kind: 'yes',
        name: CONFIRM_FIELD,
        label: 'I understand that it cannot be brought back',
        missing: 'Confirm that it cannot be brought back',
      },
    ];
  },
};

/** What is confirmed in the form, and is no member of the payload. */
export const CONFIRM_FIELD = 'confirm';

/** When a command took effect; the recipient's people act today, and are not asked. */
export const effectiveOn: Field = {
  kind: 'date',
  name: 'effectiveOn',
  label: 'Effective date',
  missing: 'Enter the effective date',
  hint: 'The day from which it holds. Change it if it is not today.',
};

export function fieldsFor(command: CommandName, subject: Subject): readonly Field[] {
  const own = COMMAND_FIELDS[command](subject);
  // A correction takes effect on the date of what it corrects.
  const asksWhen = command !== 'approve-correction' && !subject.roles.some(isOfTheRecipient);
  return [
    ...own.filter(({ name }) => name !== CONFIRM_FIELD),
    ...(asksWhen ? [effectiveOn] : []),
    ...own.filter(({ name }) => name === CONFIRM_FIELD),
  ];
}
