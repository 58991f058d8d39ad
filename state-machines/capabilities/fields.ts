import {
  always,
  byEngine,
  freeText,
  identifier,
  withLabel,
  list,
  withDescription,
  oneOfWords,
  optional,
  plainDate,
} from '#lifecycle/fields';
import type { Form } from '#lifecycle/fields';
import type { Noun, RecordKind } from '#lifecycle/kind';
import { inOneSentence, roleInWords, upperFirst } from '#lifecycle/words';
import { BODY_SLUG } from '../body-events.ts';

const OF_AN_EVENT: Form = {
  matches: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  message: 'must be the id of an event of the record',
};
const OF_A_DEADLINE: Form = {
  matches: /^d[1-9][0-9]{0,5}$/,
  message: 'must be the id of a deadline, such as d1',
};

// Fields of several events and payloads, each with one meaning and one form.
export const reason = freeText('The reason, in words. It is recorded and can be redacted.');
/** Returns the reason field with another label. */
export const why = (label: string, hint?: string) =>
  withLabel(reason, label, { missing: 'Enter a reason', ...(hint !== undefined && { hint }) });
export const statement = freeText('The findings or actions, in words.');
export const added = withLabel(freeText('A note, in words.'), 'Note');
/** A title. It is one line, as in the register's format. */
export const title = freeText('The title, on one line.', { max: 500, isLine: true });
export const text = freeText('The text.');
export const recipient = withLabel(identifier("The body's slug.", { form: BODY_SLUG }), 'Body', {
  missing: 'Enter the name of a body',
  hint: 'Its name or short name, such as wiltshire',
});
export const eventId = identifier('The id of the event.', {
  form: OF_AN_EVENT,
});
/** Returns the event id field with another label. */
export const whichEvent = (describes: string, label: string, missing: string) =>
  withLabel(withDescription(eventId, describes), label, { missing });
export const deadlineId = identifier('The id of the deadline.', { form: OF_A_DEADLINE });
export const dueOn = plainDate('The last day on which the deadline can be met.');

export const owner = ({ plural }: Noun) =>
  withLabel(
    freeText(
      'The person responsible for the work: their subject, or a name that only one known person has.',
      {
        max: 255,
        isLine: true,
        isPerson: true,
      },
    ),
    'Owner',
    {
      missing: 'Choose or enter the owner',
      hint: `People who have worked on this record, or own other ${plural} of the body`,
    },
  );

export function visibility({ noun: { singular }, roles }: Pick<RecordKind, 'noun' | 'roles'>) {
  const alone = inOneSentence([...roles.staff, 'auditor'].map((role) => `${roleInWords(role)}s`));
  return withLabel(
    oneOfWords(
      {
        public: `Everyone who can see this ${singular}`,
        internal: `${upperFirst(alone)} only`,
      },
      `Who can read the comment: everyone who can see the record, or only ${alone}.`,
    ),
    'Who can read it',
    { missing: 'Choose who can read it' },
  );
}

/** The claim of an event that settles deadlines. */
export const claim = byEngine(
  optional(
    always(
      'True if the event is dated before the day on which a deadline passed, although that deadline is already recorded as passed. The event then settles nothing until a second person confirms the claim.',
    ),
  ),
);

/** The most events that a payload can list: as many as a record can have. */
const DECIDES_MAX = 10_000;

/** The decided ids, for events. */
export const decided = list(identifier(), 'The ids of the events that were decided.');
/** The ids on which the decision depends, for payloads. The command is refused if there are others by then. */
export const decides = optional(
  list(
    eventId,
    'The ids that the record’s `pending` lists for the decision: the request, and later changes to the text, the recipient or a deadline.',
    { max: DECIDES_MAX },
  ),
);
