import { OF_THE_RECIPIENT, ROLES } from '#state-machines/access';
import type { Role } from '#state-machines/access';

/** Somebody whom one can be with the development key. */
export interface ReadyPerson {
  readonly subject: string;
  readonly name: string;
  readonly role: Role;
  readonly organisations: readonly string[];
}

const NAMES: Readonly<Partial<Record<Role, readonly string[]>>> = {
  inspector: ['Ines Okafor', 'Tom Hale'],
  approver: ['Ruth Adeyemi'],
  'force-lead': ['Dev Patel'],
  commissioner: ['Carys Morgan'],
  auditor: ['Hanna Lind'],
  administrator: ['Sam Fisher'],
};

/** The body that those who act for one belong to: that of the sample record. */
const BODY = 'wiltshire';

const ofABody: ReadonlySet<string> = new Set(OF_THE_RECIPIENT);

/** One for each role that people have, and two inspectors, since some decisions take a second one. */
export const READY_PEOPLE: readonly ReadyPerson[] = ROLES.flatMap((role) =>
  (NAMES[role] ?? []).map((name, index) => ({
    subject: index === 0 ? `demo-${role}` : `demo-${role}-${index + 1}`,
    name,
    role,
    organisations: ofABody.has(role) ? [BODY] : [],
  })),
);
