import type { Content, Element } from '../components/macro-options.ts';

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

/** More bars would be too many to compare. */
export const BARS_MAX = 60;
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
