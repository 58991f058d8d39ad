import { CsvError, parse } from 'csv-parse/sync';
import { codePoints, NOT_BLANK, ONE_LINE } from '#lifecycle/text-rules';
import type { Body } from '#state-machines/body-events';
import { BODY_SLUG } from '#state-machines/body-events';
import { ProblemError } from '../problems.ts';

const COLUMNS = ['slug', 'name', 'kind'] as const;
/** In characters. */
const BODY_NAME_LENGTH_MAX = 200;

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads the bodies of a CSV file with the header `slug,name,kind`.
 * @throws ProblemError `invalid-payload` with line and column of the first error; then the whole file is rejected.
 */
export function readBodies(csv: string): readonly Body[] {
  const [header, ...rows] = rowsOf(csv);
  if (header === undefined || header.record.join() !== COLUMNS.join())
    throw invalid(1, null, `must be the header ${COLUMNS.join()}`);
  const bodies = new Map<string, Body>();
  for (const { record, info } of rows) {
    const body = bodyOf(record, info.lines);
    if (bodies.has(body.slug)) throw invalid(info.lines, 'slug', `${body.slug} occurs twice`);
    bodies.set(body.slug, body);
  }
  return [...bodies.values()];
}

function rowsOf(csv: string): readonly Row[] {
  try {
    const options = { bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true };
    return parse(csv, options) as unknown as readonly Row[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines, column } = error as CsvError & { readonly lines?: number; readonly column?: number };
    throw invalid(lines ?? 1, COLUMNS[column ?? -1] ?? null, `is not CSV: ${error.message}`);
  }
}

function bodyOf(cells: readonly string[], line: number): Body {
  if (cells.length !== COLUMNS.length)
    throw invalid(line, null, `has ${cells.length} columns instead of ${COLUMNS.length}`);
  const [slug, name, kind] = cells as readonly [string, string, string];
  for (const [column, value] of [['slug', slug] as const, ['kind', kind] as const])
    if (!BODY_SLUG.matches.test(value)) throw invalid(line, column, BODY_SLUG.message);
  if (!NOT_BLANK.test(name) || !ONE_LINE.test(name))
    throw invalid(line, 'name', 'must be a name on one line');
  if (codePoints(name) > BODY_NAME_LENGTH_MAX)
    throw invalid(line, 'name', `must have at most ${BODY_NAME_LENGTH_MAX} characters`);
  return { slug, name, kind };
}

const invalid = (line: number, column: string | null, detail: string): ProblemError =>
  new ProblemError(
    'invalid-payload',
    `line ${line}${column === null ? '' : `, column ${column}`}: ${detail}`,
  );
