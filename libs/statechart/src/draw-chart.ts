import elk from 'elkjs/lib/elk.bundled.js';
import type { ElkEdgeSection, ElkExtendedEdge, ElkLabel, ElkNode, ElkPoint } from 'elkjs/lib/elk.bundled.js';
import type { Chart, ChartArrow, ChartRegion } from '#lifecycle/chart';
import { ANY_STATE, keyOf, labelOf, linesOf, nodesOf } from './arrow-lines.ts';
import type { Labels } from './arrow-lines.ts';
import { STYLE } from './chart-style.ts';
import { escapeXml } from './xml.ts';

/** How a picture names what it shows, and whether it is for a page, which has its heading and its style. */
export interface Wording {
  readonly isInPage: boolean;
  readonly region: (name: string) => string;
  readonly state: (name: string) => string;
  readonly arrow: (arrow: ChartArrow) => string;
}

/** A picture of its own, with the names of the definition. */
export const NAMES: Wording = {
  isInPage: false,
  region: (name) => name,
  state: (name) => name,
  arrow: labelOf,
};

const MARGIN = 24;
const LINE = 16;
const START = 14;
/** As wide as any detail below the name of a state. */
const DETAIL = 'last 30 Sept 2015 to 30 Sept 2016';

const ROWS = {
  'elk.algorithm': 'rectpacking',
  'elk.aspectRatio': '1.25',
  'elk.spacing.nodeNode': '20',
  'elk.rectpacking.whiteSpaceElimination.strategy': 'EQUAL_BETWEEN_STRUCTURES',
};
const REGION = {
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
const LABEL = { 'elk.edgeLabels.inline': 'true', 'elk.edgeLabels.placement': 'CENTER' };

/**
 * Returns an upper bound for the width of a text, in pixels. The reader's font is unknown, so the widest
 * common sans-serif font (DejaVu Sans) is assumed, in bold.
 */
function widthOf(text: string, size: number): number {
  const widths = Array.from(text, (character) => WIDTHS.find(([some]) => some.test(character))?.[1] ?? 0.64);
  return Math.ceil(widths.reduce((sum, width) => sum + width, 0) * size * 1.1);
}

const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[iljI.,:;'| ]/, 0.32],
  [/[frt()[\]-]/, 0.41],
  [/[mwMW@%]/, 0.98],
  [/[A-Z]/, 0.72],
];

/**
 * Returns a chart as a picture (SVG 1.1) without a record, to be coloured for each. It needs nothing else, and has no
 * script.
 */
export async function drawChart(chart: Chart, wording: Wording): Promise<string> {
  const { isInPage } = wording;
  const laid: ElkNode = await new elk.default().layout({
    id: 'chart',
    layoutOptions: {
      ...ROWS,
      'elk.padding': `[top=${isInPage ? 54 : 84},left=${MARGIN},bottom=${MARGIN},right=${MARGIN}]`,
    },
    children: chart.regions.map((region) => graphOf(region, wording)),
  });
  const [width, height] = [Math.ceil(laid.width ?? 0), Math.ceil(laid.height ?? 0)];
  const labelledBy = isInPage ? 'docket-chart-title' : 'docket-chart-title docket-chart-text';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="docket-chart" role="img" aria-labelledby="${labelledBy}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    '<title id="docket-chart-title">{title}</title>',
    ...(isInPage ? [] : [`<desc id="docket-chart-text">{description}</desc>`, `<style>${STYLE}</style>`]),
    `<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="12"/>`,
    ...(isInPage ? [] : [text('title', MARGIN, 42, '{title}'), text('subtitle', MARGIN, 64, '{subtitle}')]),
    legend(width - MARGIN),
    ...(laid.children ?? []).map((node, index) =>
      drawRegion(chart.regions[index] as ChartRegion, node, wording),
    ),
    '</svg>',
    '',
  ].join('\n');
}

function graphOf(region: ChartRegion, { state, arrow }: Wording): ElkNode {
  const edges = linesOf(region, arrow).map(({ from, to, labels }, index): ElkExtendedEdge => {
    const lines = textLines(labels);
    const width = Math.max(...lines.map(({ line }) => widthOf(line, 12))) + 8;
    const label = { text: 'label', width, height: lines.length * LINE + 2, layoutOptions: LABEL };
    return {
      id: `${region.region} ${index}`,
      sources: [`${region.region}/${from}`],
      targets: [`${region.region}/${to}`],
      labels: [label],
    };
  });
  const nodes = nodesOf(region).map((name): ElkNode => {
    const isAny = name === ANY_STATE;
    const width = isAny ? widthOf(name, 12) : Math.max(widthOf(state(name), 14), widthOf(DETAIL, 12) / 1.1);
    return { id: `${region.region}/${name}`, width: width + 28, height: isAny ? 26 : 66 };
  });
  const start = { id: `${region.region}/ start`, width: START, height: START };
  const begin = {
    id: `${region.region} begin`,
    sources: [start.id],
    targets: [`${region.region}/${region.initial}`],
  };
  return { id: region.region, layoutOptions: REGION, children: [start, ...nodes], edges: [begin, ...edges] };
}

/** Returns labels as lines. A lone `StatusRecorded.complete` has two, because its arrow would be too long. */
const textLines = (labels: Labels) =>
  [...labels].flatMap(([label, arrows]) =>
    (labels.size === 1 ? label.split(/(?<=\.)/) : [label]).map((line) => ({ line, arrows })),
  );

const LEGEND = [
  ['arrow taken', 'path followed'],
  ['state visited', 'earlier state'],
  ['state visited current', 'current state'],
] as const;

/** Returns the legend, in a row that ends at `right`. */
function legend(right: number): string {
  let x = right;
  return LEGEND.map(([mark, words]) => {
    x -= widthOf(words, 12) + 28;
    const sign = mark.startsWith('arrow')
      ? lineAlong([
          { x: x - 6, y: 36 },
          { x: x + 22, y: 36 },
        ])
      : `<rect x="${x}" y="29" width="20" height="14" rx="4"/>`;
    return `<g class="${mark}">${sign}</g><text class="subtitle" x="${x + 26}" y="40">${words}</text>`;
  }).join('');
}

function drawRegion(region: ChartRegion, node: ElkNode, wording: Wording): string {
  const { x, y, width, height } = boxOf(node);
  const [begin, ...edges] = node.edges ?? [];
  const [start, ...nodes] = (node.children ?? []).map(boxOf);
  const lines = linesOf(region, wording.arrow).map((line, index) => {
    const { sections = [], labels: [label] = [] } = edges[index] as ElkExtendedEdge;
    const keys = [...line.labels.values()].flat().map((arrow) => keyOf(region.region, arrow));
    return {
      line: drawLine(sections, keys),
      label: drawLabel(region.region, line.labels, label as ElkLabel),
    };
  });
  const dot = start as Box;
  return [
    `<g transform="translate(${round(x)} ${round(y)})">`,
    `<rect class="region" width="${round(width)}" height="${round(height)}" rx="8"/>`,
    text('region-name', 16, 27, wording.region(region.region)),
    drawLine(begin?.sections ?? [], [region.region]),
    ...lines.map(({ line }) => line),
    ...lines.map(({ label }) => label),
    `<circle class="start" cx="${round(dot.x + START / 2)}" cy="${round(dot.y + START / 2)}" r="${START / 2}"/>`,
    ...nodesOf(region).map((name, index) =>
      drawState(`${region.region}/${name}`, name, nodes[index] as Box, wording),
    ),
    '</g>',
  ].join('\n');
}

function drawState(key: string, name: string, { x, y, width, height }: Box, { state }: Wording): string {
  const isAny = name === ANY_STATE;
  return [
    `<g class="state${isAny ? ' any' : ''}" data-of="${key}">`,
    `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${isAny ? 13 : 8}"/>`,
    text('name', x + width / 2, y + height / 2 + 5, isAny ? name : state(name)),
    '</g>',
  ].join('');
}

const drawLine = (sections: readonly ElkEdgeSection[], keys: readonly string[]): string =>
  `<g class="arrow" data-of="${keys.join(' ')}">${sections
    .map(({ startPoint, bendPoints = [], endPoint }) => lineAlong([startPoint, ...bendPoints, endPoint]))
    .join('')}</g>`;

function drawLabel(region: string, labels: Labels, label: ElkLabel): string {
  const { x, y, width, height } = boxOf(label);
  const lines = textLines(labels).map(({ line, arrows }, index) => {
    const keys = arrows.map((arrow) => keyOf(region, arrow)).join(' ');
    return text('label', x + width / 2, y + index * LINE + 13, line, keys);
  });
  return [
    '<g class="labels">',
    `<rect class="under" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="3"/>`,
    ...lines,
    '</g>',
  ].join('');
}

type Box = Required<Pick<ElkNode, 'x' | 'y' | 'width' | 'height'>>;

const boxOf = ({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box => ({ x, y, width, height });

/** Rounds a number to a tenth of a pixel. */
const round = (value: number): string => String(Math.round(value * 10) / 10);
const at = ({ x, y }: ElkPoint): string => `${round(x)},${round(y)}`;

const text = (kind: string, x: number, y: number, line: string, keys = ''): string =>
  `<text class="${kind}" x="${round(x)}" y="${round(y)}"${keys === '' ? '' : ` data-of="${keys}"`}>${escapeXml(line)}</text>`;

/** Returns a path along points, with rounded corners and an arrowhead. */
function lineAlong(points: readonly ElkPoint[]): string {
  const [before, last] = points.slice(-2) as [ElkPoint, ElkPoint];
  const neck = towards(last, before, 9);
  const along = [...points.slice(0, -1), neck];
  const steps = along.map((point, index) => {
    const [from, to] = [along[index - 1], along[index + 1]];
    if (from === undefined) return `M${at(point)}`;
    if (to === undefined) return `L${at(point)}`;
    return `L${at(towards(point, from, 6))} Q${at(point)} ${at(towards(point, to, 6))}`;
  });
  const { x: dx, y: dy } = towards({ x: 0, y: 0 }, { x: neck.y - last.y, y: last.x - neck.x }, 4);
  const head = [last, { x: neck.x + dx, y: neck.y + dy }, { x: neck.x - dx, y: neck.y - dy }];
  return `<path d="${steps.join(' ')}"/><polygon class="head" points="${head.map(at).join(' ')}"/>`;
}

/** Returns the point at a distance from one point towards another, at most half-way. */
function towards(from: ElkPoint, to: ElkPoint, distance: number): ElkPoint {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const share = Math.min(distance / (Math.hypot(dx, dy) || 1), 0.5);
  return { x: from.x + dx * share, y: from.y + dy * share };
}
