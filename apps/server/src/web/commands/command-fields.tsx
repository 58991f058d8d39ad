import type { CommandForm, FieldOverride, Hint } from '#lifecycle/command-form';
import {
  isOfTheRecipient,
  readsInternal,
  rightsOf,
  ROLES_OF_PEOPLE,
  seesRecipient,
} from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';
import type { SeenRedaction } from '#use-cases/records/see-redaction';
import type { Element } from '../components/macro-options.ts';
import type { Field } from '../forms/fields.ts';
import { fieldsOf } from '../forms/fields.ts';
import { valueWords } from '../member-values.tsx';
import type { FormValues } from '../form-values.ts';
import { bodyName } from '../names.ts';
import { inOneSentence } from '#lifecycle/words';
import { ROLE_WORDS } from '../words.ts';

/** What a command's form depends on, besides its payload. */
export interface FieldsOf {
  readonly command: string;
  /** The name of the record's lifecycle. */
  readonly lifecycle: string;
  readonly recipient: string | null;
  readonly form: CommandForm;
  readonly person: string;
  /** The viewer's roles that allow the command on this record. */
  readonly roles: readonly string[];
  /** Subjects of possible owners; empty if the form has no owner field. */
  readonly owners: readonly string[];
  /** The texts that can be erased; null for other commands. */
  readonly redaction: SeenRedaction | null;
  /** Values chosen before the form. */
  readonly chosen: FormValues;
}

/** Confirmed in the form; not a member of the payload. */
export const CONFIRM_FIELD = 'confirm';

const CONFIRM: Field = {
  kind: 'yes',
  name: CONFIRM_FIELD,
  label: 'I understand that the text cannot be restored',
  missing: 'Confirm that you understand that the text cannot be restored',
};

export const payloadMembers = (lifecycle: string, command: string) =>
  lifecycles.current(lifecycle).commands[command]?.payload.members ?? {};

/** Returns the fields of a command's form, from its payload and the record's state. */
export function fieldsFor(of: FieldsOf): readonly Field[] {
  const { command, lifecycle, form, roles, redaction } = of;
  // The recipient's people cannot enter an earlier date.
  const effectiveOn = roles.some(isOfTheRecipient) ? null : { isOptional: false };
  const overrides = { effectiveOn, ...form.fields };
  const fields = fieldsOf(payloadMembers(lifecycle, command), {
    ...Object.fromEntries(
      Object.entries(overrides).map(([member, override]) => [member, override && overridesFor(override, of)]),
    ),
    ...(redaction !== null && erasing(redaction, of.chosen)),
  }).map((field) => (field.kind === 'person' ? { ...field, you: of.person, known: of.owners } : field));
  return redaction === null ? fields : [...fields, CONFIRM];
}

/** The events that the user has seen, so that the decision covers no others. */
export const DECIDES_FIELD = 'decides';

const NAMED = {
  kind: 'named',
  label: 'Events',
  missing: 'Read the record again',
  isOptional: false,
} as const;

function overridesFor(override: FieldOverride, record: CommentedRecord): Partial<Field> {
  const { label, hint, isOptional, isLine, rows, choices, isChosen, names } = override;
  if (names !== undefined)
    return 'of' in names ? { ...NAMED, ...names } : { ...NAMED, lists: new Map([['', names]]) };
  return {
    ...(label !== undefined && { label }),
    ...(hint !== undefined && { hint: hintContent(hint, record) }),
    ...(isOptional !== undefined && { isOptional }),
    ...(isLine && ({ kind: 'line', width: 'full' } as const)),
    ...(rows !== undefined && { rows }),
    ...(choices !== undefined && oneOf(choices, record)),
    ...(isChosen && ({ kind: 'chosen' } as const)),
  };
}

const hintContent = (hint: Hint, record: CommentedRecord): string | Element =>
  typeof hint === 'string' ? hint : <ReadBy record={record} visibility={hint.readBy} />;

/** Returns a choice, or a fixed value if there is only one. */
function oneOf(
  choicesOfField: NonNullable<FieldOverride['choices']>,
  record: CommentedRecord,
): Partial<Field> {
  const choices = choicesOfField.map(({ hint, ...choice }) => ({
    ...choice,
    ...(hint !== undefined && { hint: hintContent(hint, record) }),
  }));
  const [first] = choices;
  if (choices.length > 1) return { kind: 'choice', choices };
  return { kind: 'chosen', ...(first !== undefined && { is: first }) };
}

function erasing({ events }: SeenRedaction, chosen: FormValues): Readonly<Record<string, Partial<Field>>> {
  const event = events.find(({ eventId }) => eventId === chosen.text('eventId'));
  const choices = (event?.pointers ?? []).map((value) => ({ value, text: valueWords(value) }));
  return { eventId: { kind: 'chosen' }, pointers: { kind: 'ticks', choices, isOptional: false } };
}

type Visibility = 'public' | 'internal';
type CommentedRecord = Pick<FieldsOf, 'lifecycle' | 'recipient'>;

/** Returns the roles that can read a comment on the record, from the access rules. */
function readersOf({ lifecycle, recipient }: CommentedRecord, visibility: Visibility): readonly string[] {
  const { kind } = lifecycles.current(lifecycle);
  return ROLES_OF_PEOPLE.filter((role) => {
    const rights = rightsOf(role, recipient);
    return (
      seesRecipient(rights, recipient, kind) &&
      (visibility === 'public' || readsInternal(rights, recipient, kind))
    );
  });
}

/** Names these roles before the comment is sent. */
function ReadBy({
  record,
  visibility,
}: {
  readonly record: CommentedRecord;
  readonly visibility: Visibility;
}): Element {
  const { recipient } = record;
  const readers = readersOf(record, visibility);
  const forBody = recipient === null ? '' : ` for ${bodyName(recipient)}`;
  const [theirs, others] = [true, false].map((isTheirs) =>
    readers.filter((role) => isOfTheRecipient(role) === isTheirs).map((role) => `${ROLE_WORDS[role]}s`),
  ) as [string[], string[]];
  return (
    <>
      {`Visible to ${theirs.length === 0 ? '' : `${inOneSentence(theirs)}${forBody}, and to `}${inOneSentence(others)}.`}
      {recipient !== null &&
        theirs.length === 0 &&
        ` People who work for ${bodyName(recipient)} cannot read it. The full history shows them that an internal comment was added, by whom and when.`}
    </>
  );
}
