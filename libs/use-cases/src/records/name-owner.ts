import { nearestOf } from '#lifecycle/nearest';
import { validatePayload } from '#lifecycle/validate-payload';
import { seesPerson } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import { AssignOwnerPayload } from '#state-machines/capabilities/owner';
import { CommandRefusedError } from '#lifecycle/refused';
import type { Reason } from '#lifecycle/refused';
import { isCalled, knownPeople } from '../people/find-people.ts';
import type { RecordsAccess } from './records-access.ts';
import { seePossibleOwners } from './see-possible-owners.ts';
import type { RecordReference } from '#lifecycle/kind';

/** More suggestions are no help. */
const SUGGESTIONS_MAX = 5;

type OwnersAccess = Parameters<typeof seePossibleOwners>[0];

/** A command's payload with the owner's subject in it, or why nobody is named by it. */
export interface NamedOwner {
  readonly body: unknown;
  readonly against: Reason | null;
}

/** Somebody who can be the owner. */
interface Candidate {
  readonly subject: string;
  readonly name: string | null;
}

/**
 * Whom the payload of `assign-owner` names: a subject, or a name that one person has. Only people whom the viewer is told of are
 * looked through. A payload that is not valid is left to the handler, which says what is wrong.
 */
export async function nameOwner(
  access: OwnersAccess,
  viewer: Viewer,
  { record, body }: { readonly record: RecordReference; readonly body: unknown },
  now: number,
): Promise<NamedOwner> {
  const owner = ownerIn(body);
  if (owner === null || (await isToldOf(access, viewer, owner))) return { body, against: null };
  const candidates = await ownersFor(access, viewer, record, now);
  if (candidates.some(({ subject }) => subject === owner)) return { body, against: null };
  const called = candidates
    .filter((each) => isCalled(each, owner))
    .toSorted((one, other) => (one.subject < other.subject ? -1 : 1));
  const [only, ...others] = called;
  if (only !== undefined && others.length === 0)
    return { body: { ...(body as object), owner: only.subject }, against: null };
  return { body, against: only === undefined ? unknownOwner(owner, candidates) : ambiguous(owner, called) };
}

function ownerIn(body: unknown): string | null {
  try {
    return validatePayload(AssignOwnerPayload, body).owner;
  } catch (error) {
    if (error instanceof CommandRefusedError) return null;
    throw error;
  }
}

async function isToldOf(
  { people }: Pick<RecordsAccess, 'people'>,
  viewer: Viewer,
  subject: string,
): Promise<boolean> {
  if (subject === viewer.subject) return true;
  return (await people.isKnown(subject)) && seesPerson(viewer, (await people.find(subject)).rights);
}

/** Everybody of whom the viewer is told, those first who have to do with the record or its body. */
async function ownersFor(
  access: OwnersAccess,
  viewer: Viewer,
  record: RecordReference,
  now: number,
): Promise<Candidate[]> {
  const near = new Set([...(await seePossibleOwners(access, viewer, record, now)), viewer.subject]);
  const people = await knownPeople(access, [...near]);
  const others = [...people].flatMap(([subject, { rights }]) =>
    seesPerson(viewer, rights) ? [subject] : [],
  );
  return [...new Set([...near, ...others])].map((subject) => ({
    subject,
    name: people.get(subject)?.name ?? null,
  }));
}

function unknownOwner(owner: string, candidates: readonly Candidate[]): Reason {
  const near = nearestOf(owner, candidates, ({ subject, name }) => [subject, ...wordsOf(name)]);
  const suggestions = (near.length > 0 ? near : candidates).slice(0, SUGGESTIONS_MAX);
  const detail =
    `Nobody is known here by the subject or name ${owner}. Choose one of these, or have an administrator ` +
    `enter the person: ${suggestions.map(inWords).join(', ')}`;
  return { code: 'owner-unknown', detail, pointer: '/owner', suggestions };
}

function ambiguous(owner: string, called: readonly Candidate[]): Reason {
  const subjects = called.map(({ subject }) => subject).join(', ');
  const detail = `Several people are called ${owner}. Name one by the subject: ${subjects}`;
  return { code: 'owner-ambiguous', detail, pointer: '/owner', suggestions: called };
}

/** A name, and each word of it: a surname alone names somebody, too. */
const wordsOf = (name: string | null): string[] => (name === null ? [] : [name, ...name.split(/\s+/u)]);

const inWords = ({ subject, name }: Candidate): string => (name === null ? subject : `${name} (${subject})`);
