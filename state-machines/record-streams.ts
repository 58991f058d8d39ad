import { RecordKinds } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { TRAIL_STREAMS } from './audit-trail-events.ts';
import { BODIES_STREAM } from './body-events.ts';
import { CHECKPOINTS_STREAM } from './checkpoint-events.ts';
import { CLOCK_STREAM } from './clock-events.ts';
import { lifecycles } from './lifecycles.ts';
import { personStream } from './person-events.ts';
import { WEBHOOKS_STREAM } from './webhook-events.ts';

/** Names of streams of other things; no kind of record has them. Migrations between versions of a lifecycle will have one. */
const OTHER_STREAMS = [
  ...[...Object.values(TRAIL_STREAMS), personStream('')],
  ...[BODIES_STREAM, CHECKPOINTS_STREAM, CLOCK_STREAM, WEBHOOKS_STREAM, 'migration'],
];

/** In which people run and audit a service: an auditor reads all and writes nothing, an administrator gives no command on a record. */
export const SERVICE_ROLES = ['auditor', 'scheduler', 'administrator'] as const;

/** The kinds of records of this build, one for each lifecycle. That their paths are free is for the server to say, which has the routes. */
export const kinds = new RecordKinds(
  lifecycles.all.map(({ kind }) => kind),
  {
    streams: OTHER_STREAMS.map((stream) => stream.replace(/-$/, '')),
    roles: SERVICE_ROLES,
  },
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
  const kind = kinds.find(kindName ?? null);
  return kind === null ? null : { kind, id };
}
