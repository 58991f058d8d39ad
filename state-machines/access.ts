import type { RolesPolicy } from '#lifecycle/command-roles';
import { whyNotAs } from './capabilities/persons.ts';
import { lifecycles } from './lifecycles.ts';
import type { Rights } from './person-events.ts';
import { kinds, SERVICE_ROLES } from './record-streams.ts';

const unionOf = (side: 'staff' | 'body'): readonly string[] => [
  ...new Set(kinds.all.flatMap(({ roles }) => roles[side])),
];

/** The roles of those who keep records, of whichever kind. */
const STAFF = unionOf('staff');

/** The roles of a body's own people. */
export const OF_THE_RECIPIENT = unionOf('body');

const ofTheRecipient: ReadonlySet<string> = new Set(OF_THE_RECIPIENT);
export const isOfTheRecipient = (role: string): boolean => ofTheRecipient.has(role);

/** In which people can act: kinds of records declare those that act on them. */
export const ROLES: readonly string[] = [...STAFF, ...OF_THE_RECIPIENT, ...SERVICE_ROLES];

/** The same without the scheduler, who is nobody. */
export const ROLES_OF_PEOPLE: readonly string[] = ROLES.filter((role) => role !== 'scheduler');

/** Who may see the records of every body. */
export const SEES_EVERY_BODY: readonly string[] = [...STAFF, ...SERVICE_ROLES];
/** Who reads internal comments. */
const READS_INTERNAL: readonly string[] = [...STAFF, 'auditor'];
/** Who reads them on every record, also on those of their own body. */
const READS_ALL_INTERNAL: readonly string[] = ['auditor'];
/** Who makes evidence packs of all records. */
const PACKS_ALL: readonly string[] = ['auditor'];
/** Who reads the whole log, also of what they could not see as a record, and the lists of the audit trail. */
export const READS_LOG: readonly string[] = ['auditor'];
/** Who has the log signed as it stands. */
export const SIGNS_LOG: readonly string[] = ['auditor', 'administrator'];
/** Who has the whole log verified as it stands. */
export const VERIFIES_LOG: readonly string[] = ['auditor'];
/** Who looks at the projections and rebuilds them. */
export const RUNS_SERVICE: readonly string[] = ['administrator'];

/** Who asks. What they see and may do depends on their roles, and on the bodies that they belong to. */
export interface Viewer extends Rights {
  readonly subject: string;
  /** The organisations without those of the inspectorate; all of them where it is absent. */
  readonly bodies?: readonly string[];
}

const hasOneOf = (viewer: Rights, roles: readonly string[]): boolean =>
  roles.some((role) => viewer.roles.includes(role));

/** The bodies whose records a person sees: null for all of them. */
export function visibleBodies(viewer: Rights): readonly string[] | null {
  if (hasOneOf(viewer, SEES_EVERY_BODY)) return null;
  return hasOneOf(viewer, OF_THE_RECIPIENT) ? viewer.organisations : [];
}

/** Whether a person sees the records of one body only, and so need not be told which it is. */
export const isOfOneBody = (viewer: Rights): boolean => visibleBodies(viewer)?.length === 1;

/** Whether a person sees the records of a body; another body's record is to them as if it were absent. */
export function seesRecipient(viewer: Rights, recipient: string | null): boolean {
  const bodies = visibleBodies(viewer);
  return bodies === null || (recipient !== null && bodies.includes(recipient));
}

/** Whether a person is told of somebody because of whom they both belong to; of people of no body, or not known, only who sees every body is. */
export function seesPerson(viewer: Rights, rights: Pick<Rights, 'organisations'> | null): boolean {
  const bodies = visibleBodies(viewer);
  return bodies === null || (rights !== null && rights.organisations.some((body) => bodies.includes(body)));
}

/**
 * In which of their roles a person acts on the record of a body. Nobody decides on their own body: whoever belongs to it acts
 * as one of its people only, and nobody acts as one of the people of a body that they do not belong to.
 */
export function rolesOn({ roles, organisations }: Rights, recipient: string | null): readonly string[] {
  const isTheirs = recipient !== null && organisations.includes(recipient);
  return roles.filter((role) => isOfTheRecipient(role) === isTheirs);
}

/** In which roles people act on records, of whichever kind. */
export const rolesPolicy: RolesPolicy = { rolesOn, whyNotAs };

/**
 * Whether a person reads internal comments on the record of a body: on that of their own body an inspector or an approver is one
 * of its people. An auditor reads all.
 */
export const readsInternal = (viewer: Rights, recipient: string | null): boolean =>
  hasOneOf(viewer, READS_ALL_INTERNAL) ||
  rolesOn(viewer, recipient).some((role) => READS_INTERNAL.some((each) => each === role));

/** Whether a person may have an evidence pack of the record of a body: an auditor of each, one of the body's own people of theirs. */
export const mayPack = (viewer: Rights, recipient: string | null): boolean =>
  hasOneOf(viewer, PACKS_ALL) || rolesOn(viewer, recipient).some(isOfTheRecipient);

/** Who may look at a record as others see it, who see no more of it: those who begin records. */
export const LOOKS_AS_OTHERS: readonly string[] = lifecycles.currents.flatMap(({ issue }) => issue.roles);

/** The rights of somebody who has one role alone, and who belongs to the record's body where the role is one of its people. */
export const rightsOf = (role: string, recipient: string | null): Rights => ({
  roles: [role],
  organisations: isOfTheRecipient(role) && recipient !== null ? [recipient] : [],
});

/** The rights of those for whom something is meant: of the people of some bodies, or (null) of those who keep records. */
export const rightsOfAudience = (bodies: readonly string[] | null): Rights =>
  bodies === null ? { roles: STAFF, organisations: [] } : { roles: OF_THE_RECIPIENT, organisations: bodies };

/** On which records a person reads internal comments: on all, on none, or on all but those of some bodies. */
export type InternalSight = 'all' | 'none' | { readonly exceptOf: readonly string[] };

/** The same as `readsInternal`, said of all records at once. */
export function internalSight(viewer: Rights): InternalSight {
  if (hasOneOf(viewer, READS_ALL_INTERNAL)) return 'all';
  const reads = READS_INTERNAL.some((role) => !isOfTheRecipient(role) && viewer.roles.includes(role));
  if (!reads) return 'none';
  return viewer.organisations.length === 0 ? 'all' : { exceptOf: viewer.organisations };
}
