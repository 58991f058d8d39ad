import { lifecycles } from '#state-machines/lifecycles';
import type { Change, RecordDiff } from '#use-cases/records/diff-record';
import type { Replay, ReplayLine } from '#use-cases/records/replay-record';
import type { Terminal } from '../terminal.ts';

export function printJson(terminal: Terminal, { lines, view, version, status, state }: Replay): void {
  for (const line of lines) terminal.json(line);
  terminal.json({ view, version, status, state });
}

/** Prints the replay for people. */
export function printReplay(
  terminal: Terminal,
  id: string,
  { lines, view, version, status, state }: Replay,
): void {
  terminal.line(terminal.styled('bold', `Record ${id}`));
  printLines(terminal, lines);
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

function printLines(terminal: Terminal, lines: readonly ReplayLine[]): void {
  for (const line of lines) {
    const { version, effectiveOn, type, status, state, legal, actor, role } = line;
    const deadline = (state['deadline'] ?? 'none') === 'none' ? '' : `, deadline ${state['deadline']}`;
    const mark = legal ? '' : terminal.styled('red', '  not legal in this state');
    const who = role === null ? actor : `${actor} as ${role}`;
    terminal.line(
      `  ${effectiveOn}  ${type.padEnd(28)} ${terminal.styled('cyan', status)}${deadline}  ${terminal.styled('dim', `v${version}, ${who}`)}${mark}`,
    );
  }
}

export function printDiffJson(terminal: Terminal, { existed: _existed, ...diff }: RecordDiff): void {
  terminal.json({ diff });
}

/** Prints the changes between two days, for people. */
export function printDiff(terminal: Terminal, id: string, diff: RecordDiff): void {
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
  printLines(terminal, events);
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
