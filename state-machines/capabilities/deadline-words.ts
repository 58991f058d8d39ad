import type { Choice, CommandForm, FormSubject, FormTable } from '#lifecycle/command-form';
import {
  always,
  count,
  identifier,
  list,
  withDescription,
  object,
  oneOf,
  optional,
  orNull,
  plainDate,
} from '#lifecycle/fields';
import type { StoredDataOf } from '#lifecycle/shapes';
import type { Headline } from '#lifecycle/words';
import { choosingDeadline, isOwn, namingChosen, THE_REQUEST } from './request-fields.ts';
import type { pendingExtensions } from './deadline-commands.ts';
import type { DEADLINE_EVENTS, DeadlineFacts } from './deadline-facts.ts';
import { changeable } from './deadline-rules.ts';
import { DEADLINE_KINDS, DEADLINE_STATES, longDate } from './deadlines.ts';
import type { Deadline } from './deadlines.ts';

type Events = typeof DEADLINE_EVENTS;
type Subject = FormSubject<DeadlineFacts>;

const dates = ({ text }: Subject, of: readonly Deadline[]): Choice[] =>
  of
    .toSorted((one, other) => (one.dueOn < other.dueOn ? -1 : 1))
    .map(({ id, dueOn: date, source }) => ({
      value: id,
      text: longDate(date),
      hint: source === undefined || source === null ? id : quoteOf(text, source),
    }));

/** Returns the words of the current text that contain a date. */
export const quoteOf = (
  text: string | null,
  { from, to }: { readonly from: number; readonly to: number },
): string => `“${(text ?? '').slice(from, to)}”`;

function withoutRequest(subject: Subject): Choice[] {
  const requested = new Set(subject.state.facts.extensions.map((each) => each.deadlineId));
  return dates(
    subject,
    changeable(subject.state).filter(({ id }) => !requested.has(id)),
  );
}

const waiting = (subject: Subject, own: boolean): Choice[] =>
  subject.state.facts.extensions
    .filter((each) => isOwn(subject, each) === own)
    .map(({ deadlineId: value, dueOn: date }) => {
      const known = subject.state.facts.deadlines.find(({ id }) => id === value);
      const from = known === undefined ? 'To' : `From ${longDate(known.dueOn)} to`;
      return { value, text: `${from} ${longDate(date)}` };
    });

type PendingOf<Facts extends DeadlineFacts> = ReturnType<typeof pendingExtensions<Facts>>;

const onExtension = <Facts extends DeadlineFacts>(otherCommand: string, pendingOf: PendingOf<Facts>) => ({
  showsHistory: true as const,
  form(subject: FormSubject<Facts>): CommandForm {
    const pending = pendingOf(subject.state);
    const eventIds = pending.map(({ eventId }) => eventId);
    return {
      about: [{ ...THE_REQUEST, eventIds, none: 'No extension is waiting for a decision.' }],
      since: { eventIds, what: 'it was requested' },
      otherCommands: [otherCommand],
      fields: {
        deadlineId: { choices: waiting(subject, false), isOptional: false },
        decides: namingChosen(
          'deadlineId',
          pending.map(({ deadlineId: id, decides: decided }) => [id, decided]),
        ),
      },
    };
  },
});

/** Returns the labels, headlines and forms of the deadline commands. */
export const deadlineWords = <Facts extends DeadlineFacts>(pendingOf: PendingOf<Facts>) => ({
  commands: {
    'set-deadline': { title: 'Set a deadline', purpose: 'Set an additional deadline.' },
    'withdraw-deadline': {
      title: 'Withdraw a deadline',
      purpose: 'Withdraw a mistaken deadline. This drops any request to extend it.',
    },
    'request-extension': {
      title: 'Request an extension',
      purpose: 'Request a later date. A second person decides.',
    },
    'grant-extension': {
      title: 'Grant an extension',
      purpose: 'Grant the later date. The first date stays in the history.',
    },
    'refuse-extension': { title: 'Refuse an extension', purpose: 'Keep the deadline and record the reason.' },
    'withdraw-extension': {
      title: 'Withdraw an extension request',
      purpose: 'Withdraw your request for a later date.',
    },
  },
  members: { dueOn: 'the date', deadlineId: 'the deadline' },
  ruleMembers: {
    'deadline-ambiguous': 'deadlineId',
    'deadline-unknown': 'deadlineId',
    'due-in-past': 'dueOn',
    'deadline-not-later': 'dueOn',
  },
  sweepEvents: ['DeadlineApproaching', 'DeadlinePassed', 'DeadlineEscalated'],
  headlines: HEADLINES,
  forms: {
    'withdraw-deadline': choosingDeadline((subject: Subject) => dates(subject, changeable(subject.state))),
    'request-extension': choosingDeadline(withoutRequest),
    'grant-extension': onExtension('refuse-extension', pendingOf),
    'refuse-extension': onExtension('grant-extension', pendingOf),
    'withdraw-extension': choosingDeadline((subject: Subject) => waiting(subject, true)),
  } satisfies FormTable<Facts>,
});

const HEADLINES: {
  readonly [Type in keyof Events]: Headline<StoredDataOf<Events>[Type]>;
} = {
  DeadlineSet: ({ kind, dueOn: date }) =>
    `${kind === 'response' ? 'Response due' : 'Deadline set'}: ${longDate(date)}`,
  DeadlineExtended: ({ dueOn: date }) => `Deadline extended to ${longDate(date)}`,
  ExtensionRequested: ({ dueOn: date }) => `Extension requested to ${longDate(date)}`,
  ExtensionRefused: 'Extension refused',
  ExtensionWithdrawn: 'Extension request withdrawn',
  DeadlineWithdrawn: 'Deadline withdrawn',
  DeadlineApproaching: ({ dueOn: date }) => `Deadline approaching: ${longDate(date)}`,
  DeadlinePassed: ({ dueOn: date }) => `Deadline passed: ${longDate(date)}`,
  DeadlineEscalated: ({ dueOn: date }) => `Deadline long overdue: ${longDate(date)}`,
};

const date = plainDate();
const source = object({ eventId: identifier(), from: count(), to: count() });
export const textSource = withDescription(
  orNull(source),
  'The place of the words in the text; null if an amendment removed them.',
);
/** The members of API responses for a request. */
export const request = { eventId: identifier(), requester: orNull(identifier()), requestedOn: date };
export const decidedByName = (what: string) =>
  withDescription(list(identifier()), `The ids that \`decides\` in ${what} must list now.`);

export const shownExtensions = list(
  object({
    ...{ deadlineId: identifier(), dueOn: date, ...request },
    decides: decidedByName('grant-extension or refuse-extension'),
  }),
);

/** The members of API responses for deadlines and pending requests. */
export const DEADLINE_ANSWERS = {
  state: { deadline: oneOf<string>(DEADLINE_STATES) },
  currentData: {
    deadlines: list(
      object({
        ...{ id: identifier(), kind: oneOf(DEADLINE_KINDS), dueOn: date, firstDueOn: date },
        ...{ state: oneOf(DEADLINE_STATES), source: optional(textSource), sourceGone: optional(always()) },
      }),
    ),
    pending: object({ extensions: shownExtensions }),
  },
};
