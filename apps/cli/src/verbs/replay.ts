import { isPlainDate, londonDate, parseInstant } from '../../../../libs/lifecycle/src/plain-date.ts';
import { replayRecord } from '../../../../libs/use-cases/src/replay-record.ts';
import type { Replay } from '../../../../libs/use-cases/src/replay-record.ts';
import type { ViewPoint } from '../../../../libs/lifecycle/src/effective-view.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { recordEvents, withStore } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';

interface ReplayOptions {
  readonly effectiveOn?: string;
  readonly knownAt?: string;
  readonly json?: true;
}

export const addReplay: Verb = (program, terminal, end) => {
  program
    .command('replay')
    .argument('<id>', 'the record')
    .description(
      "Replay a record's history through its statechart, as it was on a date and known at an instant.",
    )
    .option('--effective-on <date>', 'the day at whose end it is looked at, YYYY-MM-DD')
    .option(
      '--known-at <instant>',
      'as it was known then: 2026-11-24T12:00:00Z, or a date for its end in London',
    )
    .option('--json', 'one JSON value an event, then the view, on standard output')
    .action(async (id: string, options: ReplayOptions) => {
      const now = Date.now();
      const view = viewOf(options, now);
      const events = await withStore(program, (store) => recordEvents(store, id));
      const replay = replayRecord(events, view, londonDate(now));
      if (replay === null) {
        terminal.error(
          events.length === 0
            ? `docket: there is no record ${id}`
            : `docket: record ${id} did not exist then, or was not known yet`,
        );
        end(EXIT.refused);
        return;
      }
      if (options.json) printJson(terminal, replay);
      else printReplay(terminal, id, replay);
      if (!replay.lines.every(({ legal }) => legal)) end(EXIT.refused);
    });
};

/** @throws UsageError for a date or an instant that is none, or lies ahead. */
function viewOf({ effectiveOn, knownAt }: ReplayOptions, now: number): ViewPoint {
  if (effectiveOn !== undefined && !isPlainDate(effectiveOn)) {
    throw new UsageError(`--effective-on ${effectiveOn} is no date; write it as YYYY-MM-DD`);
  }
  if (knownAt === undefined) return { effectiveOn: effectiveOn ?? null, knownAt: null };
  const instant = isPlainDate(knownAt) ? endOfDay(knownAt, now) : parseInstant(knownAt);
  if (instant === null) {
    throw new UsageError(
      `--known-at ${knownAt} is no instant; write it with an offset, as 2026-11-24T12:00:00Z`,
    );
  }
  if (Date.parse(instant) > now) throw new UsageError(`--known-at ${knownAt} lies in the future`);
  return { effectiveOn: effectiveOn ?? null, knownAt: instant };
}

/** The last instant of a day in London; of today, the present one. */
function endOfDay(date: string, now: number): string {
  if (date === londonDate(now)) return new Date(now).toISOString();
  const midnight = Temporal.PlainDate.from(date).add({ days: 1 }).toZonedDateTime('Europe/London');
  return new Date(midnight.epochMilliseconds - 1).toISOString();
}

function printJson(terminal: Terminal, { lines, view, version, status, state }: Replay): void {
  for (const line of lines) terminal.json(line);
  terminal.json({ view, version, status, state });
}

/** The replay as people read it. */
export function printReplay(
  terminal: Terminal,
  id: string,
  { lines, view, version, status, state }: Replay,
): void {
  terminal.line(terminal.styled('bold', `Record ${id}`));
  for (const { version: each, effectiveOn, type, status: after, state: regions, legal, actor } of lines) {
    const deadline = regions['deadline'] === 'none' ? '' : `, deadline ${regions['deadline']}`;
    const mark = legal ? '' : terminal.styled('red', '  not legal here');
    terminal.line(
      `  ${effectiveOn}  ${type.padEnd(28)} ${terminal.styled('cyan', after)}${deadline}  ${terminal.styled('dim', `v${each}, ${actor}`)}${mark}`,
    );
  }
  const on = view.effectiveOn === null ? 'Now' : `On ${view.effectiveOn}`;
  const known = view.knownAt === null ? '' : `, as known at ${view.knownAt}`;
  const regions = Object.entries(state)
    .map(([region, value]) => `${region} ${value}`)
    .join(', ');
  terminal.line(`${on}${known}: ${terminal.styled('bold', status)} (${regions}), version ${version}`);
}
