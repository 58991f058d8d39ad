import type { Choice, CommandForm, FieldAsk, FormSubject } from '#lifecycle/command-form';
import { isSamePerson } from './persons.ts';

// What forms of several commands ask in the same way.

export const THE_REQUEST = { heading: 'The request', none: 'It is no longer there.' };

/** Requests that wait for others to decide; those of the person themselves are theirs to take back. */
export const isOwn = (
  { person }: Pick<FormSubject, 'person'>,
  { requester }: { readonly requester: string | null },
): boolean => isSamePerson(requester, person);

export const choosing = <Facts>(
  member: string,
  choices: (subject: FormSubject<Facts>) => readonly Choice[],
) => ({
  form: (subject: FormSubject<Facts>): CommandForm => ({
    asks: { [member]: { choices: choices(subject), isOptional: false } },
  }),
});

export const naming = (eventIds: readonly string[] | undefined): FieldAsk | null =>
  eventIds === undefined ? null : { names: eventIds };

/** For a decision on one of several requests: what each of them names, by the member that chooses between them. */
export const namingChosen = (
  of: string,
  requests: readonly (readonly [value: string, decides: readonly string[]])[],
): FieldAsk | null => (requests.length === 0 ? null : { names: { of, lists: new Map(requests) } });
