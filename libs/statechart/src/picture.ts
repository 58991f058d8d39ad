import { readFileSync } from 'node:fs';
import type { RecordChart, TravelledRegion } from '#lifecycle/travelled-chart';
import { keyOf } from './arrow-lines.ts';
import { describeChart, stayLines } from './chart-words.ts';
import { escapeXml } from './xml.ts';

/**
 * The pictures that the build stores of each lifecycle: with the names of the definition, in words, and in words
 * without the arrows that only imports follow.
 */
type Drawing = 'names' | 'words' | 'live';

export const fileOf = (digest: string, drawing: Drawing): string => `${digest}-${drawing}.svg`;

/** The folder of the build beside this module, or the one in `dist` when run from source. */
const FOLDERS = ['../charts/', '../../../dist/libs/statechart/charts/'];

const stored = new Map<string, string>();

function read(file: string): string {
  const known = stored.get(file);
  if (known !== undefined) return known;
  for (const folder of FOLDERS) {
    try {
      const picture = readFileSync(new URL(`${folder}${file}`, import.meta.url), 'utf8');
      stored.set(file, picture);
      return picture;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`The chart ${file} is not drawn; run "npm run build"`);
}

const STATE =
  /^<g class="state" data-of="(.+?)">(.+)<text class="name" x="(.+?)" y="(.+?)">(.+)<\/text><\/g>$/gm;
const ARROW = /(?<= class="(?:arrow|label))(".*?) data-of="(.+?)"/g;
const WORDS = /\{(title|subtitle|description)\}/g;

/** Returns the stored picture of a record's lifecycle, with the record's path coloured. */
export function svgOf(
  chart: RecordChart,
  drawing: Drawing = 'names',
  written?: (date: string) => string,
): string {
  const words = describeChart(chart);
  const taken = new Set(chart.regions.flatMap(takenIn));
  const regions = new Map(chart.regions.map((region) => [region.region, region]));
  return read(fileOf(chart.lifecycle.digest, drawing))
    .replaceAll(WORDS, (_, name: keyof typeof words) => escapeXml(words[name]))
    .replaceAll(ARROW, (_, middle: string, keys: string) =>
      keys.split(' ').some((key) => taken.has(key)) ? ` taken${middle}` : middle,
    )
    .replaceAll(STATE, (whole, key: string, box: string, x: string, y: string, name: string) => {
      const [of = '', state = ''] = key.split('/');
      const region = regions.get(of);
      const details = region === undefined ? [] : stayLines(region, state, written);
      if (details.length === 0) return whole;
      const lines = [name, ...details.map(escapeXml)].map((line, index) => {
        const kind = index === 0 ? 'name' : 'detail';
        return `<text class="${kind}" x="${x}" y="${Number(y) + (index - 1) * 16}">${line}</text>`;
      });
      const kind = region?.current === state ? 'visited current' : 'visited';
      return `<g class="state ${kind}">${box}${lines.join('')}</g>`;
    });
}

/** Returns the names of a region's travelled arrows, and of the one to its initial state. */
const takenIn = ({ region, arrows }: TravelledRegion): string[] => [
  region,
  ...arrows.filter(({ taken }) => taken > 0).map((arrow) => keyOf(region, arrow)),
];
