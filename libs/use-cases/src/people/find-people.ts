import { onOneLine } from '#lifecycle/text-rules';
import { peopleSeen } from '#read-models/people/people-projection';
import { READS_LOG, seesPerson } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import type { Person } from '#state-machines/person-events';
import { requireRole } from '../call-context.ts';
import type { RecordsAccess } from '../records/records-access.ts';

/** The number of people searched by name: those seen most recently. */
const PEOPLE_MAX = 5_000;
/** The number of names read at once. */
const AT_ONCE = 100;

export type KnownPeople = Pick<RecordsAccess, 'people' | 'readModels'>;

/** The people that a typed text matches. */
export interface MatchingPeople {
  /** One subject, or several if people share the name. */
  readonly subjects: readonly string[];
  /** Whether all people were searched: false if there are too many. */
  readonly isWhole: boolean;
}

/**
 * Finds people by subject or name, for the log and the lists of the audit trail. Names are compared without case and spaces. A matching
 * subject has precedence.
 * @throws ProblemError `role-not-permitted`.
 */
export async function findPeople(
  access: KnownPeople,
  viewer: Viewer,
  typed: string,
): Promise<MatchingPeople> {
  requireRole(viewer, READS_LOG);
  const recent = await peopleSeen(access.readModels, PEOPLE_MAX);
  const isWhole = recent.length < PEOPLE_MAX;
  if (recent.includes(typed)) return { subjects: [typed], isWhole };
  return { subjects: await subjectsCalled(access, recent, [typed]), isWhole };
}

/** Returns subjects, with those of everyone whose name is one of them, so that lists can be filtered by name. */
export async function withNamesakes(
  access: KnownPeople,
  subjects: readonly string[],
): Promise<readonly string[]> {
  const areKnown = await Promise.all(subjects.map((each) => access.people.isKnown(each)));
  const names = subjects.filter((_, index) => areKnown[index] !== true);
  if (names.length === 0) return subjects;
  const recent = await peopleSeen(access.readModels, PEOPLE_MAX);
  return [...new Set([...subjects, ...(await subjectsCalled(access, recent, names))])].toSorted();
}

/** Returns the people seen or entered most recently, and `others`, by subject. */
export async function knownPeople(
  access: KnownPeople,
  others: readonly string[],
): Promise<ReadonlyMap<string, Person>> {
  const recent = await peopleSeen(access.readModels, PEOPLE_MAX);
  return new Map(await readPeople(access, [...new Set([...recent, ...others])]));
}

export interface Candidate {
  readonly subject: string;
  readonly name: string | null;
}

/** Returns a person's name with the subject, which distinguishes namesakes. */
export const nameInFull = ({ subject, name }: Candidate): string =>
  name === null ? subject : `${name} (${subject})`;

/** Reports whether a text is a person's name, alone or with the subject, without regard to case and spaces. */
export const isCalled = (person: Candidate, typed: string): boolean =>
  person.name !== null &&
  [person.name, nameInFull(person)].some((each) => comparable(each) === comparable(typed));

/** The number of people offered: those seen most recently. Any other name can be typed. */
const OFFERED_MAX = 1_000;

/** Returns the text to type for each person that the viewer may know: the name, with the subject if several people share it. */
export async function namesOfPeople(access: KnownPeople, viewer: Viewer): Promise<readonly string[]> {
  const people = await readPeople(access, await peopleSeen(access.readModels, OFFERED_MAX));
  const candidates = people.flatMap(([subject, { name, rights }]) =>
    name !== null && (subject === viewer.subject || seesPerson(viewer, rights)) ? [{ subject, name }] : [],
  );
  const count = Map.groupBy(candidates, ({ name }) => comparable(name));
  return candidates
    .map((each) => (count.get(comparable(each.name))?.length === 1 ? each.name : nameInFull(each)))
    .toSorted((one, other) => one.localeCompare(other, 'en-GB'));
}

async function subjectsCalled(
  access: Pick<KnownPeople, 'people'>,
  subjects: readonly string[],
  names: readonly string[],
): Promise<string[]> {
  const people = await readPeople(access, subjects);
  return people.flatMap(([subject, person]) =>
    names.some((name) => isCalled({ subject, name: person.name }, name)) ? [subject] : [],
  );
}

async function readPeople(
  { people }: Pick<KnownPeople, 'people'>,
  subjects: readonly string[],
): Promise<(readonly [string, Person])[]> {
  const found: (readonly [string, Person])[] = [];
  for (let from = 0; from < subjects.length; from += AT_ONCE) {
    const batch = subjects.slice(from, from + AT_ONCE);
    found.push(...(await Promise.all(batch.map(async (each) => [each, await people.find(each)] as const))));
  }
  return found;
}

const comparable = (name: string): string => onOneLine(name).normalize('NFKC').toLowerCase();
