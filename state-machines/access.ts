import type { RolesPolicy } from '#lifecycle/command-roles';
import type { RecordKind } from '#lifecycle/kind';
import { whyNotAs } from './capabilities/persons.ts';
import type { Rights } from './person-events.ts';
import { kinds, SERVICE_ROLES } from './record-streams.ts';

const unionOf = (side: 'staff' | 'body'): readonly string[] => [
  ...new Set(kinds.all.flatMap(({ roles }) => roles[side])),
];

/** The staff roles of all kinds. */
const STAFF = unionOf('staff');

/** The body roles of all kinds. */
const OF_THE_RECIPIENT = unionOf('body');

const ofTheRecipient: ReadonlySet<string> = new Set(OF_THE_RECIPIENT);
export const isOfTheRecipient = (role: string): boolean => ofTheRecipient.has(role);

/** All roles. The kinds of records declare the roles for their records. */
export const ROLES: readonly string[] = [...STAFF, ...OF_THE_RECIPIENT, ...SERVICE_ROLES];

/** The roles of people; the scheduler is a program. */
export const ROLES_OF_PEOPLE: readonly string[] = ROLES.filter((role) => role !== 'scheduler');

/** The roles that read internal comments on every record, including records of the person's own body. */
const READS_ALL_INTERNAL: readonly string[] = ['auditor'];
/** The roles that create evidence packs of all records. */
const PACKS_ALL: readonly string[] = ['auditor'];
/** The roles that read the audit trail and the whole log, including events of records that they cannot open. */
export const READS_LOG: readonly string[] = ['auditor'];
/** The roles that sign a checkpoint of the log on demand. */
export const SIGNS_LOG: readonly string[] = ['auditor', 'administrator'];
/** The roles that verify the whole log on demand. */
export const VERIFIES_LOG: readonly string[] = ['auditor'];
/** The roles that monitor and rebuild the projections. */
export const RUNS_SERVICE: readonly string[] = ['administrator'];

/** The person who makes a request. Their roles and bodies determine what they may see and do. */
export interface Viewer extends Rights {
  readonly subject: string;
  /** The organisations without those of the service's operators; all organisations if absent. */
  readonly bodies?: readonly string[];
}

const hasOneOf = (viewer: Rights, roles: readonly string[]): boolean =>
  roles.some((role) => viewer.roles.includes(role));

/** Returns the bodies whose records of a kind, or of any kind, a person sees; null for all. */
export function visibleBodies(viewer: Rights, kind?: RecordKind): readonly string[] | null {
  const { staff, body } = kind?.roles ?? { staff: STAFF, body: OF_THE_RECIPIENT };
  if (hasOneOf(viewer, SERVICE_ROLES) || hasOneOf(viewer, staff)) return null;
  return hasOneOf(viewer, body) ? viewer.organisations : [];
}

/** Returns the kinds of which a person may see records. */
export const visibleKinds = (viewer: Rights): readonly RecordKind[] =>
  kinds.all.filter((kind) => visibleBodies(viewer, kind)?.length !== 0);

/**
 * The records that a person sees: all (null), those of some bodies, or, if their roles belong to some kinds only, all of
 * the kinds `everyBody` and those of the bodies of the kinds `ofBodies`.
 */
export type Sight =
  | readonly string[]
  | null
  | {
      readonly everyBody: readonly string[];
      readonly ofBodies: readonly string[];
      readonly bodies: readonly string[];
    };

export function sightOf(viewer: Rights): Sight {
  const namesOf = (roles: (kind: RecordKind) => readonly string[]): readonly string[] =>
    kinds.all.filter((kind) => hasOneOf(viewer, roles(kind))).map(({ name }) => name);
  const everyBody = namesOf(({ roles }) => [...roles.staff, ...SERVICE_ROLES]);
  const ofBodies = namesOf(({ roles }) => roles.body);
  if (everyBody.length === kinds.all.length) return null;
  if (everyBody.length > 0 || ofBodies.length < kinds.all.length)
    return { everyBody, ofBodies, bodies: viewer.organisations };
  return viewer.organisations;
}

/** Returns whether a sight includes a record. */
export function isInSight(sight: Sight, kind: string, recipient: string | null): boolean {
  if (sight === null) return true;
  const isOf = (bodies: readonly string[]): boolean => recipient !== null && bodies.includes(recipient);
  if (!('bodies' in sight)) return isOf(sight);
  return sight.everyBody.includes(kind) || (sight.ofBodies.includes(kind) && isOf(sight.bodies));
}

/** Returns whether a person sees the records of only one body, so that its name can be omitted. */
export const isOfOneBody = (viewer: Rights): boolean => visibleBodies(viewer)?.length === 1;

/** Returns whether a person sees a body's records of a kind. Other records appear not to exist. */
export function seesRecipient(viewer: Rights, recipient: string | null, kind: RecordKind): boolean {
  const bodies = visibleBodies(viewer, kind);
  return bodies === null || (recipient !== null && bodies.includes(recipient));
}

/** Returns whether a person sees another person: they share a body, or the viewer sees every body. */
export function seesPerson(viewer: Rights, rights: Pick<Rights, 'organisations'> | null): boolean {
  const bodies = visibleBodies(viewer);
  return bodies === null || (rights !== null && rights.organisations.some((body) => bodies.includes(body)));
}

/**
 * Returns the roles in which a person acts on a body's record of a kind. On records of their own bodies these are body
 * roles only; body roles do not apply to other bodies. Roles of other kinds do not apply.
 */
export function rolesOn(
  { roles, organisations }: Rights,
  recipient: string | null,
  kind: RecordKind,
): readonly string[] {
  const isTheirs = recipient !== null && organisations.includes(recipient);
  const those = isTheirs ? kind.roles.body : [...kind.roles.staff, ...SERVICE_ROLES];
  return roles.filter((role) => those.includes(role));
}

/** The roles policy for all kinds of records. */
export const rolesPolicy: RolesPolicy = {
  rolesOn: (caller, { of, body }) => rolesOn(caller, body, kinds.named(of)),
  whyNotAs,
};

/**
 * Returns whether a person reads internal comments on a body's record. Staff who belong to that body do not; auditors
 * always do.
 */
export const readsInternal = (viewer: Rights, recipient: string | null, kind: RecordKind): boolean =>
  hasOneOf(viewer, READS_ALL_INTERNAL) ||
  rolesOn(viewer, recipient, kind).some((role) => kind.roles.staff.includes(role));

/**
 * Returns whether a person may create an evidence pack of a body's record: auditors of any record, people of a body of
 * its records.
 */
export const mayPack = (viewer: Rights, recipient: string | null, kind: RecordKind): boolean =>
  hasOneOf(viewer, PACKS_ALL) || rolesOn(viewer, recipient, kind).some(isOfTheRecipient);

/** Returns the rights of a person with only this role, who belongs to the record's body if it is a body role. */
export const rightsOf = (role: string, recipient: string | null): Rights => ({
  roles: [role],
  organisations: isOfTheRecipient(role) && recipient !== null ? [recipient] : [],
});

/** Returns the rights of an audience: the people of some bodies, or (null) the staff. */
export const rightsOfAudience = (bodies: readonly string[] | null): Rights =>
  bodies === null ? { roles: STAFF, organisations: [] } : { roles: OF_THE_RECIPIENT, organisations: bodies };

/**
 * The records on which a person reads internal comments: all, none, or those of some kinds (of all if absent) except
 * those of some bodies.
 */
export type InternalAccess =
  | 'all'
  | 'none'
  | { readonly kinds?: readonly string[]; readonly exceptOf: readonly string[] };

/** Returns the records for which `readsInternal` is true. */
export function internalSight(viewer: Rights): InternalAccess {
  if (hasOneOf(viewer, READS_ALL_INTERNAL)) return 'all';
  const reads = kinds.all.filter(({ roles }) => hasOneOf(viewer, roles.staff)).map(({ name }) => name);
  if (reads.length === 0) return 'none';
  if (reads.length < kinds.all.length) return { kinds: reads, exceptOf: viewer.organisations };
  return viewer.organisations.length === 0 ? 'all' : { exceptOf: viewer.organisations };
}
