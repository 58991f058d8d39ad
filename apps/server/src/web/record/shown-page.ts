import type { RecordChart } from '#lifecycle/travelled-chart';
import type { SeenCommand } from '#use-cases/records/see-commands';
import type { SeenPage } from '#use-cases/records/see-page';
import type { RecordAddresses } from './record-addresses.ts';

/** A record's page as it is shown to somebody. */
export interface ShownPage {
  readonly seen: SeenPage;
  readonly addresses: RecordAddresses;
  /** Who looks. */
  readonly subject: string;
  /** What they may do now; null in a view of the past, which offers nothing. */
  readonly commands: readonly SeenCommand[] | null;
  /** For the page's forms; none where nobody may send one. */
  readonly mark: string | undefined;
  /** Another one for each of the page's forms: under it the form is sent once. */
  readonly newKey: () => string;
  /** The entry of the history whose text is shown whole, however long. */
  readonly whole: number | null;
  /** The version that the viewer's own command just made. */
  readonly done: number | null;
  /** Whether what it erased is still in files. */
  readonly isErasing: boolean;
  /** Its statechart in the words of people. */
  readonly chart: RecordChart;
}

/** Whether the viewer may give a command now. */
export const mayGive = ({ commands }: Pick<ShownPage, 'commands'>, name: string): boolean =>
  commands?.some(({ command, allowed }) => allowed && command === name) ?? false;
