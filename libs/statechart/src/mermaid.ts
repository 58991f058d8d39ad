import type { Chart, ChartRegion } from '#lifecycle/chart';
import type { RecordChart } from '#lifecycle/travelled-chart';
import { describedChart, isTravelled } from './described-chart.ts';
import { ANY_STATE, drawnArrows, labelsOf } from './drawn-arrows.ts';
import { stayLines } from './stay-lines.ts';

/** Returns a chart as Mermaid text: parallel regions in one state, with a record's path marked. */
export function mermaidOf(chart: Chart | RecordChart): string {
  const { title, description } = describedChart(chart);
  const { name, version } = chart.lifecycle;
  const regions = chart.regions.map((region) => regionLines(region).join('\n'));
  return [
    'stateDiagram-v2',
    `  accTitle: ${title}`,
    `  accDescr: ${description}`,
    `  state "${name} v${version}" as lifecycle {`,
    regions.join('\n    --\n'),
    '  }',
    '  classDef any stroke-dasharray:4 3',
    '  classDef visited fill:#ddf4ff,stroke:#0969da,color:#1c2733,stroke-width:2px',
    '  classDef current fill:#0a5bc4,stroke:#06397d,color:#ffffff,stroke-width:3px',
    ...classLines(chart),
    '',
  ].join('\n');
}

// Names have no underscores, so the result is unique. Mermaid's keywords have none either.
const wordOf = (name: string): string => name.replaceAll('-', '_');
const idOf = (region: string, state: string): string =>
  state === ANY_STATE ? `any_of_${wordOf(region)}` : `in_${wordOf(region)}__${wordOf(state)}`;

function regionLines(region: ChartRegion): string[] {
  const { region: name, initial, states, arrows } = region;
  const drawn = drawnArrows(arrows);
  const named = drawn.some(({ from }) => from === ANY_STATE) ? [...states, ANY_STATE] : states;
  return [
    `    state "${name}" as region_${wordOf(name)} {`,
    ...named.map((state) => `      state "${state}" as ${idOf(name, state)}`),
    ...states.flatMap((state) =>
      detailsOf(state, region).map((line) => `      ${idOf(name, state)} : ${line}`),
    ),
    `      [*] --> ${idOf(name, initial)}`,
    ...drawn.flatMap((arrow) =>
      labelsOf(arrow).map(
        (label) => `      ${idOf(name, arrow.from)} --> ${idOf(name, arrow.to)} : ${label}`,
      ),
    ),
    '    }',
  ];
}

function detailsOf(state: string, region: ChartRegion): readonly string[] {
  if (!isTravelled(region)) return [];
  return stayLines(
    region.path.filter((stay) => stay.state === state),
    region.days[state] ?? 0,
  );
}

function classLines({ regions }: Chart): string[] {
  return regions.flatMap((region) => {
    const any = region.arrows.some(({ fromAny }) => fromAny) ? [[ANY_STATE, 'any']] : [];
    const visited = isTravelled(region)
      ? [...new Set(region.path.map(({ state }) => state))]
          .filter((state) => state !== region.current)
          .map((state) => [state, 'visited'])
      : [];
    const current = isTravelled(region) ? [[region.current, 'current']] : [];
    return [...any, ...visited, ...current].map(
      ([state, kind]) => `  class ${idOf(region.region, state as string)} ${kind}`,
    );
  });
}
