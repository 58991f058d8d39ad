import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk.bundled.js';
import type { Chart, ChartRegion } from '#lifecycle/chart';
import { ANY_STATE, drawnArrows, labelsOf } from './drawn-arrows.ts';
import type { DrawnArrow } from './drawn-arrows.ts';
import { layOutGraphs } from './layout-thread.ts';
import { BOLD, FONT, LINE, widthOf } from './text-size.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** A line of a label, and the whole label. */
interface LabelLine {
  readonly label: string;
  readonly line: string;
}

export interface PlacedArrow extends DrawnArrow {
  readonly points: readonly Point[];
  readonly lines: readonly LabelLine[];
  readonly label: Box;
}

export interface PlacedRegion extends Box {
  readonly region: string;
  /** How far the content is moved to the right, to be centred. */
  readonly inset: number;
  /** The states by name. Includes the node for all states if an arrow starts there. */
  readonly states: Readonly<Record<string, Box>>;
  readonly arrows: readonly PlacedArrow[];
  /** The dot at the start of the region, and the line from it to the first state. */
  readonly start: { readonly dot: Box; readonly points: readonly Point[] };
}

/** The places of a chart's parts, in pixels from the upper left. They are the same for every record in the chart. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly regions: readonly PlacedRegion[];
}

const layouts = new Map<string, Promise<Layout>>();
/** The maximum number of cached layouts. */
const LAYOUTS_MAX = 50;

/**
 * Returns a chart's layout. It is computed once for all records, on its own thread, because it needs some
 * tenths of a second and depends only on the names in the chart.
 * @param detail the widest detail below state names; null without details
 */
export function layoutOf(chart: Chart, detail: string | null): Promise<Layout> {
  const key = keyOf(chart, detail);
  const cached = layouts.get(key);
  if (cached !== undefined) return cached;
  if (layouts.size >= LAYOUTS_MAX) layouts.clear();
  const layout = layOutChart(chart, detail);
  layouts.set(key, layout);
  // Allows a retry after a failure.
  layout.catch(() => layouts.delete(key));
  return layout;
}

const keyOf = ({ regions }: Chart, detail: string | null): string =>
  JSON.stringify([
    detail,
    regions.map(({ region, initial, states, arrows }) => [
      region,
      initial,
      states,
      arrows.map(({ event, guard, from, to, fromAny }) => [event, guard, from, to, fromAny]),
    ]),
  ]);

async function layOutChart(chart: Chart, detail: string | null): Promise<Layout> {
  const arrows = chart.regions.map((region) => drawnArrows(region.arrows));
  const drawn = (index: number): readonly DrawnArrow[] => arrows[index] ?? [];
  const graphs = chart.regions.map((region, index) => graphOf(region, drawn(index), detail));
  const laid = await layOutGraphs(graphs);
  return arrangeInRows(
    chart.regions.map((region, index) => placeRegion(region, drawn(index), laid[index] as ElkNode)),
  );
}

const STATE_PADDING = 14;
const START = 14;

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.padding': '[top=52,left=24,bottom=24,right=24]',
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '20',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.spacing.nodeNodeBetweenLayers': '30',
  'elk.layered.spacing.edgeNodeBetweenLayers': '20',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '14',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.feedbackEdges': 'true',
  'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
};
const LABEL_OPTIONS = { 'elk.edgeLabels.inline': 'true', 'elk.edgeLabels.placement': 'CENTER' };

function graphOf(
  { initial, states }: ChartRegion,
  drawn: readonly DrawnArrow[],
  detail: string | null,
): ElkNode {
  const names = drawn.some(({ from }) => from === ANY_STATE) ? [ANY_STATE, ...states] : states;
  const children: ElkNode[] = names.map((name) => ({ id: `state ${name}`, ...sizeOf(name, detail) }));
  const edges = drawn.map((arrow, index): ElkExtendedEdge => ({
    id: `arrow ${index}`,
    sources: [`state ${arrow.from}`],
    targets: [`state ${arrow.to}`],
    labels: [{ ...labelSize(linesOf(arrow)), text: 'label', layoutOptions: LABEL_OPTIONS }],
  }));
  return {
    id: 'region',
    layoutOptions: OPTIONS,
    children: [{ id: 'start', width: START, height: START }, ...children],
    edges: [{ id: 'begin', sources: ['start'], targets: [`state ${initial}`] }, ...edges],
  };
}

function sizeOf(name: string, detail: string | null): Pick<Box, 'width' | 'height'> {
  if (name === ANY_STATE) return { width: widthOf(name, FONT.arrow) + 2 * STATE_PADDING, height: 26 };
  const height = LINE * (FONT.state + (detail === null ? 0 : 2 * FONT.detail)) + STATE_PADDING;
  const width = Math.max(widthOf(name, FONT.state) * BOLD, widthOf(detail ?? '', FONT.detail));
  return { width: width + 2 * STATE_PADDING, height };
}

/**
 * Returns the lines of an arrow's label. A lone `StatusRecorded.complete` is split into two, because in one
 * line its arrow would be too long.
 */
function linesOf(arrow: DrawnArrow): LabelLine[] {
  const labels = labelsOf(arrow);
  const isAlone = labels.length === 1;
  return labels.flatMap((label) =>
    (isAlone ? label.split(/(?<=\.)/) : [label]).map((line) => ({ label, line })),
  );
}

const labelSize = (lines: readonly LabelLine[]): Pick<Box, 'width' | 'height'> => ({
  width: Math.max(...lines.map(({ line }) => widthOf(line, FONT.arrow))) * BOLD + 8,
  height: lines.length * FONT.arrow * LINE + 2,
});

function placeRegion({ region }: ChartRegion, drawn: readonly DrawnArrow[], graph: ElkNode): PlacedRegion {
  const edges = new Map((graph.edges ?? []).map((edge) => [edge.id, edge]));
  const nodes = graph.children ?? [];
  const states = nodes
    .filter(({ id }) => id.startsWith('state '))
    .map((node) => [node.id.slice('state '.length), boxOf(node)] as const);
  const dot = boxOf(nodes.find(({ id }) => id === 'start') ?? {});
  return {
    region,
    inset: 0,
    ...boxOf(graph),
    states: Object.fromEntries(states),
    start: { dot, points: pointsOf(edges.get('begin')) },
    arrows: drawn.map((arrow, index) => {
      const edge = edges.get(`arrow ${index}`);
      const label = boxOf(edge?.labels?.[0] ?? {});
      return { ...arrow, lines: linesOf(arrow), label, points: pointsOf(edge) };
    }),
  };
}

const boxOf = ({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box => ({ x, y, width, height });

const pointsOf = (edge: ElkExtendedEdge | undefined): Point[] =>
  (edge?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) => [
    startPoint,
    ...bendPoints,
    endPoint,
  ]);

const GAP = 20;
/** The preferred ratio of width to height: about that of a page or a screen. */
const ASPECT = 1.25;

/** Arranges the regions in rows. Chooses the row width that comes closest to the preferred ratio. */
function arrangeInRows(regions: readonly PlacedRegion[]): Layout {
  const widest = Math.max(...regions.map(({ width }) => width));
  const widths = regions.flatMap((_, from) =>
    regions.slice(from).map((__, to) => rowWidth(regions.slice(from, from + to + 1))),
  );
  const layouts = [...new Set(widths)]
    .filter((width) => width >= widest)
    .map((width) => inRows(regions, width));
  const size = ({ width, height }: Layout): number => Math.max(width, height * ASPECT);
  return layouts.reduce((best, layout) => (size(layout) < size(best) ? layout : best));
}

const rowWidth = (regions: readonly PlacedRegion[]): number =>
  regions.reduce((sum, { width }) => sum + width, GAP * (regions.length - 1));

function inRows(regions: readonly PlacedRegion[], most: number): Layout {
  const rows: PlacedRegion[][] = [];
  for (const region of regions) {
    const row = rows.at(-1);
    if (row !== undefined && rowWidth([...row, region]) <= most) row.push(region);
    else rows.push([region]);
  }
  const width = Math.max(...rows.map(rowWidth));
  let y = 0;
  const placedRows = rows.map((row) => {
    const height = Math.max(...row.map((region) => region.height));
    const top = y;
    y += height + GAP;
    return spread(row, width, top, height);
  });
  return { width, height: y - GAP, regions: placedRows.flat() };
}

/** Makes a row's regions equally high and distributes its remaining width among them. */
function spread(row: readonly PlacedRegion[], width: number, y: number, height: number): PlacedRegion[] {
  const spare = (width - rowWidth(row)) / row.length;
  let x = 0;
  return row.map((region) => {
    const grown = { ...region, x, y, height, width: region.width + spare, inset: spare / 2 };
    x += grown.width + GAP;
    return grown;
  });
}
