import type { ChartArrow, ChartRegion } from '#lifecycle/chart';

/** The node for all states of a region. State names contain no spaces, so it is unique. */
export const ANY_STATE = 'any state';

/** The arrows of a line by label. */
export type Labels = ReadonlyMap<string, readonly ChartArrow[]>;

/** All arrows between two nodes, drawn as one line. */
interface ArrowLine {
  readonly from: string;
  readonly to: string;
  readonly labels: Labels;
}

/** Returns an event with its guard: `ClosureRequested [open]`. */
export const labelOf = ({ event, guard }: ChartArrow): string =>
  guard === null ? event : `${event} [${guard}]`;

const fromOf = ({ from, fromAny }: ChartArrow): string => (fromAny ? ANY_STATE : from);

/**
 * Returns the lines of a region. An arrow from each of its states is drawn once, from a node for all of them,
 * because many identical lines would obscure the others.
 */
export function linesOf({ arrows }: Pick<ChartRegion, 'arrows'>, label = labelOf): ArrowLine[] {
  const lines = Map.groupBy(arrows, (arrow) => `${fromOf(arrow)} to ${arrow.to}`);
  return [...lines.values()].map((all) => {
    const [first] = all as [ChartArrow];
    return { from: fromOf(first), to: first.to, labels: Map.groupBy(all, label) };
  });
}

/** Returns a region's nodes: its states, and one for all states if an arrow starts from it. */
export const nodesOf = ({ states, arrows }: ChartRegion): readonly string[] =>
  arrows.some(({ fromAny }) => fromAny) ? [ANY_STATE, ...states] : states;

/** Returns the name of an arrow in a stored picture, without spaces. */
export const keyOf = (region: string, { event, from, to, fromAny }: ChartArrow): string =>
  [region, fromAny ? '' : from, to, event].join('/');
