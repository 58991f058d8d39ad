import { nearestOf } from '#lifecycle/nearest';
import { validatePayload } from '#lifecycle/validate-payload';
import { seesPerson } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import { personMember } from '#lifecycle/shapes';
import type { PayloadShape } from '#lifecycle/shapes';
import { CommandRefusedError } from '#lifecycle/refused';
import type { Reason } from '#lifecycle/refused';
import { subjectOf } from '#identity/identity';
import { isCalled, knownPeople, nameInFull } from '../people/find-people.ts';
import type { Candidate } from '../people/find-people.ts';
import type { RecordsAccess } from './records-access.ts';
import { seePossibleOwners } from './see-possible-owners.ts';
import type { RecordReference } from '#lifecycle/kind';

const SUGGESTIONS_MAX = 5;

/** A command's payload with the person's subject, or why it names no one. */
interface NamedPerson {
  readonly body: unknown;
  readonly against: Reason | null;
}

/**
 * Resolves the person in a payload: a subject, or a name that only one person has. Searches only people that
 * the viewer may know. Returns an invalid payload unchanged: the handler reports its errors.
 */
export async function namePerson(
  access: RecordsAccess,
  viewer: Viewer,
  {
    record,
    payload,
    body,
  }: { readonly record: RecordReference; readonly payload: PayloadShape; readonly body: unknown },
  now: number,
): Promise<NamedPerson> {
  const member = personMember(payload.members);
  const typed = member === undefined ? null : personIn(payload, body, member);
  if (member === undefined || typed === null) return { body, against: null };
  const subject = subjectOf(typed) ?? typed;
  if (await seesSubject(access, viewer, subject))
    return { body: { ...(body as object), [member]: subject }, against: null };
  const candidates = await candidatesFor(access, viewer, record, now);
  if (candidates.some(({ subject }) => subject === typed)) return { body, against: null };
  const called = candidates
    .filter((each) => isCalled(each, typed))
    .toSorted((one, other) => (one.subject < other.subject ? -1 : 1));
  const [only, ...others] = called;
  if (only !== undefined && others.length === 0)
    return { body: { ...(body as object), [member]: only.subject }, against: null };
  return {
    body,
    against:
      only === undefined ? unknownPersonReason(member, typed, candidates) : ambiguous(member, typed, called),
  };
}

function personIn(payload: PayloadShape, body: unknown, member: string): string | null {
  try {
    const valid: Readonly<Record<string, unknown>> = { ...validatePayload(payload, body) };
    const value = valid[member];
    return typeof value === 'string' ? value : null;
  } catch (error) {
    if (error instanceof CommandRefusedError) return null;
    throw error;
  }
}

async function seesSubject(
  { people }: Pick<RecordsAccess, 'people'>,
  viewer: Viewer,
  subject: string,
): Promise<boolean> {
  if (subject === viewer.subject) return true;
  return (await people.isKnown(subject)) && seesPerson(viewer, (await people.find(subject)).rights);
}

/** Returns the people that the viewer may know, starting with those involved in the record or its body. */
async function candidatesFor(
  access: RecordsAccess,
  viewer: Viewer,
  record: RecordReference,
  now: number,
): Promise<Candidate[]> {
  const near = new Set([...(await seePossibleOwners(access, viewer, record, now)), viewer.subject]);
  const people = await knownPeople(access, [...near]);
  const otherPeople = [...people].flatMap(([subject, { rights }]) =>
    seesPerson(viewer, rights) ? [subject] : [],
  );
  return [...new Set([...near, ...otherPeople])].map((subject) => ({
    subject,
    name: people.get(subject)?.name ?? null,
  }));
}

function unknownPersonReason(member: string, typed: string, candidates: readonly Candidate[]): Reason {
  const near = nearestOf(typed, candidates, ({ subject, name }) => [subject, ...wordsOf(name)]);
  const suggestions = (near.length > 0 ? near : candidates).slice(0, SUGGESTIONS_MAX);
  const detail =
    `No one has the subject or name ${typed}. Choose one of these, or ask an administrator to ` +
    `enter the person: ${suggestions.map(nameInFull).join(', ')}`;
  return { code: `${member}-unknown`, detail, pointer: `/${member}`, suggestions };
}

function ambiguous(member: string, typed: string, called: readonly Candidate[]): Reason {
  const subjects = called.map(({ subject }) => subject).join(', ');
  const detail = `Several people have the name ${typed}. Use one of their subjects: ${subjects}`;
  return { code: `${member}-ambiguous`, detail, pointer: `/${member}`, suggestions: called };
}

/** Returns a name and each of its words, because a surname alone also names a person. */
const wordsOf = (name: string | null): string[] => (name === null ? [] : [name, ...name.split(/\s+/u)]);
