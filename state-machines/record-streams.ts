import { RecordKinds } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { lifecycles } from './lifecycles.ts';

/** What streams of other things begin with, and paths of other pages and routes: no kind of record has them. */
const RESERVED = {
  streams: ['access', 'bodies', 'checkpoints', 'clock', 'person', 'refusals'],
  paths:
    'accessibility account api assets audit checkpoint deadlines health help imports metrics operations people searches sign-in sign-out signed-in signed-out statistics tile work'.split(
      ' ',
    ),
};

/** The kinds of records of this build, one for each lifecycle. */
export const kinds = new RecordKinds(
  lifecycles.currents.map(({ kind }) => kind),
  RESERVED,
);

/** The record that an id alone names. */
export function recordOf(id: string): RecordReference {
  const kind = kinds.all.find(({ isUnnamed }) => isUnnamed) ?? kinds.all[0];
  if (kind === undefined) throw new Error('There are no kinds of records');
  return { kind, id };
}

/** The kind of a record as it is told beside the id: where none is told, it is the one that ids alone are of. */
export const kindTold = ({ kind }: RecordReference): { readonly kind?: string } =>
  kind.isUnnamed ? {} : { kind: kind.name };

/** A record in one word: its id, behind the kind where that is told. */
export const nameOf = ({ kind, id }: RecordReference): string => (kind.isUnnamed ? id : `${kind.name}/${id}`);

/** The record of such a name; null where this build does not have its kind. */
export function recordNamed(name: string): RecordReference | null {
  const [kindName, id] = name.split('/');
  if (id === undefined) return recordOf(name);
  const kind = kinds.all.find((each) => each.name === kindName);
  return kind === undefined ? null : { kind, id };
}
