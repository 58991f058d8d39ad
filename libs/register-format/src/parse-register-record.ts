import { keepFindings, type Anomaly, type Finding, type Position } from './anomalies.ts';
import type { Boundary, FoundHistory, RegisterEntry, SegmentKind } from './entries.ts';
import { historyAnomalies, resolveDates, type DatedEntry } from './history-anomalies.ts';
import { byteCursor, decodeSource, invalidUtf8, positionCursor, type SourceText } from './source-text.ts';
import { readTaggedHistory, taggedHistoryStart } from './tagged-history.ts';
import { firstHistoryTag } from './tags.ts';
import { readTitle, type TitleLine } from './title.ts';
import { readUntaggedHistory } from './untagged-history.ts';
import { normaliseText, skipWhiteSpace, trimWhiteSpace } from './white-space.ts';

/** A part of the source: the bytes from `start` up to `end`. */
interface Segment {
  kind: SegmentKind;
  start: number;
  end: number;
}

/** A register record, read from its file. */
export interface RegisterRecord {
  /** The title without BOM, reference and outer white space. */
  title: string;
  titleAt: Position;
  reference: string | null;
  /** The untagged text without outer white space, with line ends as `\n`. */
  text: string;
  textAt: Position;
  /** The entries in file order; see {@link entriesByDate}. */
  entries: RegisterEntry[];
  /** The anomalies by line and column; at most `ANOMALIES_MAX`. */
  anomalies: Anomaly[];
  /** The number of anomalies beyond the limit. */
  moreAnomalies: number;
  /** The parts of the source in order. Together they are all its bytes. */
  segments: Segment[];
  /** The bytes of the source, not copied. */
  source: Uint8Array;
}

/** The parts of a source, by offsets in its text. */
interface Layout {
  title: TitleLine;
  /** The end of the text, and start of the history. */
  historyStart: number;
  history: FoundHistory;
}

const noHistory: FoundHistory = { entries: [], findings: [], boundaries: [] };

function readLayout(source: SourceText): Layout {
  const { text, start } = source;
  const firstTag = firstHistoryTag(text, start);
  if (firstTag !== null) {
    const historyStart = taggedHistoryStart(text, start, firstTag);
    const title = readTitle(source, historyStart);
    return { title, historyStart, history: readTaggedHistory(text, historyStart) };
  }
  const title = readTitle(source, text.length);
  const untagged = readUntaggedHistory(text, title.end);
  return { title, historyStart: untagged?.start ?? text.length, history: untagged ?? noHistory };
}

function toSegments(bytes: Uint8Array, { text, start }: SourceText, layout: Layout): Segment[] {
  const boundaries: Boundary[] = [
    { kind: 'bom', end: start },
    { kind: 'title', end: layout.title.end },
    { kind: 'text', end: layout.historyStart },
    ...layout.history.boundaries,
  ];
  const byteAt = byteCursor(bytes, text);
  let from = 0;
  const segments: Segment[] = [];
  for (const { kind, end } of boundaries) {
    const to = byteAt(end);
    if (to > from) segments.push({ kind, start: from, end: to });
    from = to;
  }
  return segments;
}

function toEntry(entry: DatedEntry, position: Position): RegisterEntry {
  const base = {
    date: entry.date,
    line: position.line,
    column: position.column,
  };
  return entry.kind === 'status'
    ? { kind: 'status', status: entry.value, ...base }
    : { kind: 'comment', text: entry.value, cutOff: entry.cutOff === true, ...base };
}

function toAnomalies(findings: Finding[], source: SourceText) {
  const positionAt = positionCursor(source);
  const { kept, more } = keepFindings(findings);
  const anomalies = kept.map(({ code, offset, detail }): Anomaly => {
    const { line, column } = positionAt(offset);
    return { code, line, column, detail };
  });
  return { anomalies, moreAnomalies: more };
}

function missingParts({ title, history }: Layout, end: number): Finding[] {
  const findings: Finding[] = [];
  if (title.reference === null) {
    findings.push({
      code: 'no-reference',
      offset: title.offset,
      detail: 'the title does not end in a "(reference)" that can be an id',
    });
  }
  if (history.entries.length === 0) {
    findings.push({ code: 'no-history', offset: end, detail: 'the file has no entries' });
  }
  return findings;
}

/**
 * Parses a register record from any bytes without losing any. Never throws unless the source is longer than
 * the longest string (512 MiB). Decodes the source once, in time linear in its size.
 * @param today the plain date of the import, after which a date is an anomaly; null to accept any date.
 */
export function parseRegisterRecord(bytes: Uint8Array, today: string | null = null): RegisterRecord {
  const source = decodeSource(bytes);
  const { text } = source;
  const layout = readLayout(source);
  const { title, historyStart, history } = layout;
  const entries = resolveDates(history.entries);
  const findings = missingParts(layout, text.length).concat(
    history.findings,
    historyAnomalies(entries, today),
    invalidUtf8(bytes, source),
  );
  const positionAt = positionCursor(source);
  return {
    title: title.title,
    titleAt: positionAt(title.offset),
    reference: title.reference,
    text: normaliseText(trimWhiteSpace(text, title.end, historyStart)),
    textAt: positionAt(skipWhiteSpace(text, title.end, historyStart)),
    entries: entries.map((entry) => toEntry(entry, positionAt(entry.offset))),
    ...toAnomalies(findings, source),
    segments: toSegments(bytes, source, layout),
    source: bytes,
  };
}
