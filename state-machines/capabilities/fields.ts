import {
  always,
  byEngine,
  freeText,
  identifier,
  labelled,
  list,
  meaning,
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
  says: 'must be the id of an event, as the events of the record give it',
};
const OF_A_DEADLINE: Form = { matches: /^d[1-9][0-9]{0,5}$/, says: "must be a deadline's id, as d1" };

// Fields that events and payloads share, each with one meaning and one format.
export const reason = freeText('Why, in words; it is kept, and can be redacted.');
/** Returns the reason field with another label. */
export const why = (label: string, hint?: string) =>
  labelled(reason, label, { missing: 'Enter a reason', ...(hint !== undefined && { hint }) });
export const statement = freeText('What was found or done, in words.');
export const added = labelled(freeText('What there is to add, in words.'), 'Note');
/** A title is one line, as in the register's format. */
export const title = freeText('One line, by which it is known.', { max: 500, isLine: true });
export const text = freeText('What is said, in words.');
export const recipient = labelled(identifier("The body's slug.", { form: BODY_SLUG }), 'Body', {
  missing: 'Enter the name of a body',
  hint: 'Its name, or its short name such as wiltshire',
});
export const eventId = identifier('The event, as the events of the record give its id.', {
  form: OF_AN_EVENT,
});
/** Returns the event id field with another label. */
export const whichEvent = (describes: string, label: string, missing: string) =>
  labelled(meaning(eventId, describes), label, { missing });
export const deadlineId = identifier('The deadline, as the record gives its id.', { form: OF_A_DEADLINE });
export const dueOn = plainDate('By when; the day itself is in time.');

export const owner = ({ plural }: Noun) =>
  labelled(
    freeText('The person who answers for the work: their subject, or a name that one known person has.', {
      max: 255,
      isLine: true,
      isPerson: true,
    }),
    'Owner',
    {
      missing: 'Choose or enter the owner',
      hint: `Those who have done something here, or own other ${plural} of the body.`,
    },
  );

export function visibility({ noun: { singular }, roles }: Pick<RecordKind, 'noun' | 'roles'>) {
  const alone = inOneSentence([...roles.staff, 'auditor'].map((role) => `${roleInWords(role)}s`));
  return labelled(
    oneOfWords(
      {
        public: `Everybody who sees this ${singular}`,
        internal: `${upperFirst(alone)} only`,
      },
      `Who reads it: everybody who sees the record, or ${alone} alone.`,
    ),
    'Who can read it',
    { missing: 'Choose who can read it' },
  );
}

/** For events that settle deadlines. */
export const claim = byEngine(
  optional(
    always(
      'That it is dated before a deadline that is on record as passed: it settles none until a second person confirms it.',
    ),
  ),
);

/** The most events that a payload can name: as many as a record can have. */
const DECIDES_MAX = 10_000;

/** For events: the ids that were decided. */
export const decided = list(identifier(), 'The ids of the events that it decides on.');
/** For payloads: the ids on which the decision depends; refused if there are others by then. */
export const decides = optional(
  list(
    eventId,
    'The ids of the events that the decision is about, as "pending" of the record lists them: the request, and what changed the text, the recipient or a deadline since.',
    { max: DECIDES_MAX },
  ),
);
