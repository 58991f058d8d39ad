import { sql } from 'kysely';
import type { Condition } from '#projections/filters';
import type { ReadModelSql } from '#projections/read-model-sql';
import type { InternalAccess, Sight } from '#state-machines/access';
import { kinds } from '#state-machines/record-streams';
import type { PastRows } from './past-rows.ts';

/** The context in which conditions are built: the SQL dialect, and the day at the end of which states apply. */
export interface Ground {
  readonly today: string;
  readonly sql: ReadModelSql;
  /** Set if the rows are those of a past day. */
  readonly past?: PastRows | undefined;
}

/** Returns the column with the body that may see the record today, which can differ from the body on a past day. */
export const recipientToday = ({ past }: Pick<Ground, 'past'>): Condition =>
  sql.ref(past === undefined ? 'recipient' : 'recipient_today');

/** Selects the rows without an owner. */
export const ownedByNobody = ({ past, sql: dialect }: Ground): Condition =>
  past === undefined
    ? sql`owner is null`
    : sql`(owner is null or owner in ${dialect.listed(past.nobody ?? [])})`;

/** Selects the rows whose owner has one of these names. */
export const ownedBy = (names: readonly string[], { past, sql: dialect }: Ground): Condition =>
  sql`owner in ${dialect.listed(past === undefined ? names : names.flatMap((name) => past.owners[name] ?? []))}`;

export const KIND_NAMES: readonly string[] = kinds.all.map(({ name }) => name);

/** Selects records of some kinds. A record's stream name begins with its kind. */
export function ofKinds(names: readonly string[], stream = 'stream'): Condition {
  const begun = kinds.all
    .filter(({ name }) => names.includes(name))
    .map((kind) => sql`${sql.ref(stream)} like ${sql.lit(`${kind.stream}-%`)}`);
  if (begun.length === kinds.all.length) return sql`true`;
  return begun.length === 0 ? sql`false` : sql`(${sql.join(begun, sql` or `)})`;
}

/** Selects the rows that a user may see with this sight. */
export const sightConditions = (recipients: Sight, ground: Ground): Condition[] =>
  recipients === null ? [] : [inSight(recipients, recipientToday(ground), 'stream', ground.sql)];

/** Selects the rows in sight, by the columns of their body and their stream. */
export function inSight(
  sight: Sight,
  recipient: Condition,
  stream: string,
  dialect: ReadModelSql,
): Condition {
  if (sight === null) return sql`true`;
  if (!('bodies' in sight)) return sql`${recipient} in ${dialect.listed(sight)}`;
  const { everyBody, ofBodies, bodies } = sight;
  return sql`(${ofKinds(everyBody, stream)} or (${ofKinds(ofBodies, stream)} and ${recipient} in ${dialect.listed(bodies)}))`;
}

/** Selects the rows whose internal comments a user does not read, by the columns of their body and their stream. */
export function withoutInternal(
  { kinds: read, exceptOf }: Exclude<InternalAccess, string>,
  [recipient, stream]: readonly [recipient: string, stream: string],
  dialect: ReadModelSql,
): Condition {
  const ofBodies = sql<boolean>`${sql.ref(recipient)} in ${dialect.listed(exceptOf)}`;
  return read === undefined ? ofBodies : sql`(not ${ofKinds(read, stream)} or ${ofBodies})`;
}
