import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseHTML } from 'linkedom';
import { renderToString } from 'preact-render-to-string';
import type { RecordChart } from '#lifecycle/travelled-chart';
import { lifecycles } from '#state-machines/lifecycles';
import { travelled } from '#test/support/record-charts';
import { storeCharts } from '#test/support/stored-charts';
import { ChartView } from './chart-view.tsx';

beforeAll(() => storeCharts(lifecycles));

const shown = (chart: RecordChart): HTMLElement =>
  parseHTML(`<html><body>${renderToString(<ChartView chart={chart} whole={null} />)}</body></html>`).document
    .body;

describe('the chart of a page', () => {
  test('is a picture with its transitions in words', () => {
    const body = shown(travelled());

    expect(body.querySelector('svg title')?.textContent).toBe('Record a: Complete');
    expect(body.querySelector('.docket-stays li')?.textContent).toBe(
      'Awaiting review from 1 January 2026 to 1 February 2026 (31 days)',
    );
    expect(body.querySelector('svg')?.textContent).not.toContain('Recorded as');
  });

  test('given a record that followed an arrow of imports, then it has these arrows', () => {
    const chart = travelled();
    const regions = chart.regions.map((region) => ({
      ...region,
      arrows: region.arrows.map((arrow) =>
        arrow.event === 'StatusRecorded.complete' ? { ...arrow, taken: 1 } : arrow,
      ),
    }));

    const followed = shown({ ...chart, regions }).querySelectorAll('svg .label.taken');
    expect(Array.from(followed, ({ textContent }) => textContent)).toContain('Recorded as complete');
  });
});
