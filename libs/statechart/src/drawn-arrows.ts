import type { ChartArrow } from '#lifecycle/chart';

/** The node for all states of a region. State names contain no spaces, so it is unique. */
export const ANY_STATE = 'any state';

/** All arrows between two nodes, drawn as one line. */
export interface DrawnArrow<Arrow extends ChartArrow = ChartArrow> {
  readonly from: string;
  readonly to: string;
  readonly arrows: readonly Arrow[];
}

/** Returns an event with its guard: `ClosureRequested [open]`. */
export const labelOf = ({ event, guard }: ChartArrow): string =>
  guard === null ? event : `${event} [${guard}]`;

/**
 * Returns the lines of a region. An arrow from each of its states is drawn once, from a node for all of them,
 * because many identical lines would obscure the others.
 */
export function drawnArrows<Arrow extends ChartArrow>(arrows: readonly Arrow[]): DrawnArrow<Arrow>[] {
  const lines = Map.groupBy(arrows, ({ from, to, fromAny }) => `${fromAny ? ANY_STATE : from} to ${to}`);
  return [...lines.values()].map((all) => {
    const { from, to, fromAny } = all[0] as Arrow;
    return { from: fromAny ? ANY_STATE : from, to, arrows: all };
  });
}

/** Returns a line's labels without duplicates, in the order of the definition. */
export const labelsOf = ({ arrows }: DrawnArrow): string[] => [...new Set(arrows.map(labelOf))];
