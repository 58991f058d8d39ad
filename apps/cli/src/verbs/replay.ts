import { systemClock } from '#event-sourcing/clock';
import { parseKnownAt, viewPoint } from '#use-cases/records/record-at';
import { isPlainDate } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { diffRecord } from '#use-cases/records/diff-record';
import type { RecordDiff, Span } from '#use-cases/records/diff-record';
import { replayRecord } from '#use-cases/records/replay-record';
import type { Replay, ReplayLine } from '#use-cases/records/replay-record';
import { EXIT } from '#platform/exit-codes';
import { ProblemError } from '#use-cases/problems';
import type { Terminal } from '../terminal.ts';
import { NAME_OF_RECORD, recordEvents, UsageError } from '../verb-context.ts';
import type { Verb } from '../verb-context.ts';
import { printDiff, printDiffJson, printJson, printReplay } from './print-replay.ts';
import { lifecycles } from '#state-machines/lifecycles';

interface ReplayOptions {
  readonly effectiveOn?: string;
  readonly knownAt?: string;
  readonly diff?: readonly string[];
  readonly json?: true;
}

export const addReplay: Verb = (program) => {
  program
    .command('replay')
    .argument('<id>', `the record: ${NAME_OF_RECORD}`)
    .description(
      "Replay a record's history through its statechart, optionally as it was on a date, and as it was known at an instant.",
    )
    .option('--effective-on <date>', 'show the state effective at the end of this day, YYYY-MM-DD')
    .option(
      '--known-at <instant>',
      'show what was known at this instant, such as 2026-11-24T12:00:00Z, or at the end of a London day',
    )
    .option('--diff <dates...>', 'show the changes from the end of one day to the end of another, YYYY-MM-DD')
    .option('--json', 'one JSON value per event, then the view, on standard output; one value for --diff')
    .action(async (id: string, options: ReplayOptions) => {
      const now = systemClock.now();
      const span = spanOf(options, now);
      const view = viewPoint(dateOf('--effective-on', options.effectiveOn), knownAtOf(options, now));
      const events = await program.withStoreToDisclose((store) => recordEvents(store, program.terminal, id));
      const lines =
        span === null
          ? showReplay(program.terminal, id, replayRecord(lifecycles, events, view, londonDate(now)), options)
          : showDiff(program.terminal, id, diffRecord(lifecycles, events, span), options);
      if (lines === null) {
        throw new ProblemError(
          'not-found',
          `record ${id} did not exist then, or was not known yet. Use a later date`,
        );
      }
      if (!lines.every(({ legal }) => legal)) program.terminal.exitCode = EXIT.refused;
    });
};

/** Prints a replay and returns its events; null if there is nothing to print. */
function showReplay(
  terminal: Terminal,
  id: string,
  replay: Replay | null,
  { json }: ReplayOptions,
): readonly ReplayLine[] | null {
  if (replay === null) return null;
  if (json) printJson(terminal, replay);
  else printReplay(terminal, id, replay);
  return replay.lines;
}

/** Prints the changes between two days and returns their events; null if there is nothing to print. */
function showDiff(
  terminal: Terminal,
  id: string,
  diff: RecordDiff | null,
  { json }: ReplayOptions,
): readonly ReplayLine[] | null {
  if (diff === null) return null;
  if (json) printDiffJson(terminal, diff);
  else printDiff(terminal, id, diff);
  return diff.events;
}

/** @throws UsageError if `--diff` does not name two days, earlier first, or is combined with another day. */
function spanOf(options: ReplayOptions, now: number): Span | null {
  const { diff, effectiveOn } = options;
  if (diff === undefined) return null;
  const [from, to, ...more] = diff.map((date) => dateOf('--diff', date) as string);
  if (from === undefined || to === undefined || more.length > 0) {
    throw new UsageError('--diff requires two dates, after the record: replay ID --diff D1 D2');
  }
  if (effectiveOn !== undefined) {
    throw new UsageError('--diff cannot be combined with --effective-on');
  }
  if (from > to) throw new UsageError(`--diff ${from} ${to}: put the earlier date first`);
  return { from, to, knownAt: knownAtOf(options, now) };
}

/** @throws UsageError for an invalid date. */
function dateOf(option: string, date: string | undefined): string | null {
  if (date === undefined) return null;
  if (isPlainDate(date)) return date;
  throw new UsageError(`${option} ${date} is not a date; use YYYY-MM-DD`);
}

/** @throws UsageError for an invalid or future instant. */
function knownAtOf({ knownAt }: ReplayOptions, now: number): string | null {
  if (knownAt === undefined) return null;
  const known = parseKnownAt(knownAt, now);
  if (known === 'in-future') throw new UsageError(`--known-at ${knownAt} must not be in the future`);
  if (known !== 'no-instant') return known.knownAt;
  throw new UsageError(
    `--known-at ${knownAt} is not an instant; use one with an offset, such as 2026-11-24T12:00:00Z, or a date`,
  );
}
