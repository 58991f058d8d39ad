import { REDACTION } from '#event-sourcing/erasure';
import type { Field } from '#lifecycle/fields';
import { lineFieldsOf } from '#state-machines/any-kind';
import { lifecycles } from '#state-machines/lifecycles';
import type { Change, RecordDiff } from '#use-cases/records/diff-record';
import type { Replay, ReplayLine } from '#use-cases/records/replay-record';
import type { Terminal } from '../terminal.ts';

/** The number of digits of a digest printed for people. */
const DIGEST_SHOWN = 12;

export function printJson(terminal: Terminal, { lines, view, version, status, state }: Replay): void {
  for (const line of lines) terminal.json(line);
  terminal.json({ view, version, status, state });
}

/** Prints the replay for people; with `why`, adds a line per event with its actor and reasons. */
export function printReplay(
  terminal: Terminal,
  id: string,
  { lines, view, version, status, state }: Replay,
  why: boolean,
): void {
  terminal.line(terminal.styled('bold', `Record ${id}`));
  printLines(terminal, lines, why);
  const on = view.effectiveOn === null ? 'Now' : `On ${view.effectiveOn}`;
  const regions = Object.entries(state)
    .map(([region, value]) => `${region} ${value}`)
    .join(', ');
  terminal.line(
    `${on}${knownAtSuffix(view.knownAt)}: ${terminal.styled('bold', status)} (${regions}), version ${version}`,
  );
}

const knownAtSuffix = (knownAt: string | null): string =>
  knownAt === null ? '' : `, as known at ${knownAt}`;

function printLines(terminal: Terminal, lines: readonly ReplayLine[], why: boolean): void {
  for (const line of lines) {
    const { version, effectiveOn, type, status, state, legal, actor, role } = line;
    const deadline = (state['deadline'] ?? 'none') === 'none' ? '' : `, deadline ${state['deadline']}`;
    const mark = legal ? '' : terminal.styled('red', '  not legal in this state');
    const who = role === null ? actor : `${actor} as ${role}`;
    terminal.line(
      `  ${effectiveOn}  ${type.padEnd(28)} ${terminal.styled('cyan', status)}${deadline}  ${terminal.styled('dim', `v${version}, ${who}`)}${mark}`,
    );
    if (!why) continue;
    for (const detail of [
      decisionLine(line),
      ...dataLines(line),
      ...groundLines(line),
      ...referenceLines(line),
    ]) {
      terminal.line(`              ${terminal.styled('dim', detail)}`);
    }
  }
}

/** The number of characters of a free text printed for people; --json contains all. */
const GROUND_SHOWN = 300;

/** `reason: superseded`, `statement: The unit has closed.` */
function groundLines({ reason, statement, note }: ReplayLine): string[] {
  return Object.entries({ reason, statement, note })
    .filter(([, ground]) => ground !== undefined)
    .map(([member, ground]) => `${member}: ${ground == null ? REDACTED : oneLine(ground)}`);
}

/** Free text can contain line breaks and control characters. */
function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  // Does not split a surrogate pair.
  const shown = line.slice(0, GROUND_SHOWN).replace(/[\ud800-\udbff]$/, '');
  return shown.length < line.length ? `${shown}…` : line;
}

/** `data: position no-action; late; published elsewhere the body's pages` */
function dataLines(line: ReplayLine): string[] {
  const texts = memberTexts(line, (name, field) => !isNaming(name, field));
  return texts.length === 0 ? [] : [`data: ${texts.join('; ')}`];
}

/** `refers to: deadline d1; superseded by 731` */
function referenceLines(line: ReplayLine): string[] {
  const names = memberTexts(line, isNaming);
  return names.length === 0 ? [] : [`refers to: ${names.join('; ')}`];
}

/** Reports whether a member names deadlines, records or events. Erased, erasable and previous values do not. */
function isNaming(name: string, field: Field): boolean {
  const { kind, nullable } = field.kind === 'list' ? field.of : field;
  return !VALUES.has(name) && kind === 'identifier' && nullable !== true;
}
const VALUES: ReadonlySet<string> = new Set(['recipient', 'erased', 'insteadOf']);

/** Returns a line's selected members with their values. */
function memberTexts(line: ReplayLine, isSelected: (name: string, field: Field) => boolean): string[] {
  const fields = lineFieldsOf(line.lifecycle?.name ?? '');
  return Object.entries(line).flatMap(([name, value]: [string, unknown]) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined || value === '' || !isSelected(name, field)) return [];
    const words = WORDS[name] ?? wordsOf(name);
    return [
      typeof value === 'boolean'
        ? flagWords(words, value)
        : `${words} ${[value].flat().map(valueText).join(', ')}`,
    ];
  });
}

const valueText = (value: unknown): string =>
  value === null ? REDACTED : oneLine(typeof value === 'string' ? value : JSON.stringify(value));
const flagWords = (words: string, value: boolean): string =>
  value ? words : (NOT_WORDS[words] ?? `not ${words}`);

/** Returns a member's name as words: `publishedElsewhere` as `published elsewhere`. */
const wordsOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
const WORDS: Readonly<Record<string, string>> = {
  deadlineId: 'deadline',
  dueOn: 'due',
  suggestedOn: 'suggested',
  unknownStatus: 'status',
};
const NOT_WORDS: Readonly<Record<string, string>> = { late: 'in time' };

const REDACTED = '[redacted]';

/** `by alice as approver; guards checked: closure-to-complete, not-the-requester; inspection-recommendation v1 9c5918a715cd` */
function decisionLine({ type, actor, role, guards, origin, lifecycle }: ReplayLine): string {
  const ground = lifecycle
    ? `lifecycle ${lifecycle.name} v${lifecycle.version} ${lifecycle.digest.slice(0, DIGEST_SHOWN)}`
    : 'no lifecycle';
  if (role !== null) {
    const checked = guards === null || guards.length === 0 ? 'none' : guards.join(', ');
    return `by ${actor} as ${role}; guards checked: ${checked}; ${ground}`;
  }
  // A register has no redactions: this one was lost with the end of the log and recorded again.
  const why = type === REDACTION && origin === 'import' ? RECORDED_AGAIN : WITHOUT_DECISION[origin];
  return `by ${actor}; ${why}; ${ground}`;
}

const RECORDED_AGAIN = 'recorded again after a restore, without guards';

const WITHOUT_DECISION = {
  import: 'imported from a register file, without guards',
  sweep: 'recorded by the sweep of deadlines, without guards',
  command: 'no decision was recorded',
} as const;

export function printDiffJson(terminal: Terminal, { existed: _existed, ...diff }: RecordDiff): void {
  terminal.json({ diff });
}

/** Prints the changes between two days, for people. */
export function printDiff(terminal: Terminal, id: string, diff: RecordDiff, why: boolean): void {
  const { from, to, knownAt, existed, changes, events } = diff;
  terminal.line(
    `${terminal.styled('bold', `Record ${id}`)} from the end of ${from} to the end of ${to}${knownAtSuffix(knownAt)}`,
  );
  if (!existed) terminal.line(`  did not exist on ${from}: everything is new`);
  // The status is the state of one region; printing it once is enough.
  const regions = new Set(lifecycles.currents.map(({ definition }) => definition.statusRegion));
  const shown = changes.filter(({ what }) => !regions.has(what));
  if (shown.length === 0) terminal.line('  nothing changed');
  for (const change of shown) {
    terminal.line(`  ${change.what.padEnd(16)} ${changeText(terminal, change, existed)}`);
  }
  terminal.line(events.length === 0 ? 'No events in between' : 'Events in between');
  printLines(terminal, events, why);
}

function changeText(terminal: Terminal, { what, from, to }: Change, existed: boolean): string {
  if (what === 'title' || what === 'text') return textChange(from, to, existed);
  const value = terminal.styled('cyan', inWords(to));
  return existed ? `${inWords(from)} → ${value}` : value;
}

/** Texts can be long: --json contains them. */
function textChange(from: Change['from'], to: Change['to'], existed: boolean): string {
  const kind = existed ? 'changed' : 'new';
  if (from === null && to === null) return `${kind}, and erased since`;
  return existed && from === null ? `${kind}; the previous text was erased` : kind;
}

function inWords(value: Change['from']): string {
  if (value === null) return '–';
  return typeof value === 'object' ? Object.values(value).map(String).join(' ') : String(value);
}
