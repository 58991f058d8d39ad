import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { inspect } from 'node:util';
import { benchAppend } from './append.ts';
import { benchCheckpoint } from './checkpoint.ts';
import { benchFold } from './fold.ts';
import { benchHttp } from './http.ts';
import { benchReaders } from './readers.ts';
import { benchLists } from './lists.ts';
import { benchNotices } from './notices.ts';
import { benchPages } from './pages.ts';
import { benchParse } from './parse.ts';
import type { Row } from './row.ts';
import { benchScan } from './scan.ts';
import { benchSearch } from './search.ts';
import type { benchSweep } from './sweep.ts';
import type { benchVerify } from './verify.ts';
import { benchViews } from './views.ts';

// The benches run one after another, so that none affects another.
const BENCHES: Readonly<Record<string, () => Row[] | Promise<Row[]>>> = {
  append: benchAppend,
  http: benchHttp,
  readers: benchReaders,
  notices: benchNotices,
  scan: benchScan,
  verify: builtVerify,
  fold: benchFold,
  checkpoint: benchCheckpoint,
  search: benchSearch,
  lists: benchLists,
  views: benchViews,
  pages: benchPages,
  parse: benchParse,
  sweep: builtSweep,
};

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

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !Object.hasOwn(BENCHES, name));
if (unknown !== undefined) {
  process.stderr.write(`There is no bench "${unknown}". Benches: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}

const rows: Row[] = [];
const failed: string[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  const began = performance.now();
  try {
    rows.push(...(await bench()));
  } catch (error) {
    failed.push(name);
    process.stderr.write(`The bench "${name}" failed: ${inspect(error)}\n`);
  }
  process.stderr.write(`  ${name} took ${((performance.now() - began) / 1_000).toFixed(0)} s\n`);
}

const figure = (value: number): string =>
  value.toLocaleString('en-GB', { maximumFractionDigits: value < 100 ? 1 : 0 });
const cells = rows.map(({ measure, value, floor, ratio, target, unit, isMet }) => [
  measure,
  `${figure(value)} ${unit}`,
  figure(floor),
  ratio.toFixed(2),
  target.toFixed(2),
  isMet ? 'holds' : 'MISSED',
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
