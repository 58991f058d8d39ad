import {
  count,
  freeText,
  identifier,
  labelled,
  oneOfWords,
  optional,
  plainDate,
  sha256,
} from '#lifecycle/fields';
import type { Form } from '#lifecycle/fields';
import { ANY_RECORD_ID } from '#lifecycle/kind';
import { BODY_SLUG } from '../../body-events.ts';

export type NoFurtherActionReason = (typeof reasonCode)['values'][number];
/** What a closure is for; `request-closure` takes `complete` where it names none. */
export type ClosureOutcome = (typeof outcome)['values'][number];
const OF_A_RECORD: Form = { matches: ANY_RECORD_ID, says: 'must be the id of a record' };
const OF_AN_EVENT: Form = {
  matches: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  says: 'must be the id of an event, as the events of the record give it',
};
const OF_A_DEADLINE: Form = { matches: /^d[1-9][0-9]{0,5}$/, says: "must be a deadline's id, as d1" };
// RFC 6838, 4.2: type and subtype each begin with a letter or a digit.
const MEDIA_TYPE: Form = {
  matches: /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/i,
  says: 'must be a media type, as application/pdf',
};

// What events and payloads of the lifecycle hold, each with one meaning and one form.
export const reason = freeText('Why, in words; it is kept, and can be redacted.');
/** The same where a form asks for it in other words. */
export const why = (label: string, hint?: string) =>
  labelled(reason, label, { missing: 'Enter a reason', ...(hint !== undefined && { hint }) });
export const statement = freeText('What was found or done, in words.');
export const added = labelled(freeText('What there is to add, in words.'), 'Note');
/** A title is one line: the register's format has a line for it. */
export const title = freeText('One line, by which it is known.', { max: 500, isLine: true });
export const text = freeText('What is said, in words.');
export const recipient = labelled(identifier("The body's slug.", { form: BODY_SLUG }), 'Body', {
  missing: 'Enter the short name of a body',
  hint: 'Its short name: small letters, digits and dashes, such as wiltshire',
});
export const recordId = identifier('The id of a record.', { form: OF_A_RECORD });
export const eventId = identifier('The event, as the events of the record give its id.', {
  form: OF_AN_EVENT,
});
export const deadlineId = identifier('The deadline, as the record gives its id.', { form: OF_A_DEADLINE });
export const dueOn = plainDate('By when; the day itself is in time.');
export const publishedOn = plainDate('The day on which it was published.');
export const owner = labelled(
  freeText('The person who answers for the work: their subject, or a name that one known person has.', {
    max: 255,
    isLine: true,
    isPerson: true,
  }),
  'Owner',
  {
    missing: 'Choose or enter the owner',
    hint: 'Those who have done something here, or own other recommendations of the body.',
  },
);
export const visibility = labelled(
  oneOfWords(
    {
      public: 'Everybody who sees this recommendation',
      internal: 'Inspectors, approvers and auditors only',
    },
    'Who reads it: everybody who sees the record, or inspectors, approvers and auditors alone.',
  ),
  'Who can read it',
  { missing: 'Choose who can read it' },
);
export const position = labelled(
  oneOfWords(
    {
      'action-taken': 'Action was taken',
      'action-proposed': 'Action is proposed',
      'no-action': 'No action',
    },
    'What the body answers: that it acted, will act, or will not.',
  ),
  'The response',
  { missing: 'Choose what the response is' },
);
export const publishedElsewhere = labelled(
  freeText('Where the response was published, if not here.'),
  'Where it was published',
  {
    missing: 'Enter where it was published',
    hint: 'If it was published elsewhere: an address, or the name of a document.',
  },
);
/** Why a recommendation is closed without having been carried out. */
export const reasonCode = oneOfWords(
  {
    superseded: 'Superseded by another recommendation',
    merged: 'Merged with another recommendation',
    'covered-by-later-inspection': 'Covered by a later inspection',
    'no-longer-applicable': 'No longer applicable',
    'not-accepted': 'Not accepted',
    withdrawn: 'Withdrawn',
  },
  'Why, as one of the codes.',
);
export const outcome = oneOfWords({
  complete: 'Complete',
  'no-further-action': 'No further action',
  superseded: 'Superseded by another recommendation',
});
export const report = {
  name: labelled(freeText('What it is called.', { max: 500, isLine: true }), 'Report', {
    missing: 'Enter the name of the report',
    hint: 'The report that makes the recommendation',
  }),
  publishedOn: labelled(publishedOn, 'When the report was published', {
    missing: 'Enter when the report was published',
    hint: 'For example, 27 3 2026',
  }),
};
export const evidenceItem = {
  name: freeText('What it is called.', { max: 500, isLine: true }),
  // Of the bytes, which stay outside: the digest is the record.
  sha256: sha256('Of its bytes, in hexadecimal digits.'),
  size: optional(count('In bytes.')),
  mediaType: optional(identifier('As RFC 6838 forms it.', { form: MEDIA_TYPE, max: 127 })),
  url: optional(freeText('Where it can be had.', { max: 2_000, isUrl: true })),
};
