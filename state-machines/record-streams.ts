import { RecordKinds } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { recommendation, recommendationOf } from './inspection-recommendation/kind.ts';
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

/** A recommendation. */
export const recordOf = (id: string): RecordReference => recommendationOf(id);

/** The kind of a record as an event of another stream tells it: the kind that there was alone is what is meant where none is told. */
export const kindTold = ({ kind }: RecordReference): { readonly kind?: string } =>
  kind.name === recommendation.name ? {} : { kind: kind.name };
