import { RecordKinds } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { TRAIL_STREAMS } from './audit-trail-events.ts';
import { BODIES_STREAM } from './body-events.ts';
import { CHECKPOINTS_STREAM } from './checkpoint-events.ts';
import { lifecycles } from './lifecycles.ts';
import { personStream } from './person-events.ts';
import { WEBHOOKS_STREAM } from './webhook-events.ts';

/** The prefixes of other streams, which no kind of record may use. */
const OTHER_STREAMS = [
  ...Object.values(TRAIL_STREAMS),
  ...[personStream(''), BODIES_STREAM, CHECKPOINTS_STREAM, WEBHOOKS_STREAM],
];

/**
 * The roles of operators and auditors. An auditor reads everything and writes nothing; an administrator sends no
 * commands to records.
 */
export const SERVICE_ROLES = ['auditor', 'scheduler', 'administrator'] as const;

/**
 * The kinds of records in this build, one per lifecycle. The server checks that their paths do not conflict with its
 * routes.
 */
export const kinds = new RecordKinds(
  lifecycles.all.map(({ kind }) => kind),
  {
    streams: OTHER_STREAMS.map((stream) => stream.replace(/-$/, '')),
    roles: SERVICE_ROLES,
  },
);

/** Returns the record with an id that has no kind. */
export function recordOf(id: string): RecordReference {
  const kind = kinds.all.find(({ isUnnamed }) => isUnnamed) ?? kinds.all[0];
  if (kind === undefined) throw new Error('There are no kinds of records');
  return { kind, id };
}

/** Returns the kind for API responses; empty for the kind whose records are identified by their id alone. */
export const kindInAnswer = ({ kind }: RecordReference): { readonly kind?: string } =>
  kind.isUnnamed ? {} : { kind: kind.name };

/** Returns the name of a record: its id, with the kind as a prefix if needed. */
export const nameOf = ({ kind, id }: RecordReference): string => (kind.isUnnamed ? id : `${kind.name}/${id}`);

/** Returns the record with a name; null if this build does not have its kind. */
export function recordNamed(name: string): RecordReference | null {
  const [kindName, id] = name.split('/');
  if (id === undefined) return recordOf(name);
  const kind = kinds.find(kindName ?? null);
  return kind === null ? null : { kind, id };
}
