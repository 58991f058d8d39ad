import type { Identity } from '#identity/identity';
import { CORRECTS, IMPORTS, ISSUES, READS_LOG, RUNS_SERVICE } from '#state-machines/access';
import type { Role } from '#state-machines/access';

/** The parts of the service that its navigation names. */
export type Section =
  | 'work'
  | 'recommendations'
  | 'deadlines'
  | 'statistics'
  | 'issue'
  | 'import'
  | 'audit'
  | 'operations'
  | 'account';

interface Entry {
  readonly section: Section;
  readonly text: string;
  readonly href: string;
  /** Whose it is; everybody's where nobody is named. */
  readonly roles?: readonly Role[];
}

const ENTRIES: readonly Entry[] = [
  { section: 'work', text: 'Work', href: '/' },
  { section: 'recommendations', text: 'Recommendations', href: '/recommendations' },
  { section: 'deadlines', text: 'Deadlines', href: '/deadlines' },
  { section: 'statistics', text: 'Statistics', href: '/statistics' },
  { section: 'issue', text: 'Issue', href: '/recommendations/new', roles: ISSUES },
  { section: 'import', text: 'Import', href: '/imports/new', roles: [...IMPORTS, ...CORRECTS] },
  { section: 'audit', text: 'Audit', href: '/audit', roles: READS_LOG },
  { section: 'operations', text: 'Operations', href: '/operations', roles: RUNS_SERVICE },
];

/** What a person finds in the navigation. */
export const entriesFor = ({ roles: held }: Identity): readonly Entry[] =>
  ENTRIES.filter(({ roles }) => roles?.some((role) => held.includes(role)) ?? true);
