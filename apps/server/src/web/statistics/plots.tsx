import type { Content, Element } from '../components/macro-options.ts';
import { formatCount } from '../words.ts';

// SVG plots with relative lengths, so that text keeps its size on phones. Colours come from the stylesheet.

interface Segment {
  /** The key of the legend. */
  readonly kind: string;
  readonly count: number;
  /** The list behind the count; null if there is none. */
  readonly href: string | null;
  /** The accessible name. */
  readonly name: string;
}

export interface Bar {
  readonly label: string;
  /** Shown beside the label. */
  readonly note: string;
  readonly segments: readonly Segment[];
}

/** The legend, in the order of the segments. */
interface Kind {
  readonly kind: string;
  readonly text: string;
}

const percent = (share: number): string => `${Math.round(share * 10_000) / 100}%`;

/** Explains the colours. Counts within the segments and their fixed order carry the same information. */
export const Legend = ({ kinds }: { readonly kinds: readonly Kind[] }): Element => (
  <ul class="docket-legend">
    {kinds.map(({ kind, text }) => (
      <li class="docket-legend__item">
        <svg class="docket-legend__key" width="16" height="16" aria-hidden="true" focusable="false">
          <rect class={`docket-part docket-part--${kind}`} width="16" height="16" />
        </svg>
        {text}
      </li>
    ))}
  </ul>
);

/** Links a part of a plot to its list. */
const Linked = ({
  href,
  name,
  children,
}: {
  readonly href: string | null;
  readonly name: string;
  readonly children: Content;
}): Element =>
  href === null ? (
    <g>
      <title>{name}</title>
      {children}
    </g>
  ) : (
    <a class="docket-plot__link" href={href} aria-label={name}>
      <title>{name}</title>
      {children}
    </a>
  );

const BAR_HEIGHT = 28;

/** Horizontal bars on a common scale. */
export function Bars({ bars }: { readonly bars: readonly Bar[] }): Element {
  const total = ({ segments }: Bar) => segments.reduce((sum, { count }) => sum + count, 0);
  const scale = Math.max(1, ...bars.map(total));
  return (
    <ol class="docket-bars">
      {bars.map((bar) => (
        <li class="docket-bars__bar">
          <p class="docket-bars__label">
            <strong>{bar.label}</strong> <span class="docket-figures">{bar.note}</span>
          </p>
          <svg class="docket-plot__row" width="100%" height={BAR_HEIGHT} role="group" aria-label={bar.label}>
            <Segments segments={bar.segments} scale={scale} />
          </svg>
        </li>
      ))}
    </ol>
  );
}

function Segments({
  segments,
  scale,
}: {
  readonly segments: readonly Segment[];
  readonly scale: number;
}): Element {
  let before = 0;
  return (
    <>
      {segments.map(({ kind, count, href, name }) => {
        const [from, width] = [before / scale, count / scale];
        before += count;
        if (count === 0) return null;
        return (
          <>
            <Linked href={href} name={name}>
              <rect
                class={`docket-part docket-part--${kind}`}
                x={percent(from)}
                y="2"
                width={percent(width)}
                height={BAR_HEIGHT - 4}
              />
            </Linked>
            {hasRoom(count, width) && (
              <text
                class={`docket-part__count docket-part__count--${kind}`}
                x={percent(from + width / 2)}
                y="19"
                aria-hidden="true"
              >
                {count}
              </text>
            )}
          </>
        );
      })}
    </>
  );
}

/** Returns whether a count fits its segment, on phones too. */
const hasRoom = (count: number, width: number): boolean => width >= 0.03 * String(count).length + 0.02;

/** A stacked column. */
export interface Column extends Bar {
  /** The second line of the label. */
  readonly year: string | null;
}

/** More columns would be too narrow. */
export const COLUMNS_MAX = 60;
const PLOT_HEIGHT = 220;

/** Stacked columns with a scale. */
export function Columns(props: { readonly name: string; readonly columns: readonly Column[] }): Element {
  const { name, columns } = props;
  const highest = Math.max(
    ...columns.map(({ segments }) => segments.reduce((sum, { count }) => sum + count, 0)),
  );
  const { top, step } = niceScale(highest);
  const y = (count: number) => Math.round(PLOT_HEIGHT * (1 - count / top)) + 10;
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step);
  return (
    <svg class="docket-plot__columns" width="100%" height={PLOT_HEIGHT + 58} role="group" aria-label={name}>
      {ticks.map((tick) => (
        <g aria-hidden="true">
          <line class="docket-plot__axis" x1="10%" x2="100%" y1={y(tick)} y2={y(tick)} />
          <text class="docket-plot__tick" x="9%" y={y(tick) + 5} text-anchor="end">
            {formatCount(tick)}
          </text>
        </g>
      ))}
      {columns.map((column, index) => (
        <ColumnDrawn column={column} index={index} count={columns.length} y={y} />
      ))}
    </svg>
  );
}

function ColumnDrawn(props: {
  readonly column: Column;
  readonly index: number;
  readonly count: number;
  readonly y: (count: number) => number;
}): Element {
  const { column, index, count, y } = props;
  const width = 0.9 / count;
  const left = 0.1 + width * index;
  let below = 0;
  const room = { x: percent(left + width * 0.1), width: percent(width * 0.8) };
  return (
    <>
      {column.segments.map((segment) => {
        const [bottom, top] = [y(below), y(below + segment.count)];
        below += segment.count;
        return (
          segment.count > 0 && (
            <Linked href={segment.href} name={segment.name}>
              <rect
                class={`docket-part docket-part--${segment.kind}`}
                {...room}
                y={top}
                height={Math.max(1, bottom - top)}
              />
            </Linked>
          )
        );
      })}
      <g aria-hidden="true" class={labelClass(index, count)}>
        <text
          class="docket-plot__tick"
          x={percent(left + width / 2)}
          y={PLOT_HEIGHT + 30}
          text-anchor="middle"
        >
          {column.label}
        </text>
        {column.year !== null && (
          <text
            class="docket-plot__tick"
            x={percent(left + width / 2)}
            y={PLOT_HEIGHT + 50}
            text-anchor="middle"
          >
            {column.year}
          </text>
        )}
      </g>
    </>
  );
}

/** Hides labels that do not fit: at most 12, and 4 on phones. */
function labelClass(index: number, count: number): string {
  const isShown = (most: number) => index % Math.ceil(count / most) === 0;
  if (isShown(4)) return 'docket-plot__label';
  return isShown(12) ? 'docket-plot__label docket-plot__label--wide' : 'docket-plot__label--left-out';
}

/** Returns a scale with round steps: 1, 2 or 5 times a power of ten. */
export function niceScale(highest: number): { readonly top: number; readonly step: number } {
  const rough = Math.max(highest, 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough) ?? 10;
  const step = Math.max(1, Math.round(factor * power));
  return { top: Math.ceil(Math.max(highest, 1) / step) * step, step };
}
