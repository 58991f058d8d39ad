import type { RecordChart } from '#lifecycle/travelled-chart';
import type { Viewer } from '#state-machines/access';
import type { SeenCommand } from '#use-cases/records/see-record';
import type { SeenPage, RecordAtPoint } from '#use-cases/records/see-page';
import { titleIn } from '../kind-parts.ts';
import type { NextInQueue } from '../work/find-next.ts';
import type { RecordAddresses } from './record-addresses.ts';

/** A record for a viewer, now or at a point of its history. */
export interface ShownRecord {
  readonly seen: RecordAtPoint;
  readonly addresses: RecordAddresses;
  readonly viewer: Viewer;
  /** Null in a view of the past. */
  readonly commands: readonly SeenCommand[] | null;
  /** The statechart in words for pages. */
  readonly chart: RecordChart;
}

export interface ShownPage extends ShownRecord {
  readonly seen: SeenPage;
  /** The role to view the record as; all actions are hidden. */
  readonly as: string | undefined;
  /** The entry whose text is expanded. */
  readonly at: number | null;
  /** The entry whose text is shown whole. */
  readonly whole: number | null;
  /** The version that the viewer's own command just produced. */
  readonly done: number | null;
  /** The next record, if the viewer came from a queue and has just acted; else null. */
  readonly next: NextInQueue | null;
  /** Null if the viewer cannot watch the record now. */
  readonly isWatched: boolean | null;
  /** Whether erased text is still in files. */
  readonly isErasing: boolean;
}

/** Returns whether the viewer may use a command now. */
export const isAllowed = ({ commands }: Pick<ShownRecord, 'commands'>, name: string): boolean =>
  commands?.some(({ command, allowed }) => allowed && command === name) ?? false;

/** Longer titles are cut. */
const TITLE_MAX = 70;

/** Returns the record's title for the document title. */
export function titleOf(record: RecordAtPoint['record']): string {
  const { id } = record;
  const title = titleIn(record);
  return title === null
    ? id
    : `${title.length > TITLE_MAX ? `${title.slice(0, TITLE_MAX)}…` : title} (${id})`;
}
