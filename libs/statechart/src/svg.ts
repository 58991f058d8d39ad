import type { Chart, ChartArrow, ChartRegion } from '#lifecycle/chart';
import type { RecordChart, TravelledArrow } from '#lifecycle/travelled-chart';
import { describedChart, isTravelled } from './described-chart.ts';
import { ANY_STATE, labelOf } from './drawn-arrows.ts';
import { layoutOf } from './layout.ts';
import type { Box, PlacedArrow, PlacedRegion } from './layout.ts';
import { lineAlong } from './svg-line.ts';
import { STYLE } from './svg-style.ts';
import { centreLines, escapeXml, round, text } from './svg-text.ts';
import { FONT, widthOf } from './text-size.ts';
import { stayLines } from './stay-lines.ts';
import type { WrittenDate } from './stay-lines.ts';

const MARGIN = 24;
const HEADER = 60;
const HEADER_IN_PAGE = 30;

interface Drawing {
  /** Whether the page around it describes the picture and has a stylesheet with `STYLE`. */
  readonly isInPage?: boolean;
  readonly written?: WrittenDate;
}

/** Returns the widest detail below a state name, with September as the month. */
const widestDetail = (written: WrittenDate): string =>
  `last ${written('2015-09-30')} to ${written('2016-09-30')}`;

/** Returns a chart as a picture (SVG 1.1), without scripts or external resources. Marks a record's path. */
export async function svgOf(
  chart: Chart | RecordChart,
  { isInPage = false, written = (date) => date }: Drawing = {},
): Promise<string> {
  const { title, subtitle, description } = describedChart(chart);
  const isOfRecord = chart.regions.some(isTravelled);
  const layout = await layoutOf(chart, isOfRecord ? widestDetail(written) : null);
  const header = isInPage ? HEADER_IN_PAGE : HEADER;
  const width = Math.ceil(layout.width + 2 * MARGIN);
  const height = Math.ceil(layout.height + header + 2 * MARGIN);
  const regions = layout.regions.map((placed, index) =>
    drawRegion(placed, chart.regions[index] as ChartRegion, written),
  );
  const labelledBy = isInPage ? 'docket-chart-title' : 'docket-chart-title docket-chart-text';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="docket-chart" role="img" aria-labelledby="${labelledBy}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title id="docket-chart-title">${escapeXml(title)}</title>`,
    ...(isInPage
      ? []
      : [`<desc id="docket-chart-text">${escapeXml(description)}</desc>`, `<style>${STYLE}</style>`]),
    `<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="12"/>`,
    ...(isInPage
      ? []
      : [
          text('title', MARGIN, MARGIN + FONT.title, title),
          text('subtitle', MARGIN, MARGIN + FONT.title + 22, subtitle),
        ]),
    ...(isOfRecord ? [legend(width - MARGIN)] : []),
    `<g transform="translate(${MARGIN} ${MARGIN + header})">`,
    ...regions,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** Returns the legend, in a row that ends at `right`. */
function legend(right: number): string {
  const y = MARGIN + FONT.title - 6;
  const marks = [
    { mark: 'state visited current', words: 'current state' },
    { mark: 'state visited', words: 'earlier state' },
    { mark: 'arrow taken', words: 'path followed' },
  ];
  let x = right;
  const items = marks.reverse().map(({ mark, words }) => {
    x -= widthOf(words, FONT.detail) + 36;
    const points = [
      { x: x - 6, y },
      { x: x + 22, y },
    ];
    const sign = mark.startsWith('arrow')
      ? lineAlong(points)
      : `<rect x="${x}" y="${y - 7}" width="20" height="14" rx="4"/>`;
    return `<g class="${mark}">${sign}</g>${text('subtitle', x + 26, y + 4, words)}`;
  });
  return items.join('');
}

function drawRegion(placed: PlacedRegion, region: ChartRegion, written: WrittenDate): string {
  const { x, y, width, height, inset, start, states, arrows } = placed;
  const { dot, points } = start;
  return [
    `<g transform="translate(${round(x)} ${round(y)})">`,
    `<rect class="region" width="${round(width)}" height="${round(height)}" rx="8"/>`,
    text('region-name', 16, 16 + FONT.region * 0.8, placed.region),
    `<g transform="translate(${round(inset)} 0)">`,
    // Travelled arrows are drawn over the others.
    ...arrows
      .map((arrow) => drawArrow(arrow, region))
      .sort((a, b) => Number(a.isTravelled) - Number(b.isTravelled))
      .map(({ line }) => line),
    `<g class="arrow${isTravelled(region) ? ' taken' : ''}">${lineAlong(points)}</g>`,
    `<circle class="start" cx="${round(dot.x + dot.width / 2)}" cy="${round(dot.y + dot.height / 2)}" r="${round(dot.width / 2)}"/>`,
    ...arrows.map((arrow) => drawLabel(arrow, region)),
    ...Object.entries(states).map(([name, box]) => drawState(name, box, region, written)),
    '</g>',
    '</g>',
  ].join('\n');
}

function drawState(
  name: string,
  { x, y, width, height }: Box,
  region: ChartRegion,
  written: WrittenDate,
): string {
  const details = detailsOf(name, region, written);
  const isCurrent = isTravelled(region) && region.current === name;
  const kind = isCurrent
    ? ' visited current'
    : details.length > 0
      ? ' visited'
      : name === ANY_STATE
        ? ' any'
        : '';
  const lines = [
    { kind: 'name', size: name === ANY_STATE ? FONT.arrow : FONT.state, line: name },
    ...details.map((line) => ({ kind: 'detail', size: FONT.detail, line })),
  ];
  return [
    `<g class="state${kind}">`,
    `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${name === ANY_STATE ? 13 : 8}"/>`,
    ...centreLines(lines, x + width / 2, y + height / 2),
    '</g>',
  ].join('');
}

function detailsOf(name: string, region: ChartRegion, written: WrittenDate): readonly string[] {
  if (!isTravelled(region)) return [];
  const stays = region.path.filter(({ state }) => state === name);
  return stayLines(stays, region.days[name] ?? 0, written);
}

const timesFollowed = (arrow: ChartArrow): number => (arrow as Partial<TravelledArrow>).taken ?? 0;

/** Returns the arrows of a line, each with the number of times that it was travelled. */
const arrowsOn = ({ from, to }: PlacedArrow, { arrows }: ChartRegion): readonly ChartArrow[] =>
  arrows.filter((arrow) => arrow.to === to && (arrow.fromAny ? ANY_STATE : arrow.from) === from);

function drawArrow(placed: PlacedArrow, region: ChartRegion): { isTravelled: boolean; line: string } {
  const isTravelled = arrowsOn(placed, region).some((arrow) => timesFollowed(arrow) > 0);
  return {
    isTravelled,
    line: `<g class="arrow${isTravelled ? ' taken' : ''}">${lineAlong(placed.points)}</g>`,
  };
}

function drawLabel(placed: PlacedArrow, region: ChartRegion): string {
  const { x, y, width, height } = placed.label;
  const travelled = new Set(
    arrowsOn(placed, region)
      .filter((arrow) => timesFollowed(arrow) > 0)
      .map(labelOf),
  );
  const lines = placed.lines.map(({ label, line }) => ({
    kind: travelled.has(label) ? 'label-taken' : 'label',
    size: FONT.arrow,
    line,
  }));
  return [
    '<g class="arrow">',
    `<rect class="under" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="3"/>`,
    ...centreLines(lines, x + width / 2, y + height / 2),
    '</g>',
  ].join('');
}
