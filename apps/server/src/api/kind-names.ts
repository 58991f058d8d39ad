import type { RecordKind } from '#lifecycle/kind';
import { kinds, recordOf } from '#state-machines/record-streams';

const joinWords = (words: string): string =>
  words.replaceAll(/[ -]+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
const capitalise = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** The first kind's names have no prefix, as when it was the only kind; further kinds' names are prefixed. */
const isFirst = (kind: RecordKind): boolean => kind.name === recordOf('').kind.name;

/** All kinds, starting with the one whose names have no prefix. */
export const NAMED_KINDS: readonly RecordKind[] = kinds.all.toSorted(
  (one, other) => Number(isFirst(other)) - Number(isFirst(one)),
);

/** Returns the name of a response's member with records of a kind, in the plural. */
export const memberOf = ({ noun }: RecordKind): string => joinWords(noun.plural);

export function schemaNameOf(kind: RecordKind, name: string): string {
  if (name === 'Record') return kindsOwn(kind, name);
  const isItem = name === 'RecordItem';
  // A further kind can share its name with another schema, such as a notice.
  if (isItem || name === 'RecordPage')
    return kind.isUnnamed
      ? capitalise(joinWords(isItem ? kind.noun.singular : kind.noun.plural))
      : kindsOwn(kind, name.replace('Record', ''));
  return isFirst(kind) ? name : kindsOwn(kind, name);
}

/** Returns a name prefixed with the kind's. */
export const kindsOwn = ({ noun }: RecordKind, name: string): string =>
  `${capitalise(joinWords(noun.singular))}${name}`;

export function operationIdOf(kind: RecordKind, id: string): string {
  if (isFirst(kind)) return id;
  const { singular } = kind.noun;
  return id.includes('-')
    ? `${singular.replaceAll(' ', '-')}-${id}`
    : `${joinWords(singular)}${capitalise(id)}`;
}

export const tagOf = (kind: RecordKind, tag: string): string =>
  isFirst(kind) && tag !== 'Records' ? tag : capitalise(memberOf(kind));
