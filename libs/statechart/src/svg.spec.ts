import { describe, expect, test } from '@jest/globals';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { closedTwice, LIFECYCLE, plainChart, travelled } from '../../../test/support/record-charts.ts';
import type { Chart } from '../../lifecycle/src/chart.ts';
import { recordChart } from '../../use-cases/src/record-chart.ts';
import { svgOf } from './svg.ts';

interface Element {
  readonly '#text'?: string;
  readonly '@class'?: string;
  readonly '@role'?: string;
  readonly title?: Element;
  readonly desc?: Element;
  readonly text?: readonly Element[];
  readonly g?: readonly Element[];
}

function parsed(svg: string): Element {
  expect(XMLValidator.validate(svg)).toBe(true);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    alwaysCreateTextNode: true,
    isArray: (name) => ['g', 'text'].includes(name),
  });
  return (parser.parse(svg) as { svg: Element }).svg;
}

/** The texts of every group with a class, each joined. */
function textsOf({ g = [] }: Element, name: string): string[] {
  return g.flatMap((group) => {
    const own = group['@class']?.split(' ').includes(name)
      ? [(group.text ?? []).map((line) => line['#text']).join(' | ')]
      : [];
    return [...own, ...textsOf(group, name)];
  });
}

describe('a chart as a picture', () => {
  test('says what it is to who does not see it', async () => {
    const svg = parsed(await svgOf(travelled()));
    expect(svg['@role']).toBe('img');
    expect(svg.title?.['#text']).toBe('Record a: complete');
    expect(svg.desc?.['#text']).toContain(
      'progress: awaiting-review from 2026-01-01 (31 days), then being-progressed from 2026-02-01 (28 days), then complete from 2026-03-01 (61 days)',
    );
    expect(svg.desc?.['#text']).toContain('[open]: progress is awaiting-review or being-progressed.');
  });

  test('marks where the record is, was and never was, with dates and days', async () => {
    const svg = parsed(await svgOf(travelled()));
    expect(textsOf(svg, 'current')).toEqual([
      // The first is the legend's.
      '',
      'complete | since 2026-06-01 | 91 days, in 2 stays',
      'none | since 2026-06-01 | 150 days, in 3 stays',
      'none | since 2026-01-01 | 181 days',
      'not-required | since 2026-01-01 | 181 days',
    ]);
    expect(textsOf(svg, 'visited')).toContain('awaiting-review | 2026-01-01 to 2026-02-01 | 31 days');
    expect(textsOf(svg, 'state').filter((text) => !text.includes('|') && text !== '')).toEqual(
      expect.arrayContaining(['no-further-action-needed', 'due', 'published', 'any state']),
    );
  });

  test('shows the chart as it was on a day', async () => {
    const svg = parsed(await svgOf(travelled('2026-02-25')));
    expect(svg.title?.['#text']).toBe('Record a: being-progressed');
    expect(textsOf(svg, 'current')).toContain('requested | since 2026-02-20 | 5 days');
  });

  test('marks nothing where there is no record', async () => {
    const svg = parsed(await svgOf(plainChart));
    expect(svg.title?.['#text']).toBe('inspection-recommendation v1');
    expect(textsOf(svg, 'current')).toEqual([]);
    expect(textsOf(svg, 'taken')).toEqual([]);
  });

  test('brings everything that it needs, and no script', async () => {
    const svg = await svgOf(travelled());
    expect(svg).not.toMatch(/<script|href|url\(|@import|\son\w+=/i);
    expect(svg.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toContain('http');
  });

  test('escapes every text, and leaves out what no XML can hold', async () => {
    const odd = '<script>&"\'\u0000\ud800]]>';
    const chart: Chart = {
      lifecycle: { ...LIFECYCLE, name: odd, digest: 'odd' },
      guards: { [odd]: { region: odd, in: [odd] } },
      regions: [
        {
          region: odd,
          initial: odd,
          states: [odd],
          arrows: [{ event: odd, guard: odd, from: odd, to: odd, fromAny: false }],
        },
      ],
    };
    const svg = await svgOf(chart);
    expect(parsed(svg).title?.['#text']).toContain('<script>&"\'');
    expect(svg).not.toMatch(/<script/);
  });

  test('does not grow with what happened', async () => {
    const log = closedTwice();
    for (let round = 0; round < 200; round += 1) {
      log.add('a', 'RecommendationReopened', {}, { effectiveOn: '2026-06-01' });
      log.add('a', 'RecommendationCompleted', {}, { effectiveOn: '2026-06-01' });
    }
    const view = { effectiveOn: null, knownAt: null };
    const svg = await svgOf(recordChart(log.events, view, '2026-07-01', LIFECYCLE) as Chart);
    expect(svg.length).toBeLessThan((await svgOf(travelled())).length * 1.2);
    expect(parsed(svg).desc?.['#text']).toContain('progress: 395 stays, then ');
  });
});
