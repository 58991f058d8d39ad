import { onOneLine } from '#lifecycle/text-rules';
import { peopleSeen } from '#read-models/people/people-projection';
import { READS_ACCESSES, READS_LOG, READS_REFUSALS } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import { requireRole } from '../asked.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import type { People } from './people.ts';

/** So many people are looked through for a name, those who were seen last. */
const PEOPLE_MAX = 5_000;
/** So many names are read at once. */
const AT_ONCE = 100;

/** Lists that are narrowed by people, and who may read them. */
const READ_BY = { log: READS_LOG, refusals: READS_REFUSALS, accesses: READS_ACCESSES };

export interface PeopleAccess {
  readonly people: Pick<People, 'readNames'>;
  readonly readModels: RecordsAccess['readModels'];
}

/** Who is meant by what was typed. */
export interface MeantPeople {
  /** One where it is a subject; several where people have the same name. */
  readonly subjects: readonly string[];
  /** False where there are too many people to look through. */
  readonly isWhole: boolean;
}

/**
 * Who is meant in a list by a subject or a name; in a name neither capitals nor spaces count. A subject goes before a name.
 * @throws ProblemError `role-not-permitted`.
 */
export async function findPeople(
  { people, readModels }: PeopleAccess,
  viewer: Viewer,
  { typed, list }: { readonly typed: string; readonly list: keyof typeof READ_BY },
): Promise<MeantPeople> {
  requireRole(viewer, READ_BY[list]);
  const known = await peopleSeen(readModels, PEOPLE_MAX);
  const isWhole = known.length < PEOPLE_MAX;
  if (known.includes(typed)) return { subjects: [typed], isWhole };
  const subjects: string[] = [];
  for (let from = 0; from < known.length; from += AT_ONCE) {
    const names = await people.readNames(known.slice(from, from + AT_ONCE));
    for (const [subject, name] of names)
      if (name !== null && comparable(name) === comparable(typed)) subjects.push(subject);
  }
  return { subjects, isWhole };
}

const comparable = (name: string): string => onOneLine(name).normalize('NFKC').toLowerCase();
