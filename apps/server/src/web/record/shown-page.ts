import type { RecordChart } from '#lifecycle/travelled-chart';
import type { Viewer } from '#state-machines/access';
import type { SeenCommand } from '#use-cases/records/see-commands';
import type { SeenPage, Standing } from '#use-cases/records/see-page';
import { titleIn } from '../kind-parts.ts';
import type { NextInQueue } from '../work/find-next.ts';
import type { RecordAddresses } from './record-addresses.ts';

/** A record as it is shown to somebody, now or at a point of its history. */
export interface ShownRecord {
  readonly seen: Standing;
  readonly addresses: RecordAddresses;
  /** Who looks. */
  readonly viewer: Viewer;
  /** What they may do now; null in a view of the past, which offers nothing. */
  readonly commands: readonly SeenCommand[] | null;
  /** For the page's forms; none where nobody may send one. */
  readonly mark: string | undefined;
  /** Another one for each of the page's forms: under it the form is sent once. */
  readonly newKey: () => string;
  /** Its statechart in the words of people. */
  readonly chart: RecordChart;
}

/** A record's page. */
export interface ShownPage extends ShownRecord {
  readonly seen: SeenPage;
  /** As whom else one looks; nothing can be done then. */
  readonly as: string | undefined;
  /** The entry of the history that is asked for: its text is unfolded. */
  readonly at: number | null;
  /** The entry whose text is shown whole, however long. */
  readonly whole: number | null;
  /** The version that the viewer's own command just made. */
  readonly done: number | null;
  /** What comes next where the viewer came from a queue and has just done something; null otherwise. */
  readonly next: NextInQueue | null;
  /** Whether the viewer watches the record; null where they cannot begin or end to. */
  readonly isWatched: boolean | null;
  /** Whether what it erased is still in files. */
  readonly isErasing: boolean;
}

/** Whether the viewer may give a command now. */
export const mayGive = ({ commands }: Pick<ShownRecord, 'commands'>, name: string): boolean =>
  commands?.some(({ command, allowed }) => allowed && command === name) ?? false;

/** So much of a title tells a tab from others. */
const TITLE_MAX = 70;

/** What a tab is told apart by. */
export function titleOf(record: Standing['record']): string {
  const { id } = record;
  const title = titleIn(record);
  return title === null
    ? id
    : `${title.length > TITLE_MAX ? `${title.slice(0, TITLE_MAX)}…` : title} (${id})`;
}
