import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { inspect } from 'node:util';
import { benchAppend } from './append.ts';
import { benchCommands } from './commands.ts';
import { benchLists } from './lists.ts';
import { benchPages } from './pages.ts';
import { benchPast } from './past.ts';
import { benchPeer } from './peer.ts';
import { benchRequests } from './requests.ts';
import { median } from './row.ts';
import type { Row } from './row.ts';
import type { benchSweep } from './sweep.ts';
import type { benchVerify } from './verify.ts';

// The benches run one after another, so that none affects another.
const BENCHES: Readonly<Record<string, () => Promise<Row[]>>> = {
  append: benchAppend,
  commands: benchCommands,
  lists: benchLists,
  past: benchPast,
  requests: benchRequests,
  verify: builtVerify,
  pages: benchPages,
  sweep: builtSweep,
  peer: benchPeer,
};

/** The benches that run only by name: this one installs another library from the npm registry. */
const BY_NAME: readonly string[] = ['peer'];

/** Runs the built sweep bench: payloads of commands have decorators, which Node does not support. */
async function builtSweep(): Promise<Row[]> {
  const { href } = new URL('../../dist/test/bench/sweep.js', import.meta.url);
  const built = (await import(href)) as { readonly benchSweep: typeof benchSweep };
  return built.benchSweep();
}

/** Runs the built verify bench: its threads load the program as those of `docket verify` do. */
async function builtVerify(): Promise<Row[]> {
  const { href } = new URL('../../dist/test/bench/verify.js', import.meta.url);
  const built = (await import(href)) as { readonly benchVerify: typeof benchVerify };
  return built.benchVerify();
}

/** The greatest difference of a fixed loop before and after a bench for which its rows are judged. */
const BUSY_MIN = 0.05;

/** Returns the milliseconds of a fixed loop, which other programs on the machine make slower. */
function loopMs(): number {
  const times = Array.from({ length: 15 }, () => {
    const began = performance.now();
    for (let turn = 0; turn < 50_000; turn += 1) hash('sha256', String(turn));
    return performance.now() - began;
  });
  return median(times);
}

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !Object.hasOwn(BENCHES, name));
if (unknown !== undefined) {
  process.stderr.write(
    `There is no bench "${unknown}". Benches: ${Object.keys(BENCHES).join(', ')} (${BY_NAME.join(', ')} only by name)\n`,
  );
  process.exit(2);
}

const rows: (Row & { readonly bench: string; readonly verdict: string })[] = [];
const failed: string[] = [];
// The first loop is slower, because it is not compiled yet.
loopMs();
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 ? !wanted.includes(name) : BY_NAME.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  const began = performance.now();
  const before = loopMs();
  try {
    const measured = await bench();
    const after = loopMs();
    const busy = Math.max(before, after) / Math.min(before, after) - 1;
    const unjudged = `not judged: the machine was busy (a fixed loop differed by ${(busy * 100).toFixed(0)} %)`;
    for (const row of measured) {
      const verdict = row.isMet ? 'holds' : 'MISSED';
      rows.push({ ...row, bench: name, verdict: busy > BUSY_MIN ? unjudged : verdict });
    }
  } catch (error) {
    failed.push(name);
    process.stderr.write(`The bench "${name}" failed: ${inspect(error)}\n`);
  }
  process.stderr.write(`  ${name} took ${((performance.now() - began) / 1_000).toFixed(0)} s\n`);
}

const figure = (value: number): string =>
  value.toLocaleString('en-GB', { maximumFractionDigits: value < 100 ? 1 : 0 });
const cells = rows.map(({ measure, value, floor, ratio, target, unit, verdict }) => [
  measure,
  `${figure(value)} ${unit}`,
  figure(floor),
  ratio.toFixed(2),
  target.toFixed(2),
  verdict,
]);
const table = [['measure', 'value', 'floor', 'ratio', 'target', ''], ...cells];
const widths = (table[0] as string[]).map((_, column) =>
  Math.max(...table.map((line) => (line[column] as string).length)),
);
for (const line of table) {
  process.stdout.write(
    `${line
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join('  ')
      .trimEnd()}\n`,
  );
}
const machine = { node: process.version, cpu: cpus()[0]?.model, cpus: cpus().length, memory: totalmem() };
writeFileSync(
  'bench-results.json',
  `${JSON.stringify({ at: new Date().toISOString(), machine, rows, failed }, null, 2)}\n`,
);
if (failed.length > 0) process.exitCode = 1;
