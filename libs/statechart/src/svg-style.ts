/**
 * The stylesheet of charts. It sets a background, so that charts are readable on light and dark pages, and has a dark variant for readers
 * who prefer it. All rules are scoped to `.docket-chart`, because a page can contain several pictures.
 */
export const STYLE = `
.docket-chart { font-family: system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
.docket-chart text { fill: #1c2733; }
.docket-chart .ground { fill: #ffffff; stroke: #c9d1d9; }
.docket-chart .title { font-size: 18px; font-weight: 600; }
.docket-chart .subtitle { font-size: 12px; fill: #57606a; }
.docket-chart .region { fill: #f6f8fa; stroke: #d0d7de; }
.docket-chart .region-name { font-size: 14px; font-weight: 600; fill: #57606a; }
.docket-chart .state rect { fill: #ffffff; stroke: #8c959f; stroke-width: 1.25; }
.docket-chart .state .name { font-size: 14px; }
.docket-chart .state .detail { font-size: 12px; fill: #57606a; }
.docket-chart .visited rect { fill: #ddf4ff; stroke: #0969da; stroke-width: 2; }
.docket-chart .visited .name { font-weight: 600; }
.docket-chart .visited .detail { fill: #32475b; }
.docket-chart .current rect { fill: #0a5bc4; stroke: #06397d; stroke-width: 3; }
.docket-chart .current .name, .docket-chart .current .detail { fill: #ffffff; }
.docket-chart .any rect { fill: none; stroke-dasharray: 4 3; }
.docket-chart .any .name { font-size: 12px; font-style: italic; fill: #57606a; }
.docket-chart .arrow path { fill: none; stroke: #8c959f; stroke-width: 1.25; }
.docket-chart .arrow .head { fill: #8c959f; stroke: none; }
.docket-chart .arrow .under { fill: #f6f8fa; }
.docket-chart .arrow text { font-size: 12px; fill: #57606a; }
.docket-chart .taken path { stroke: #0969da; stroke-width: 2.5; }
.docket-chart .taken .head { fill: #0969da; }
.docket-chart .arrow .label-taken { fill: #0550ae; font-weight: 600; }
.docket-chart .start { fill: #57606a; }
@media (forced-colors: active) {
.docket-chart .ground, .docket-chart .region, .docket-chart .state rect, .docket-chart .arrow .under { fill: Canvas; stroke: CanvasText; }
.docket-chart .arrow .under { stroke: none; }
.docket-chart text { fill: CanvasText; }
.docket-chart .current rect { fill: Highlight; stroke: Highlight; }
.docket-chart .current .name, .docket-chart .current .detail { fill: HighlightText; }
.docket-chart .arrow path { stroke: CanvasText; }
.docket-chart .arrow .head, .docket-chart .start { fill: CanvasText; }
}
@media (prefers-color-scheme: dark) {
.docket-chart text { fill: #e6edf3; }
.docket-chart .ground { fill: #0d1117; stroke: #3d444d; }
.docket-chart .region { fill: #151b23; stroke: #3d444d; }
.docket-chart .subtitle, .docket-chart .region-name, .docket-chart .any .name { fill: #9ea7b3; }
.docket-chart .state rect { fill: #0d1117; stroke: #7d8590; }
.docket-chart .state .detail, .docket-chart .arrow text { fill: #9ea7b3; }
.docket-chart .visited rect { fill: #10284a; stroke: #4493f8; }
.docket-chart .visited .detail { fill: #c3d5ea; }
.docket-chart .current rect { fill: #1f6feb; stroke: #a5cdff; }
.docket-chart .current .name, .docket-chart .current .detail { fill: #ffffff; }
.docket-chart .any rect { fill: none; }
.docket-chart .arrow .under { fill: #151b23; }
.docket-chart .arrow path { stroke: #7d8590; }
.docket-chart .arrow .head, .docket-chart .start { fill: #7d8590; }
.docket-chart .taken path { stroke: #4493f8; }
.docket-chart .taken .head { fill: #4493f8; }
.docket-chart .arrow .label-taken { fill: #79b8ff; }
}`;
