import { roleInWords } from '#lifecycle/words';
import { isOfTheRecipient, ROLES_OF_PEOPLE } from '#state-machines/access';

/** A person to sign in as with the development key. */
export interface ReadyPerson {
  readonly subject: string;
  readonly name: string;
  readonly role: string;
  readonly organisations: readonly string[];
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  inspector: ['Ines Okafor', 'Tom Hale'],
  approver: ['Ruth Adeyemi'],
  'force-lead': ['Dev Patel'],
  commissioner: ['Carys Morgan'],
  auditor: ['Hanna Lind'],
  administrator: ['Sam Fisher'],
};

/** The body of the sample record. */
const BODY = 'wiltshire';

/** One person per role, and two inspectors, because some decisions need a second one. */
export const READY_PEOPLE: readonly ReadyPerson[] = ROLES_OF_PEOPLE.flatMap((role) =>
  (NAMES[role] ?? [`Demo ${roleInWords(role)}`]).map((name, index) => ({
    subject: index === 0 ? `demo-${role}` : `demo-${role}-${index + 1}`,
    name,
    role,
    organisations: isOfTheRecipient(role) ? [BODY] : [],
  })),
);
