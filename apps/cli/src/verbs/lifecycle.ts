import { Option } from 'commander';
import type { Command } from 'commander';
import { InvalidLifecycleError } from '#lifecycle/check-definition';
import { chartOf } from '#lifecycle/chart';
import type { GuardDefinition, LifecycleDefinition } from '#lifecycle/lifecycle-definition';
import { docketStatechart } from '#state-machines/definition';
import { lifecycles } from '#state-machines/lifecycles';
import { mermaidOf } from '#statechart/mermaid';
import { svgOf } from '#statechart/svg';
import { EXIT } from '#platform/exit-codes';
import { readLimited } from '../read-limited.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError, userPath } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';

const FORMATS = ['svg', 'mermaid', 'json', 'xstate', 'definition'] as const;

/** A definition is a page or two of data; a larger file is something else. */
const DEFINITION_BYTES_MAX = 1024 * 1024;

export const addLifecycle: Verb = (program) => {
  const lifecycle = program
    .command('lifecycle')
    .description('Show lifecycles, or check a lifecycle definition. Does not open a store.');
  addList(lifecycle, program.terminal);
  addCheck(lifecycle, program.terminal);
  addDiagram(lifecycle, program.terminal);
};

const lifecycleNames = [...new Set(lifecycles.all.map(({ reference }) => reference.name))];

function addList(lifecycle: Command, terminal: Terminal): void {
  lifecycle
    .command('list')
    .description(
      'List the lifecycles: name, version, digest, whether new records follow it, the kind of record, and the states of each region.',
    )
    .option('--json', 'one JSON value per lifecycle on standard output')
    .action(({ json }: { json?: true }) => {
      for (const { definition, reference, kind } of lifecycles.all) {
        const { regions } = chartOf(definition, reference);
        const states = Object.fromEntries(regions.map((region) => [region.region, region.states]));
        if (json) {
          terminal.json({ ...reference, kind, statusRegion: definition.statusRegion, states });
          continue;
        }
        const { name, version, digest } = reference;
        const isCurrent = lifecycles.current(name).reference.digest === digest;
        const use = isCurrent ? 'used for new records' : 'used only to read stored events';
        terminal.line(`${terminal.styled('bold', `${name} v${version}`)}  ${digest}  ${use}`);
        terminal.line(`  ${kind.noun.plural}: ${kind.stream}-ID, at /${kind.path}/ID`);
        for (const [region, names] of Object.entries(states)) {
          terminal.line(`  ${region.padEnd(12)} ${names.join(', ')}`);
        }
      }
    });
}

function addDiagram(lifecycle: Command, terminal: Terminal): void {
  lifecycle
    .command('diagram')
    .argument('<name>', `the lifecycle: ${lifecycleNames.join(', ')}`)
    .description(
      'Print the statechart of a lifecycle; with --format xstate the configuration of its XState machine, with --format definition the data that its digest covers.',
    )
    .addOption(new Option('--format <format>', 'the output format').choices([...FORMATS]).default('svg'))
    .action(async (name: string, { format }: { format: (typeof FORMATS)[number] }) => {
      const found = lifecycles.all.findLast(({ reference }) => reference.name === name);
      if (found === undefined) {
        throw new UsageError(`there is no lifecycle ${name}; docket lifecycle list prints all lifecycles`);
      }
      terminal.write(await drawDiagram(found, format));
    });
}

async function drawDiagram(
  { definition, identity, reference }: (typeof lifecycles.all)[number],
  format: (typeof FORMATS)[number],
): Promise<string> {
  if (format === 'xstate') return xstateOf(definition);
  if (format === 'definition') return `${JSON.stringify(identity, null, 2)}\n`;
  const chart = chartOf(definition, reference);
  if (format === 'json') return `${JSON.stringify(chart)}\n`;
  return format === 'svg' ? svgOf(chart) : mermaidOf(chart);
}

/**
 * Returns a lifecycle's machine as the JSON of an XState configuration, for `createMachine` and Stately's editor. JSON can only name
 * guards; their descriptions say what each one checks.
 */
function xstateOf(definition: Pick<LifecycleDefinition, 'machine' | 'guards'>): string {
  const { machine, guards } = definition;
  const description = Object.entries(guards).map(describeGuard).join(' ');
  return `${JSON.stringify({ ...machine, description }, null, 2)}\n`;
}

const describeGuard = ([name, { region, in: states }]: [string, GuardDefinition]): string =>
  `Guard ${name} is true if ${region} is ${states.join(' or ')}.`;

function addCheck(lifecycle: Command, terminal: Terminal): void {
  lifecycle
    .command('check')
    .argument(
      '<file>',
      'JSON with the data of a definition: name, version, machine, guards, events, statusRegion, thresholds',
    )
    .description(
      'Check that a lifecycle definition contains everything that replay requires, and list the problems. docs/lifecycle-definition.md has an example.',
    )
    .option('--json', 'one JSON value on standard output')
    .action(async (file: string, { json }: { json?: true }) => {
      const problems = problemsOf(await readDefinition(file));
      if (problems.length > 0) terminal.exitCode = EXIT.refused;
      if (json) {
        terminal.json({ file, ok: problems.length === 0, problems });
        return;
      }
      if (problems.length === 0) terminal.line(`${terminal.styled('green', 'Valid')}: ${file}`);
      else terminal.line(`${terminal.styled('red', 'Not valid')}: ${file}`);
      for (const problem of problems) terminal.line(`  ${problem}`);
    });
}

function problemsOf(definition: unknown): readonly string[] {
  try {
    docketStatechart(definition);
    return [];
  } catch (error) {
    if (error instanceof InvalidLifecycleError) return error.problems;
    throw error;
  }
}

/** @throws Error that names the file and the reason. */
async function readDefinition(file: string): Promise<unknown> {
  let bytes: Uint8Array;
  try {
    bytes = await readLimited(userPath(file), DEFINITION_BYTES_MAX);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Error(`${file} cannot be read: ${reason}`, { cause: error });
  }
  if (bytes.length > DEFINITION_BYTES_MAX) {
    throw new Error(`${file} is larger than the maximum of ${DEFINITION_BYTES_MAX} bytes`);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw new Error(`${file} is not JSON in UTF-8: ${(error as Error).message}`, { cause: error });
  }
}
