import type { ChartArrow } from '#lifecycle/chart';

/** The name of what stands for every state of a region; no state's own, since those have no spaces. */
export const ANY_STATE = 'any state';

/** Every arrow that leads from here to there, drawn as one line. */
export interface DrawnArrow<Arrow extends ChartArrow = ChartArrow> {
  readonly from: string;
  readonly to: string;
  readonly arrows: readonly Arrow[];
}

/** An event, with what it is asked: `ClosureRequested [open]`. */
export const labelOf = ({ event, guard }: ChartArrow): string =>
  guard === null ? event : `${event} [${guard}]`;

/**
 * The lines of a region. An arrow that leads from each of its states is drawn once, from what stands for them all: four
 * lines that say the same hide the rest.
 */
export function drawnArrows<Arrow extends ChartArrow>(arrows: readonly Arrow[]): DrawnArrow<Arrow>[] {
  const lines = Map.groupBy(arrows, ({ from, to, fromAny }) => `${fromAny ? ANY_STATE : from} to ${to}`);
  return [...lines.values()].map((all) => {
    const { from, to, fromAny } = all[0] as Arrow;
    return { from: fromAny ? ANY_STATE : from, to, arrows: all };
  });
}

/** What a line says: each label once, in the order of the definition. */
export const labelsOf = ({ arrows }: DrawnArrow): string[] => [...new Set(arrows.map(labelOf))];
