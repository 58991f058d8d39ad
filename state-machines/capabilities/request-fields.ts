import type { Choice, CommandForm, FieldOverride, FormSubject } from '#lifecycle/command-form';
import { isSamePerson } from './persons.ts';

// Parts of the forms of several commands.

export const THE_REQUEST = { heading: 'The request', none: 'The request no longer exists.' };

/** Returns whether the person made the request. They can withdraw it but not decide it. */
export const isOwn = (
  { person }: Pick<FormSubject, 'person'>,
  { requester }: { readonly requester: string | null },
): boolean => isSamePerson(requester, person);

export const choosingDeadline = <Facts>(choices: (subject: FormSubject<Facts>) => readonly Choice[]) => ({
  form: (subject: FormSubject<Facts>): CommandForm => ({
    fields: { deadlineId: { choices: choices(subject), isOptional: false } },
  }),
});

export const naming = (eventIds: readonly string[] | undefined): FieldOverride | null =>
  eventIds === undefined ? null : { names: eventIds };

/** Returns the field that lists the events for each of several requests, by the member that selects a request. */
export const namingChosen = (
  of: string,
  requests: readonly (readonly [value: string, decides: readonly string[]])[],
): FieldOverride | null => (requests.length === 0 ? null : { names: { of, lists: new Map(requests) } });
