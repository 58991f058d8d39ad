import { systemClock } from '#event-sourcing/clock';
import { subjectOf } from '#identity/identity';
import { freeText, identifier, list, oneOf, optional } from '#lifecycle/fields';
import { payload } from '#lifecycle/shapes';
import { PERSON_SUBJECT } from '#lifecycle/text-rules';
import { validatePayload } from '#lifecycle/validate-payload';
import { ROLES, RUNS_SERVICE } from '#state-machines/access';
import { BODY_SLUG } from '#state-machines/body-events';
import type { RecordsAccess } from '../records/records-access.ts';
import { callOf, requireRole } from '../call-context.ts';
import type { CallContext } from '../call-context.ts';
import type { EventCall } from '../log/kept-stream.ts';
import { erasedFrom } from '../records/eraser.ts';
import type { Erased } from '../records/eraser.ts';
import { NAME_MS } from './people.ts';
import type { People } from './people.ts';

/** The timeout for the name to be erased, after which the response says that the erasure is pending. */
const ERASED_MS = 5_000;
/** The timeout for lists to include the person. */
const LISTED_MS_MAX = 2_000;
/** More bodies than one person belongs to. */
const ORGANISATIONS_MAX = 200;

const PERSON = {
  matches: PERSON_SUBJECT,
  message:
    'must not begin with docket:, which is reserved for the service, or have outer white space or invisible characters',
};

/** A person before their first sign-in. */
export const EnterPersonPayload = payload('EnterPersonPayload', {
  subject: freeText("The `sub` claim of the person's future access tokens.", {
    max: 255,
    isLine: true,
    form: PERSON,
  }),
  name: freeText('The display name; it can be erased.', { max: 200, isLine: true }),
  roles: optional(
    list(oneOf<string>(ROLES), 'The roles that the person will have. This grants no rights.', {
      max: ROLES.length,
    }),
  ),
  organisations: optional(
    list(
      identifier(undefined, { form: BODY_SLUG }),
      'The bodies that the person will belong to. Their users can find the person.',
      { max: ORGANISATIONS_MAX },
    ),
  ),
});

/**
 * Adds a person, so that they can be named as an owner before their first sign-in. It grants no rights: tokens do.
 * @throws ProblemError `role-not-permitted`; CommandRefusedError `invalid-payload`, or as `People.enter` does.
 */
export async function enterPerson(
  { people, projections }: RecordsAccess,
  context: CallContext,
  body: unknown,
) {
  requireRole(context.viewer, RUNS_SERVICE);
  const { person, position } = await enterAs(people, body, callOf(context));
  if (position !== null) await projections.whenHandled(position, LISTED_MS_MAX);
  return person;
}

/**
 * Adds a person as `enterPerson` does, without checking roles.
 * @returns the person and the position of the event; the position is null if nothing changed.
 */
export async function enterAs(people: People, body: unknown, call: EventCall) {
  const { subject: sent, name, roles = [], organisations = [] } = validatePayload(EnterPersonPayload, body);
  const subject = subjectOf(sent) ?? sent;
  const position = await people.enter(subject, { name, roles, organisations }, call);
  return { person: { subject, name, roles, organisations }, position };
}

/**
 * Erases a person's name everywhere.
 * @returns where it still remains.
 * @throws ProblemError `role-not-permitted`; CommandRefusedError `not-found` for an unknown person.
 */
export async function eraseName(
  { people, eraser, store }: RecordsAccess,
  context: CallContext,
  subject: string,
): Promise<Erased> {
  requireRole(context.viewer, RUNS_SERVICE);
  const position = await people.eraseName(subjectOf(subject) ?? subject, callOf(context));
  // If there is nothing to erase, an earlier erasure may still be running.
  if (position === null) return erasedFrom(store, (await eraser.pending()).length === 0);
  // Other nodes may remember the name for that long.
  const forgotten = systemClock.sleep(NAME_MS);
  const isErased = await eraser.whenHandled(position, ERASED_MS);
  await forgotten;
  return erasedFrom(store, isErased);
}

/**
 * Ends all sessions of a person in the web pages.
 * @throws ProblemError `role-not-permitted`; CommandRefusedError `not-found` for an unknown person.
 */
export async function revokeSessions(people: People, context: CallContext, subject: string): Promise<void> {
  requireRole(context.viewer, RUNS_SERVICE);
  await people.endSessions(subjectOf(subject) ?? subject, { because: 'revoked' }, callOf(context));
}
