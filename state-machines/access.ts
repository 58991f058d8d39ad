import type { RolesPolicy } from '#lifecycle/command-roles';
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

/** The roles that see the records of every body. */
export const SEES_EVERY_BODY: readonly string[] = [...STAFF, ...SERVICE_ROLES];
/** The roles that read internal comments. */
const READS_INTERNAL: readonly string[] = [...STAFF, 'auditor'];
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

/** Returns the bodies whose records a person sees; null for all. */
export function visibleBodies(viewer: Rights): readonly string[] | null {
  if (hasOneOf(viewer, SEES_EVERY_BODY)) return null;
  return hasOneOf(viewer, OF_THE_RECIPIENT) ? viewer.organisations : [];
}

/** Returns whether a person sees the records of only one body, so that its name can be omitted. */
export const isOfOneBody = (viewer: Rights): boolean => visibleBodies(viewer)?.length === 1;

/** Returns whether a person sees the records of a body. Other records appear not to exist. */
export function seesRecipient(viewer: Rights, recipient: string | null): boolean {
  const bodies = visibleBodies(viewer);
  return bodies === null || (recipient !== null && bodies.includes(recipient));
}

/** Returns whether a person sees another person: they share a body, or the viewer sees every body. */
export function seesPerson(viewer: Rights, rights: Pick<Rights, 'organisations'> | null): boolean {
  const bodies = visibleBodies(viewer);
  return bodies === null || (rights !== null && rights.organisations.some((body) => bodies.includes(body)));
}

/**
 * Returns the roles in which a person acts on the record of a body. On records of their own bodies these are body roles
 * only; body roles do not apply to other bodies.
 */
export function rolesOn({ roles, organisations }: Rights, recipient: string | null): readonly string[] {
  const isTheirs = recipient !== null && organisations.includes(recipient);
  return roles.filter((role) => isOfTheRecipient(role) === isTheirs);
}

/** The roles policy for all kinds of records. */
export const rolesPolicy: RolesPolicy = { rolesOn, whyNotAs };

/**
 * Returns whether a person reads internal comments on a body's record. Staff who belong to that body do not; auditors
 * always do.
 */
export const readsInternal = (viewer: Rights, recipient: string | null): boolean =>
  hasOneOf(viewer, READS_ALL_INTERNAL) ||
  rolesOn(viewer, recipient).some((role) => READS_INTERNAL.some((each) => each === role));

/**
 * Returns whether a person may create an evidence pack of a body's record: auditors of any record, people of a body of
 * its records.
 */
export const mayPack = (viewer: Rights, recipient: string | null): boolean =>
  hasOneOf(viewer, PACKS_ALL) || rolesOn(viewer, recipient).some(isOfTheRecipient);

/** Returns the rights of a person with only this role, who belongs to the record's body if it is a body role. */
export const rightsOf = (role: string, recipient: string | null): Rights => ({
  roles: [role],
  organisations: isOfTheRecipient(role) && recipient !== null ? [recipient] : [],
});

/** Returns the rights of an audience: the people of some bodies, or (null) the staff. */
export const rightsOfAudience = (bodies: readonly string[] | null): Rights =>
  bodies === null ? { roles: STAFF, organisations: [] } : { roles: OF_THE_RECIPIENT, organisations: bodies };

/** The records on which a person reads internal comments: all, none, or all except those of some bodies. */
export type InternalAccess = 'all' | 'none' | { readonly exceptOf: readonly string[] };

/** Returns the records for which `readsInternal` is true. */
export function internalSight(viewer: Rights): InternalAccess {
  if (hasOneOf(viewer, READS_ALL_INTERNAL)) return 'all';
  const reads = READS_INTERNAL.some((role) => !isOfTheRecipient(role) && viewer.roles.includes(role));
  if (!reads) return 'none';
  return viewer.organisations.length === 0 ? 'all' : { exceptOf: viewer.organisations };
}
