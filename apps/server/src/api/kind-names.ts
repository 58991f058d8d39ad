import type { RecordKind } from '#lifecycle/kind';
import { kinds, recordOf } from '#state-machines/record-streams';

const joined = (words: string): string =>
  words.replaceAll(/[ -]+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Names of one kind stand alone, as they did when there was no other; those of further kinds have the kind's before them. */
const isFirst = (kind: RecordKind): boolean => kind.name === recordOf('').kind.name;

/** The kinds, the one before all whose names stand alone. */
export const NAMED_KINDS: readonly RecordKind[] = kinds.all.toSorted(
  (one, other) => Number(isFirst(other)) - Number(isFirst(one)),
);

/** The member of an answer that has records of a kind, which are several. */
export const memberOf = ({ noun }: RecordKind): string => joined(noun.plural);

/** The name of a schema, of those that each kind has. */
export function schemaNameOf(kind: RecordKind, name: string): string {
  if (name === 'Record') return kindsOwn(kind, name);
  const isItem = name === 'RecordItem';
  // A further kind can be called as something else of the document is, such as a notice.
  if (isItem || name === 'RecordPage')
    return kind.isUnnamed
      ? capitalised(joined(isItem ? kind.noun.singular : kind.noun.plural))
      : kindsOwn(kind, name.replace('Record', ''));
  return isFirst(kind) ? name : kindsOwn(kind, name);
}

/** A name with that of the kind before it. */
export const kindsOwn = ({ noun }: RecordKind, name: string): string =>
  `${capitalised(joined(noun.singular))}${name}`;

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
