/**
 * The stylesheet of charts. It sets a background, so that charts are readable on light and dark pages, and has a dark
 * variant for readers who prefer it. A page can contain other pictures, so all of it is about `.docket-chart`.
 */
export const STYLE = `
.docket-chart {
--ink: #1c2733; --quiet: #57606a; --ground: #ffffff; --region: #f6f8fa; --edge: #d0d7de; --line: #8c959f; --box: #ffffff;
--was: #ddf4ff; --was-ink: #32475b; --path: #0969da; --path-ink: #0550ae; --now: #0a5bc4; --now-edge: #06397d; --now-ink: #ffffff;
font: 12px system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif;
}
.docket-chart text { fill: var(--ink); }
.docket-chart .name, .docket-chart .detail, .docket-chart .label { text-anchor: middle; }
.docket-chart .ground { fill: var(--ground); stroke: var(--edge); }
.docket-chart .title { font-size: 18px; font-weight: 600; }
.docket-chart .subtitle, .docket-chart .label, .docket-chart .detail { fill: var(--quiet); }
.docket-chart .region { fill: var(--region); stroke: var(--edge); }
.docket-chart .region-name { font-size: 14px; font-weight: 600; fill: var(--quiet); }
.docket-chart .state rect { fill: var(--box); stroke: var(--line); stroke-width: 1.25; }
.docket-chart .name { font-size: 14px; }
.docket-chart .visited rect { fill: var(--was); stroke: var(--path); stroke-width: 2; }
.docket-chart .visited .name { font-weight: 600; }
.docket-chart .visited .detail { fill: var(--was-ink); }
.docket-chart .current rect { fill: var(--now); stroke: var(--now-edge); stroke-width: 3; }
.docket-chart .current .name, .docket-chart .current .detail { fill: var(--now-ink); }
.docket-chart .any rect { fill: none; stroke-dasharray: 4 3; }
.docket-chart .any .name { font-size: 12px; font-style: italic; fill: var(--quiet); }
.docket-chart .arrow path { fill: none; stroke: var(--line); stroke-width: 1.25; }
.docket-chart .arrow .head { fill: var(--line); }
.docket-chart .under { fill: var(--region); }
.docket-chart .taken path { stroke: var(--path); stroke-width: 2.5; }
.docket-chart .taken .head { fill: var(--path); }
.docket-chart .label.taken { fill: var(--path-ink); font-weight: 600; }
.docket-chart .start { fill: var(--quiet); }
@media (prefers-color-scheme: dark) { .docket-chart {
--ink: #e6edf3; --quiet: #9ea7b3; --ground: #0d1117; --region: #151b23; --edge: #3d444d; --line: #7d8590; --box: #0d1117;
--was: #10284a; --was-ink: #c3d5ea; --path: #4493f8; --path-ink: #79b8ff; --now: #1f6feb; --now-edge: #a5cdff;
} }
@media (forced-colors: active) { .docket-chart {
--ink: CanvasText; --quiet: CanvasText; --ground: Canvas; --region: Canvas; --edge: CanvasText; --line: CanvasText; --box: Canvas;
--was: Canvas; --was-ink: CanvasText; --path: CanvasText; --path-ink: CanvasText; --now: Highlight; --now-edge: Highlight; --now-ink: HighlightText;
} }`;
