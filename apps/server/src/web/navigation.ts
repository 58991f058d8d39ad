import type { Identity } from '#identity/identity';
import type { RecordKind } from '#lifecycle/kind';
import { READS_LOG, RUNS_SERVICE } from '#state-machines/access';
import { CORRECTS, IMPORTS } from '#use-cases/register-files/export-formats';
import { lifecycles } from '#state-machines/lifecycles';
import { HAS_REGISTER } from '#use-cases/register-files/export-formats';
import { kinds } from '#state-machines/record-streams';
import { listPath, listTitle } from './list-paths.ts';
import { ISSUE, issueTitle } from './words.ts';

/** The active entry of the navigation: a page, a kind's path, or `new-` and a kind's path. */
export type Section = string;

interface Entry {
  readonly section: Section;
  readonly text: string;
  readonly href: string;
  /** All users if it is absent. */
  readonly roles?: readonly string[];
}

export const issueSection = ({ path }: RecordKind): Section => `new-${path}`;

const issueEntry = (kind: RecordKind): Entry => ({
  section: issueSection(kind),
  text: kinds.all.length === 1 ? (kind.verb ?? ISSUE) : issueTitle(kind),
  href: `${listPath(kind)}/new`,
  roles: lifecycles.current(kind.name).issue.roles,
});

const ENTRIES: readonly Entry[] = [
  { section: 'work', text: 'Work', href: '/' },
  { section: 'inbox', text: 'Inbox', href: '/inbox' },
  ...kinds.all.map((kind) => ({ section: kind.path, text: listTitle(kind), href: listPath(kind) })),
  { section: 'deadlines', text: 'Deadlines', href: '/deadlines' },
  { section: 'statistics', text: 'Statistics', href: '/statistics' },
  ...kinds.all.map(issueEntry),
  ...(HAS_REGISTER
    ? [{ section: 'import', text: 'Import', href: '/imports/new', roles: [...IMPORTS, ...CORRECTS] }]
    : []),
  { section: 'audit', text: 'Audit', href: '/audit', roles: READS_LOG },
  { section: 'operations', text: 'Operations', href: '/operations', roles: RUNS_SERVICE },
];

/** Returns the navigation entries for a user. */
export const entriesFor = ({ roles: ownRoles }: Identity): readonly Entry[] =>
  ENTRIES.filter(({ roles }) => roles?.some((role) => ownRoles.includes(role)) ?? true);
