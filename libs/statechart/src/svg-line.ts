import type { Point } from './layout.ts';
import { round } from './svg-text.ts';

const HEAD = { length: 9, width: 8 };
const CORNER = 6;

/** The paths of points. Layouts are cached and shared by every record, so their points are too. */
const drawn = new WeakMap<readonly Point[], string>();

/** Returns a path along orthogonal points, with rounded corners and an arrowhead. */
export function lineAlong(points: readonly Point[]): string {
  let line = drawn.get(points);
  if (line === undefined) drawn.set(points, (line = drawLine(points)));
  return line;
}

function drawLine(points: readonly Point[]): string {
  const last = points.at(-1);
  const before = points.at(-2);
  if (last === undefined || before === undefined) return '';
  const { x: dx, y: dy } = direction(before, last);
  const neck = { x: last.x - dx * HEAD.length, y: last.y - dy * HEAD.length };
  const along = [...points.slice(0, -1), neck];
  const steps = along.map((point, index) => {
    const [from, to] = [along[index - 1], along[index + 1]];
    if (from === undefined) return `M${at(point)}`;
    if (to === undefined) return `L${at(point)}`;
    return `L${at(towards(point, from))} Q${at(point)} ${at(towards(point, to))}`;
  });
  const side = { x: (-dy * HEAD.width) / 2, y: (dx * HEAD.width) / 2 };
  const left = { x: neck.x + side.x, y: neck.y + side.y };
  const right = { x: neck.x - side.x, y: neck.y - side.y };
  return `<path d="${steps.join(' ')}"/><polygon class="head" points="${at(last)} ${at(left)} ${at(right)}"/>`;
}

const distance = (a: Point, b: Point): number => Math.hypot(b.x - a.x, b.y - a.y);

function direction(from: Point, to: Point): Point {
  const length = distance(from, to) || 1;
  return { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
}

/** Returns the point at a corner's radius towards another point. */
function towards(corner: Point, other: Point): Point {
  const radius = Math.min(CORNER, distance(corner, other) / 2);
  const { x, y } = direction(corner, other);
  return { x: corner.x + x * radius, y: corner.y + y * radius };
}

const at = ({ x, y }: Point): string => `${round(x)},${round(y)}`;
