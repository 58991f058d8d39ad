import type { SeenHistory } from '#use-cases/records/see-history';
import type { ListProblems } from '../lists/list-address.ts';
import type { Position } from '../record/record-addresses.ts';
import type { ShownRecord } from '../record/shown-page.ts';

/** An invalid position, with the problems. */
export interface RefusedPosition {
  readonly typed: Readonly<Record<'version' | 'effectiveOn' | 'knownAt', string | undefined>>;
  readonly problems: ListProblems;
}

export const POSITION_LABELS = {
  version: 'After event',
  effectiveOn: 'As at the end of',
  knownAt: 'As known on',
} as const;

/** Returns the error of a field, if any. */
export function refusalOf(name: string, refused: RefusedPosition | null): string | undefined {
  const problem = refused?.problems.find(({ pointer }) => pointer === `/${name}`);
  if (problem === undefined) return undefined;
  const label = Object.hasOwn(POSITION_LABELS, name) ? POSITION_LABELS[name as 'version'] : name;
  return `“${label}” ${problem.detail}`;
}

export interface Replayed {
  readonly shown: ShownRecord;
  readonly seen: SeenHistory;
  readonly position: Position;
  /** The drawing of the statechart; null if it cannot be drawn. */
  readonly picture: string | null;
  /** Null if the position is valid. */
  readonly refused: RefusedPosition | null;
  /** The event whose details are open. */
  readonly at: number | null;
}
