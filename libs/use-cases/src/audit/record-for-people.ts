import { hash } from 'node:crypto';
import type { PackedEvent, PackParts, WithheldValue } from '#audit/pack/lay-out-pack';
import { nextTurn } from '#event-sourcing/event-store';
import { runYielding, turnIfLong } from '#event-sourcing/folding';
import type { Folding } from '#event-sourcing/folding';
import type { Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import { timelineOf } from '#read-models/timeline/timeline';
import type { TimelineItem } from '#read-models/timeline/timeline';
import { svgOf } from '#statechart/picture';
import { escapeXml } from '#statechart/xml';
import { recordChart } from '../records/record-chart.ts';
import { detailsOf } from '#state-machines/any-kind';

interface DisclosedRecord {
  readonly id: string;
  readonly events: readonly PackedEvent[];
  readonly withheld: readonly WithheldValue[];
  readonly names?: Readonly<Record<string, string>>;
  /** The London day on which the file is written. */
  readonly today: string;
}

/** A line of the record, in reading order. */
interface RecordLine {
  readonly kind: 'title' | 'heading' | 'entry' | 'note' | 'written';
  readonly line: string;
}

/** The maximum length of a readable file, in characters; beyond it, the file only says where further texts are. */
const LENGTH_MAX = 8 * 1024 * 1024;

const NOT_PROVED =
  'This file is for reading only; it is not proved. The proved events are in data/events, from which verify.html and verify.py print the record.';

/** Returns the readable files of a pack. They contain only the disclosed events. */
export async function recordForPeople(
  lifecycles: Lifecycles,
  record: DisclosedRecord,
): Promise<PackParts['forPeople']> {
  // The files do not depend on positions.
  const events = lifecycles.readAll(record.events.map((event) => ({ ...event, position: '0' })));
  const view = { effectiveOn: null, knownAt: null };
  const chart = await runYielding(recordChart(lifecycles, events, view, record.today));
  if (chart === null) throw new Error('A record has at least one event');
  await turnIfLong(events);
  const lines: RecordLine[] = headLines(record, events, chart.status);
  let length = 0;
  const missing = missingIn(record.withheld, events);
  await turnIfLong(events);
  // The events are in memory, so this is where other work gets its turn.
  const whole = (requested: readonly ReadEvent[]) => nextTurn().then(() => requested);
  for await (const item of timelineOf(lifecycles, events, { seesInternal: true, whole })) {
    const added = itemLines(item, missing);
    length += added.reduce((sum, { line }) => sum + line.length, 0);
    lines.push(...(length <= LENGTH_MAX ? added : added.map((line) => withoutText(line, item))));
  }
  lines.push(...nameLines(record.names));
  return {
    html: await runYielding(asPage(record.id, lines)),
    text: await runYielding(asText(lines)),
    svg: svgOf(chart),
  };
}

function headLines(
  { id, today, withheld }: DisclosedRecord,
  events: readonly ReadEvent[],
  status: string,
): RecordLine[] {
  const { title, text } = detailsOf(events);
  const why = withheld.length > 0 ? 'not here: withheld or erased' : 'erased';
  return [
    { kind: 'title', line: `Record ${id}` },
    { kind: 'note', line: NOT_PROVED },
    ...(title === undefined ? [] : [{ kind: 'heading' as const, line: title ?? `Title ${why}` }]),
    ...(text === undefined ? [] : [{ kind: 'written' as const, line: text ?? `Text ${why}` }]),
    { kind: 'entry', line: `On ${today}: ${status}` },
    { kind: 'heading', line: 'History' },
  ];
}

/** Returns a function that explains why a text of an event, by its version, is missing. */
function missingIn(withheld: readonly WithheldValue[], events: readonly ReadEvent[]) {
  const codes = Map.groupBy(withheld, ({ version }) => version);
  const missingCounts = new Map(
    events.map(({ version, commitments, salts }) => [
      version,
      Object.keys(commitments).filter((pointer) => !Object.hasOwn(salts, pointer)).length,
    ]),
  );
  return (version: number): string => {
    const withheldHere = codes.get(version) ?? [];
    if (withheldHere.length === 0) return '[erased]';
    const under = [...new Set(withheldHere.map(({ code }) => code))].join(', ');
    return withheldHere.length === missingCounts.get(version)
      ? `[withheld under ${under}]`
      : `[erased, or withheld under ${under}]`;
  };
}

function itemLines(item: TimelineItem, missing: (version: number) => string): RecordLine[] {
  const { effectiveOn, headline, status, version, recordedAt, actor, role, text, reason, evidence } = item;
  const written = (words: string | null): RecordLine => ({
    kind: 'written',
    line: words ?? missing(version),
  });
  const by = role === null ? actor : `${actor}, as ${role}`;
  return [
    { kind: 'entry', line: `${effectiveOn}  ${headline}` },
    { kind: 'note', line: `${status}; version ${version}, recorded ${recordedAt} by ${by}` },
    ...(text === undefined ? [] : [written(text)]),
    ...(reason === undefined || reason === text ? [] : [written(reason)]),
    ...(evidence ?? []).map(written),
  ];
}

const withoutText = ({ kind, line }: RecordLine, { version }: TimelineItem): RecordLine => ({
  kind,
  line: kind === 'written' ? `[in data/events, version ${version}]` : line,
});

const nameLines = (names: DisclosedRecord['names']): RecordLine[] =>
  names === undefined
    ? []
    : [
        { kind: 'heading', line: 'Names (not proved)' },
        ...Object.entries(names).map(([subject, name]) => ({
          kind: 'entry' as const,
          line: `${subject}: ${name}`,
        })),
      ];

/** The control characters that a terminal would interpret. */
// eslint-disable-next-line no-control-regex -- it leaves these characters out
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const INDENT = '    ';

/** The number of characters printed in one turn, and the minimum that each line counts for. */
const PRINTED_AT_ONCE = 128 * 1024;
const LINE_COSTS = 100;

function* printed(lines: readonly RecordLine[], print: (line: RecordLine) => string): Folding<string[]> {
  const output: string[] = [];
  let length = 0;
  for (const entry of lines) {
    output.push(print(entry));
    length += entry.line.length + LINE_COSTS;
    if (length < PRINTED_AT_ONCE) continue;
    length = 0;
    yield;
  }
  return output;
}

function* asText(lines: readonly RecordLine[]): Folding<string> {
  const paragraphs = yield* printed(lines, ({ kind, line }) => {
    const plain = line.toWellFormed().replaceAll(/\r\n?/g, '\n').replaceAll(CONTROLS, '');
    if (kind === 'written' || kind === 'note') return plain.replaceAll(/^/gm, INDENT);
    return kind === 'entry' ? plain : `\n${plain}\n`;
  });
  return `${paragraphs.join('\n').trimStart()}\n`;
}

const STYLE =
  'body{font:1rem/1.5 sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}blockquote{margin:0 0 0 1rem;white-space:pre-wrap;overflow-wrap:anywhere}small{display:block}p{margin:1rem 0 0}';
/** The page contains its style and loads nothing. */
const POLICY = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`;

const ELEMENTS: Readonly<Record<RecordLine['kind'], string>> = {
  title: 'h1',
  heading: 'h2',
  entry: 'p',
  note: 'small',
  written: 'blockquote',
};

function* asPage(id: string, lines: readonly RecordLine[]): Folding<string> {
  const body = yield* printed(
    lines,
    ({ kind, line }) => `<${ELEMENTS[kind]}>${escapeXml(line)}</${ELEMENTS[kind]}>`,
  );
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width">',
    `<title>Record ${escapeXml(id)}</title>`,
    `<style>${STYLE}</style>`,
    '<main>',
    ...body,
    '</main>',
    '</html>',
    '',
  ].join('\n');
}
