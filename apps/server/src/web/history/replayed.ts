import type { SeenHistory } from '#use-cases/records/see-history';
import type { ListProblems } from '../lists/list-address.ts';
import type { Position } from '../record/record-addresses.ts';
import type { ShownRecord } from '../record/shown-page.ts';

/** What was typed that is no position, and why; the record is shown as it stands now. */
export interface RefusedPosition {
  readonly typed: Readonly<Record<'version' | 'effectiveOn' | 'knownAt', string | undefined>>;
  readonly problems: ListProblems;
}

export const POSITION_LABELS = {
  version: 'After event',
  effectiveOn: 'As at the end of',
  knownAt: 'As known on',
} as const;

/** Why what was typed into a field cannot be used; undefined where it can. */
export function refusalOf(name: string, refused: RefusedPosition | null): string | undefined {
  const problem = refused?.problems.find(({ pointer }) => pointer === `/${name}`);
  if (problem === undefined) return undefined;
  const label = Object.hasOwn(POSITION_LABELS, name) ? POSITION_LABELS[name as 'version'] : name;
  return `“${label}” ${problem.detail}`;
}

/** A record at a point of its history. */
export interface Replayed {
  readonly shown: ShownRecord;
  readonly seen: SeenHistory;
  readonly position: Position;
  /** Of the record in its statechart. */
  readonly picture: string | null;
  /** Null where what is asked for is a position. */
  readonly refused: RefusedPosition | null;
  /** The event whose particulars are open. */
  readonly at: number | null;
}
