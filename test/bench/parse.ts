import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import { formatRow, median } from './row.ts';
import type { Row } from './row.ts';

const SMALL_BYTES = 2_000_000;
const TIMES = 10;
const ROUNDS = 7;
const RATIO_MAX = 1.3;

const SAMPLE = readFileSync(new URL('../fixtures/730.txt', import.meta.url), 'utf8');

/** Returns the sample's title and text, with its history repeated up to a size. */
function recordOf(bytes: number): Uint8Array {
  const start = SAMPLE.indexOf('[on]');
  const history = Buffer.from(SAMPLE.slice(start));
  const times = Math.ceil(bytes / history.length);
  return Buffer.concat(
    [Buffer.from(SAMPLE.slice(0, start)), ...Array.from({ length: times }, () => history)],
    bytes,
  );
}

function milliseconds(source: Uint8Array): number {
  const started = performance.now();
  parseRegisterRecord(source);
  return performance.now() - started;
}

/** Measures parsing ten times the text, compared with ten times the time. */
export function benchParse(): Row[] {
  const small = recordOf(SMALL_BYTES);
  const large = recordOf(SMALL_BYTES * TIMES);
  const times: { small: number[]; large: number[] } = { small: [], large: [] };
  milliseconds(small);
  for (let round = 0; round < ROUNDS; round++) {
    times.small.push(milliseconds(small));
    times.large.push(milliseconds(large));
  }
  const value = median(times.large);
  const floor = TIMES * median(times.small);
  const ratio = value / floor;
  const measure = `parsing a register file of ${large.length / 1e6} MB (at most)`;
  return [{ measure, value, floor, ratio, target: RATIO_MAX, unit: 'ms', isMet: ratio <= RATIO_MAX }];
}

if (import.meta.main) {
  for (const measured of benchParse()) process.stdout.write(`${formatRow(measured)}\n`);
}
