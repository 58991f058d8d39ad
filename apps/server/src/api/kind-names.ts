import type { RecordKind } from '#lifecycle/kind';
import { kinds } from '#state-machines/record-streams';

const joined = (words: string): string =>
  words.replaceAll(/[ -]+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Names of the first kind stand alone, as they did when there was no other; those of further kinds have the kind's before them. */
const isFirst = (kind: RecordKind): boolean => kind.name === kinds.all[0]?.name;

/** The member of an answer that has records of a kind, which are several. */
export const memberOf = ({ noun }: RecordKind): string => joined(noun.plural);

/** The name of a schema, of those that each kind has. */
export function schemaNameOf(kind: RecordKind, name: string): string {
  const { singular, plural } = kind.noun;
  const noun = capitalised(joined(singular));
  if (name === 'Record') return `${noun}Record`;
  if (name === 'RecordItem') return noun;
  if (name === 'RecordPage') return capitalised(joined(plural));
  return isFirst(kind) ? name : `${noun}${name}`;
}

/** The id of an operation, of those that each kind has. */
export function operationIdOf(kind: RecordKind, id: string): string {
  if (isFirst(kind)) return id;
  const { singular } = kind.noun;
  return id.includes('-')
    ? `${singular.replaceAll(' ', '-')}-${id}`
    : `${joined(singular)}${capitalised(id)}`;
}

/** The tag of an operation. */
export const tagOf = (kind: RecordKind, tag: string): string =>
  isFirst(kind) && tag !== 'Records' ? tag : capitalised(memberOf(kind));
