import { describe, expect, test } from '@jest/globals';
import { DOMParser } from '@xmldom/xmldom';
import type { Document } from '@xmldom/xmldom';
import { atOnce } from '#event-sourcing/folding';
import { closedTwice, LIFECYCLE, plainChart, travelled } from '#test/support/record-charts';
import type { Chart } from '#lifecycle/chart';
import { recordChart } from '#use-cases/records/record-chart';
import { svgOf } from './svg.ts';
import { lifecycles } from '#state-machines/lifecycles';

/** Parses a picture as XML. Fails if it is not well-formed. */
function parsed(svg: string): Document {
  const onError = (level: string, message: string): void => {
    // A replacement character is well-formed, and a warning about it is expected.
    if (!message.includes('replacement character')) throw new Error(`${level}: ${message}`);
  };
  // eslint-disable-next-line no-control-regex -- the parser lets them pass
  expect(svg).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
  return new DOMParser({ onError }).parseFromString(svg, 'image/svg+xml');
}

const textOf = (svg: Document, tag: string): string | null | undefined =>
  svg.getElementsByTagName(tag)[0]?.textContent;

/** Returns the text of every group with a class, with its lines joined. */
const textsOf = (svg: Document, name: string): string[] =>
  Array.from(svg.getElementsByTagName('g'))
    .filter((group) => group.getAttribute('class')?.split(' ').includes(name))
    .map((group) =>
      Array.from(group.getElementsByTagName('text'), ({ textContent }) => textContent).join(' | '),
    );

describe('a chart as a picture', () => {
  test('describes itself for users who do not see it', async () => {
    const svg = parsed(await svgOf(travelled()));
    expect(svg.documentElement?.getAttribute('role')).toBe('img');
    expect(textOf(svg, 'title')).toBe('Record a: complete');
    expect(textOf(svg, 'desc')).toContain(
      'progress: awaiting-review from 2026-01-01 (31 days), then being-progressed from 2026-02-01 (28 days), then complete from 2026-03-01 (61 days)',
    );
    expect(textOf(svg, 'desc')).toContain('[open]: progress is awaiting-review or being-progressed.');
  });

  test('marks where the record is, was and never was, with dates and days', async () => {
    const svg = parsed(await svgOf(travelled()));
    expect(textsOf(svg, 'current')).toEqual([
      // The first group is in the legend.
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
    expect(textOf(svg, 'title')).toBe('Record a: being-progressed');
    expect(textsOf(svg, 'current')).toContain('requested | since 2026-02-20 | 5 days');
  });

  test('marks nothing without a record', async () => {
    const svg = parsed(await svgOf(plainChart));
    expect(textOf(svg, 'title')).toBe('inspection-recommendation v1');
    expect(textsOf(svg, 'current')).toEqual([]);
    expect(textsOf(svg, 'taken')).toEqual([]);
  });

  test('contains everything that it needs, and no script', async () => {
    const svg = await svgOf(travelled());
    expect(svg).not.toMatch(/<script|href|url\(|@import|\son\w+=/i);
    expect(svg.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toContain('http');
  });

  test('in a page leaves head and style to the page, and writes dates as the page does', async () => {
    const svg = await svgOf(travelled(), { isInPage: true, written: (date) => `day ${date}` });
    expect(svg).not.toContain('<style');
    expect(svg).not.toMatch(/ style=/);
    const picture = parsed(svg);
    expect(textsOf(picture, 'visited')).toContain(
      'awaiting-review | day 2026-01-01 to day 2026-02-01 | 31 days',
    );
    expect(textOf(picture, 'title')).toBe('Record a: complete');
  });

  test('escapes every text, and leaves out what XML cannot contain', async () => {
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
    expect(textOf(parsed(svg), 'title')).toContain('<script>&"\'');
    expect(svg).not.toMatch(/<script/);
  });

  test('does not grow with the number of events', async () => {
    const log = closedTwice();
    for (let round = 0; round < 200; round += 1) {
      log.add('a', 'RecommendationReopened', {}, { effectiveOn: '2026-06-01' });
      log.add('a', 'RecommendationCompleted', {}, { effectiveOn: '2026-06-01' });
    }
    const view = { effectiveOn: null, knownAt: null };
    const svg = await svgOf(atOnce(recordChart(lifecycles, log.events, view, '2026-07-01')) as Chart);
    expect(svg.length).toBeLessThan((await svgOf(travelled())).length * 1.2);
    expect(textOf(parsed(svg), 'desc')).toContain('progress: 395 stays, then ');
  });
});
