import { describe, expect, test } from '@jest/globals';
import { parseHTML } from 'linkedom';
import { renderToString } from 'preact-render-to-string';
import { LayoutError } from '#statechart/layout-thread';
import { travelled } from '#test/support/record-charts';
import { ChartView, pictureOf } from './chart-view.tsx';

const shown = (picture: string | null): HTMLElement => {
  const html = renderToString(<ChartView chart={travelled()} picture={picture} whole={null} />);
  return parseHTML(`<html><body>${html}</body></html>`).document.body;
};

describe('the chart of a page', () => {
  test('given a layout, then it is a picture with its transitions in words', async () => {
    const body = shown(await pictureOf(travelled()));

    expect(body.querySelector('svg.docket-chart')).not.toBeNull();
    expect(body.querySelectorAll('.docket-stays li').length).toBeGreaterThan(0);
  });

  test('given a layout that times out, then the page says so and has the words', async () => {
    const picture = await pictureOf(travelled(), () =>
      Promise.reject(new LayoutError('The chart cannot be laid out: its thread has ended')),
    );
    const body = shown(picture);

    expect(body.querySelector('svg')).toBeNull();
    expect(body.querySelector('p')?.textContent).toBe(
      'The chart cannot be drawn at the moment. It would show:',
    );
    expect(body.querySelectorAll('.docket-stays li').length).toBeGreaterThan(0);
  });

  test('given another error, then it is not hidden', async () => {
    const broken = () => Promise.reject(new Error('no picture'));

    await expect(pictureOf(travelled(), broken)).rejects.toThrow('no picture');
  });
});
