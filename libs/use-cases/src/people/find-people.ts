import { onOneLine } from '#lifecycle/text-rules';
import { peopleSeen } from '#read-models/people/people-projection';
import { READS_LOG, seesPerson } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import type { Person } from '#state-machines/person-events';
import { requireRole } from '../asked.ts';
import type { RecordsAccess } from '../records/records-access.ts';

/** So many people are looked through for a name, those who were seen last. */
const PEOPLE_MAX = 5_000;
/** So many names are read at once. */
const AT_ONCE = 100;

export type KnownPeople = Pick<RecordsAccess, 'people' | 'readModels'>;

/** Who is meant by what was typed. */
export interface MeantPeople {
  /** One where it is a subject; several where people have the same name. */
  readonly subjects: readonly string[];
  /** False where there are too many people to look through. */
  readonly isWhole: boolean;
}

/**
 * Who is meant by a subject or a name in the log and the lists of the audit trail; in a name neither capitals nor spaces count. A subject goes before a name.
 * @throws ProblemError `role-not-permitted`.
 */
export async function findPeople(access: KnownPeople, viewer: Viewer, typed: string): Promise<MeantPeople> {
  requireRole(viewer, READS_LOG);
  const known = await peopleSeen(access.readModels, PEOPLE_MAX);
  const isWhole = known.length < PEOPLE_MAX;
  if (known.includes(typed)) return { subjects: [typed], isWhole };
  return { subjects: await subjectsCalled(access, known, [typed]), isWhole };
}

/** Subjects, and beside them those of everybody who is called as one of them; so that a list is narrowed by names as well. */
export async function withNamesakes(
  access: KnownPeople,
  given: readonly string[],
): Promise<readonly string[]> {
  const areKnown = await Promise.all(given.map((each) => access.people.isKnown(each)));
  const names = given.filter((_, index) => areKnown[index] !== true);
  if (names.length === 0) return given;
  const known = await peopleSeen(access.readModels, PEOPLE_MAX);
  return [...new Set([...given, ...(await subjectsCalled(access, known, names))])].toSorted();
}

/** Everybody who was seen or entered last, and others, by their subjects. */
export async function knownPeople(
  access: KnownPeople,
  others: readonly string[] = [],
): Promise<ReadonlyMap<string, Person>> {
  const known = await peopleSeen(access.readModels, PEOPLE_MAX);
  return new Map(await readPeople(access, [...new Set([...known, ...others])]));
}

/** Somebody as they can be named. */
export interface Candidate {
  readonly subject: string;
  readonly name: string | null;
}

/** A person's name with the subject, which tells people of one name apart. */
export const nameInFull = ({ subject, name }: Candidate): string =>
  name === null ? subject : `${name} (${subject})`;

/** Whether somebody is called as somebody typed it, by the name alone or in full: neither capitals nor spaces count. */
export const isCalled = (person: Candidate, typed: string): boolean =>
  person.name !== null &&
  [person.name, nameInFull(person)].some((each) => comparable(each) === comparable(typed));

/** So many people are offered, those who were seen last; the name of anybody else can be typed. */
const OFFERED_MAX = 1_000;

/** What to type for each of the people of whom the viewer may know: the name, in full where several people have it. */
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
  const read: (readonly [string, Person])[] = [];
  for (let from = 0; from < subjects.length; from += AT_ONCE) {
    const some = subjects.slice(from, from + AT_ONCE);
    read.push(...(await Promise.all(some.map(async (each) => [each, await people.find(each)] as const))));
  }
  return read;
}

const comparable = (name: string): string => onOneLine(name).normalize('NFKC').toLowerCase();
