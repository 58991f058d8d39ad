import type { RecordChart, TravelledRegion } from '#lifecycle/travelled-chart';
import { ANY_STATE, linesOf, nodesOf } from './arrow-lines.ts';
import { describeChart, stayLines } from './chart-words.ts';

/** Returns a chart as Mermaid text: parallel regions in one state, with the record's path marked. */
export function mermaidOf(chart: RecordChart): string {
  const { title, description } = describeChart(chart);
  const { name, version } = chart.lifecycle;
  return [
    'stateDiagram-v2',
    `  accTitle: ${title}`,
    `  accDescr: ${description}`,
    `  state "${name} v${version}" as lifecycle {`,
    chart.regions.map((region) => regionLines(region).join('\n')).join('\n    --\n'),
    '  }',
    '  classDef any stroke-dasharray:4 3',
    '  classDef visited fill:#ddf4ff,stroke:#0969da,color:#1c2733,stroke-width:2px',
    '  classDef current fill:#0a5bc4,stroke:#06397d,color:#ffffff,stroke-width:3px',
    ...chart.regions.flatMap(classLines),
    '',
  ].join('\n');
}

// Names have no underscores, so the result is unique. Mermaid's keywords have none either.
const wordOf = (name: string): string => name.replaceAll('-', '_');
const idOf = (region: string, state: string): string =>
  state === ANY_STATE ? `any_of_${wordOf(region)}` : `in_${wordOf(region)}__${wordOf(state)}`;

function regionLines(region: TravelledRegion): string[] {
  const { region: name, initial } = region;
  const states = nodesOf(region);
  return [
    `    state "${name}" as region_${wordOf(name)} {`,
    ...states.map((state) => `      state "${state}" as ${idOf(name, state)}`),
    ...states.flatMap((state) =>
      stayLines(region, state).map((line) => `      ${idOf(name, state)} : ${line}`),
    ),
    `      [*] --> ${idOf(name, initial)}`,
    ...linesOf(region).flatMap(({ from, to, labels }) =>
      [...labels.keys()].map((label) => `      ${idOf(name, from)} --> ${idOf(name, to)} : ${label}`),
    ),
    '    }',
  ];
}

function classLines(region: TravelledRegion): string[] {
  const visited = new Set(region.path.map(({ state }) => state));
  return nodesOf(region).flatMap((state) => {
    const kind = state === ANY_STATE ? 'any' : state === region.current ? 'current' : 'visited';
    return kind === 'visited' && !visited.has(state) ? [] : [`  class ${idOf(region.region, state)} ${kind}`];
  });
}
