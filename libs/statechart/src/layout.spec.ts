import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LIFECYCLE, plainChart, travelled } from '#test/support/record-charts';
import type { Chart } from '#lifecycle/chart';
import { layoutOf } from './layout.ts';
import type { Box, Layout, PlacedRegion } from './layout.ts';

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** A detail that is as wide as the widest below a state name. */
const DETAIL = 'last 2015-09-30 to 2016-09-30';

/** Returns the boxes of a region that must be readable: states, labels, and the start dot. */
const boxesOf = ({ states, arrows, start }: PlacedRegion): [string, Box][] => [
  ...Object.entries(states),
  ...arrows.map(({ label, lines }): [string, Box] => [lines.map(({ line }) => line).join(' '), label]),
  ['the start', start.dot],
];

/** Returns overlaps of boxes, and boxes outside their background. */
function faultsOf({ width, height, regions }: Layout): string[] {
  const faults: string[] = [];
  const check = (boxes: readonly (readonly [string, Box])[], ground: Pick<Box, 'width' | 'height'>) => {
    for (const [index, [name, box]] of boxes.entries()) {
      const inside =
        box.x >= -0.01 &&
        box.y >= -0.01 &&
        box.x + box.width <= ground.width + 0.01 &&
        box.y + box.height <= ground.height + 0.01;
      if (!inside) faults.push(`${name} lies outside`);
      for (const [other, second] of boxes.slice(index + 1)) {
        if (overlap(box, second)) faults.push(`${name} lies over ${other}`);
      }
    }
  };
  check(
    regions.map((region) => [region.region, region] as const),
    { width, height },
  );
  for (const region of regions) check(boxesOf(region), region);
  return faults;
}

describe('the layout of a chart', () => {
  test.each([
    ['with a record in it', true],
    ['without', false],
  ])('%s places nothing over anything else', async (_, roomy) => {
    const layout = await layoutOf(plainChart, roomy ? DETAIL : null);
    expect(faultsOf(layout)).toEqual([]);
    expect(
      layout.regions.map(({ region, states, arrows }) => [region, Object.keys(states).length, arrows.length]),
    ).toEqual([
      ['progress', 5, 12],
      ['closure', 3, 3],
      ['evidence', 5, 4],
      ['response', 3, 3],
    ]);
  });

  test('does not block other work while it is computed', async () => {
    const order: string[] = [];
    const regions = plainChart.regions.map((region) => ({ ...region, region: `${region.region} anew` }));
    const chart = { ...plainChart, regions };
    const layout = layoutOf(chart, DETAIL).then(() => order.push('laid out'));
    for (let turn = 1; turn <= 3; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      order.push(`turn ${turn}`);
    }
    await layout;
    expect(order).toEqual(['turn 1', 'turn 2', 'turn 3', 'laid out']);
  });

  test('is computed once per chart, for any record', async () => {
    const first = await layoutOf(travelled(), DETAIL);
    expect(await layoutOf(travelled('2026-01-15'), DETAIL)).toBe(first);
    expect(await layoutOf(plainChart, null)).not.toBe(first);
  });

  test('ends every line at its arrow', async () => {
    const { regions } = await layoutOf(plainChart, DETAIL);
    for (const { states, arrows } of regions) {
      for (const { from, to, points } of arrows) {
        const touches = (box: Box | undefined, { x = Number.NaN, y = Number.NaN } = {}) =>
          box !== undefined &&
          x >= box.x - 1 &&
          x <= box.x + box.width + 1 &&
          y >= box.y - 1 &&
          y <= box.y + box.height + 1;
        expect([from, to, touches(states[from], points[0]), touches(states[to], points.at(-1))]).toEqual([
          from,
          to,
          true,
          true,
        ]);
      }
    }
  });

  test('is correct for charts of any regions, also where a state has an arrow to itself or is called "start"', async () => {
    const names = ['start', 'a', 'b', 'a-much-longer-name-than-the-others'];
    const arrow = fc.record({
      event: fc.constantFrom('Moved', 'Recorded.a-state', 'SomethingLongHappened'),
      guard: fc.constantFrom(null, 'open'),
      from: fc.constantFrom(...names),
      to: fc.constantFrom(...names),
      fromAny: fc.boolean(),
    });
    const region = fc.record({
      initial: fc.constantFrom(...names),
      arrows: fc.array(arrow, { maxLength: 8 }),
    });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(region, { minLength: 1, maxLength: 4 }), async (regions) => {
        count += 1;
        const chart: Chart = {
          lifecycle: { ...LIFECYCLE, digest: `any ${count}` },
          guards: {},
          regions: regions.map((each, index) => ({ region: `r-${index}`, states: names, ...each })),
        };
        expect(faultsOf(await layoutOf(chart, count % 2 === 0 ? DETAIL : null))).toEqual([]);
      }),
      { numRuns: 20 * Number(process.env['DOCKET_CASES_TIMES'] ?? 1) },
    );
  });
});
