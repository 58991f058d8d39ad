import { describe, expect, test } from '@jest/globals';
import { DOMParser } from '@xmldom/xmldom';
import type { Element } from '@xmldom/xmldom';
import { LIFECYCLE, plainChart } from '#test/support/record-charts';
import type { Chart } from '#lifecycle/chart';
import { drawChart, NAMES } from './draw-chart.ts';

const IN_PAGE = { ...NAMES, isInPage: true, arrow: ({ event }: { readonly event: string }) => event };

/** Parses a picture as XML. Fails if it is not well-formed. */
const parsed = (svg: string): Element => {
  const onError = (level: string, message: string): void => {
    // A replacement character is well-formed, and a warning about it is expected.
    if (!message.includes('replacement character')) throw new Error(`${level}: ${message}`);
  };
  return new DOMParser({ onError }).parseFromString(svg, 'image/svg+xml').documentElement as Element;
};

const numbers = (element: Element, ...names: readonly string[]): number[] =>
  names.map((name) => Number(element.getAttribute(name)));

/** Returns which states, labels and regions lie over one another, or outside of what contains them. */
function faultsOf(svg: string): string[] {
  const picture = parsed(svg);
  const regions = Array.from(picture.getElementsByTagName('g')).filter((group) =>
    group.hasAttribute('transform'),
  );
  return regions.flatMap((region) => {
    const [ground, ...boxes] = Array.from(region.getElementsByTagName('rect'), (box) => ({
      text: box.parentNode?.textContent ?? '',
      box: numbers(box, 'x', 'y', 'width', 'height') as [number, number, number, number],
    }));
    const [, , width, height] = ground!.box;
    return boxes.flatMap(({ text, box: [x, y, w, h] }, index) => [
      ...(x < 0 || y < 0 || x + w > width || y + h > height ? [`${text} lies outside`] : []),
      ...boxes
        .slice(index + 1)
        .filter(({ box: [x2, y2, w2, h2] }) => x < x2 + w2 && x2 < x + w && y < y2 + h2 && y2 < y + h)
        .map((other) => `${text} lies over ${other.text}`),
    ]);
  });
}

describe('the picture of a lifecycle', () => {
  test.each([
    ['with names', NAMES],
    ['for a page', IN_PAGE],
  ])('%s has every state, and nothing lies over anything else', async (_, wording) => {
    const svg = await drawChart(plainChart, wording);
    expect(faultsOf(svg)).toEqual([]);
    const states = plainChart.regions.flatMap((region) =>
      region.states.map((state) => `${region.region}/${state}`),
    );
    for (const state of states) expect(svg).toContain(`data-of="${state}"`);
    expect(svg).toContain('StatusRecorded.');
  });

  test('draws an arrow to its own state, and states without arrows', async () => {
    const chart: Chart = {
      lifecycle: LIFECYCLE,
      guards: {},
      regions: [
        {
          region: 'one',
          initial: 'start',
          states: ['start', 'alone'],
          arrows: [{ event: 'Kept', guard: null, from: 'start', to: 'start', fromAny: false }],
        },
      ],
    };
    const svg = await drawChart(chart, NAMES);
    expect(faultsOf(svg)).toEqual([]);
    expect(svg).toContain('data-of="one/start/start/Kept"');
  });

  test('contains everything that it needs, and no script; a page has the style', async () => {
    const svg = await drawChart(plainChart, NAMES);
    expect(svg).not.toMatch(/<script|href|url\(|@import|\son\w+=/i);
    expect(svg.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toContain('http');
    expect(await drawChart(plainChart, IN_PAGE)).not.toMatch(/<style| style=/);
  });

  test('escapes every text, and leaves out what XML cannot contain', async () => {
    const odd = () => '<script>&"\'\u0000\ud800]]>';
    const svg = await drawChart(plainChart, { isInPage: true, region: odd, state: odd, arrow: odd });
    expect(parsed(svg).textContent).toContain('<script>&"\'');
    // eslint-disable-next-line no-control-regex -- the parser lets them pass
    expect(svg).not.toMatch(/<script|[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
  });
});
