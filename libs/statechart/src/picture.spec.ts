import { beforeAll, describe, expect, test } from '@jest/globals';
import { DOMParser } from '@xmldom/xmldom';
import type { Document } from '@xmldom/xmldom';
import { atOnce } from '#event-sourcing/folding';
import { closedTwice, travelled } from '#test/support/record-charts';
import { storeCharts } from '#test/support/stored-charts';
import type { RecordChart } from '#lifecycle/travelled-chart';
import { recordChart } from '#use-cases/records/record-chart';
import { lifecycles } from '#state-machines/lifecycles';
import { svgOf } from './picture.ts';

beforeAll(() => storeCharts(lifecycles));

const parsed = (svg: string): Document => new DOMParser().parseFromString(svg, 'image/svg+xml');

const textOf = (svg: Document, tag: string): string | null | undefined =>
  svg.getElementsByTagName(tag)[0]?.textContent;

/** Returns the text of every group with a class, with its lines joined. */
const textsOf = (svg: Document, name: string): string[] =>
  Array.from(svg.getElementsByTagName('g'))
    .filter((group) => group.getAttribute('class')?.split(' ').includes(name))
    .map((group) =>
      Array.from(group.getElementsByTagName('text'), ({ textContent }) => textContent).join(' | '),
    );

describe('the picture of a record', () => {
  test('describes itself for users who do not see it', () => {
    const svg = parsed(svgOf(travelled()));
    expect(svg.documentElement?.getAttribute('role')).toBe('img');
    expect(textOf(svg, 'title')).toBe('Record a: complete');
    expect(textOf(svg, 'desc')).toContain(
      'progress: awaiting-review from 2026-01-01 (31 days), then being-progressed from 2026-02-01 (28 days), then complete from 2026-03-01 (61 days)',
    );
    expect(textOf(svg, 'desc')).toContain('[open]: progress is awaiting-review or being-progressed.');
  });

  test('marks where the record is, was and never was, with dates and days', () => {
    const svg = parsed(svgOf(travelled()));
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

  test('marks the arrows that the record followed, and no other', () => {
    const svg = svgOf(travelled());
    const labels = [...svg.matchAll(/class="label taken"[^>]*>([^<]*)/g)].map(([, label]) => label);
    expect(labels.toSorted()).toEqual([
      'ClosureRequested [open]',
      'ProgressStarted',
      'RecommendationCompleted',
      'RecommendationCompleted',
      'RecommendationReopened',
    ]);
    // One for each label and each initial state, and one in the legend.
    expect(svg.match(/class="arrow taken"/g)).toHaveLength(labels.length + 5);
  });

  test('shows the chart as it was on a day', () => {
    const svg = parsed(svgOf(travelled('2026-02-25')));
    expect(textOf(svg, 'title')).toBe('Record a: being-progressed');
    expect(textsOf(svg, 'current')).toContain('requested | since 2026-02-20 | 5 days');
  });

  test('in words writes states, arrows and dates as the page does', () => {
    const svg = parsed(svgOf(travelled(), 'live', (date) => `day ${date}`));
    expect(textsOf(svg, 'visited')).toContain('Awaiting review | day 2026-01-01 to day 2026-02-01 | 31 days');
    expect(textsOf(svg, 'labels')).toContain('Progress started');
    expect(textsOf(svg, 'labels').join()).not.toContain('Recorded as');
    expect(svgOf(travelled(), 'words')).toContain('Recorded as');
  });

  test('does not grow with the number of events', () => {
    const log = closedTwice();
    for (let round = 0; round < 200; round += 1) {
      log.add('a', 'RecommendationReopened', {}, { effectiveOn: '2026-06-01' });
      log.add('a', 'RecommendationCompleted', {}, { effectiveOn: '2026-06-01' });
    }
    const view = { effectiveOn: null, knownAt: null };
    const svg = svgOf(atOnce(recordChart(lifecycles, log.events, view, '2026-07-01')) as RecordChart);
    expect(svg.length).toBeLessThan(svgOf(travelled()).length * 1.2);
    expect(textOf(parsed(svg), 'desc')).toContain('progress: 395 stays, then ');
  });

  test('of a lifecycle that was not built names the missing chart', () => {
    const chart = { ...travelled(), lifecycle: { name: 'x', version: 1, digest: 'unknown' } };
    expect(() => svgOf(chart)).toThrow('The chart unknown-names.svg is not drawn; run "npm run build"');
  });
});
