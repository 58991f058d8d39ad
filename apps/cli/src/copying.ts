import { FileExistsError } from '#platform/new-file';
import { NotWholeError } from '#platform/backup-store';
import type { CopyOptions } from '#use-cases/log/copy-store';
import { EXIT } from '#platform/exit-codes';
import { RestoreRefusedError } from '#platform/restore-store';
import type { Terminal } from './terminal.ts';
import { untilSignalled } from './until-signalled.ts';
import { divergenceLine } from './verbs/print-verification.ts';

/** The number of divergences printed for people. */
const PRINTED_MAX = 20;

interface CopyingWords {
  /** The name of the copy in messages: `the backup`. */
  readonly what: string;
  /** Printed in the JSON value before the result. */
  readonly places: { readonly file: string; readonly store: string };
  readonly json: boolean;
}

/** Makes or restores a backup. Returns null after reporting why it could not. */
export async function copying<Outcome extends object>(
  terminal: Terminal,
  { what, places, json }: CopyingWords,
  work: (options: CopyOptions) => Promise<Outcome>,
): Promise<Outcome | null> {
  return untilSignalled(async (signal) => {
    try {
      const outcome = await work({ signal, onProgress: progressOn(terminal) });
      terminal.endProgress();
      if (json) terminal.json({ ...places, ...outcome });
      return outcome;
    } catch (error) {
      terminal.endProgress();
      const detail = signal.aborted ? `stopped: ${what} was not created` : refusalOf(error);
      if (detail === null) throw error;
      terminal.exitCode = EXIT.refused;
      const divergences = error instanceof NotWholeError ? error.divergences : [];
      if (json) terminal.json({ ...places, ok: false, detail, divergences });
      terminal.error(`docket: ${detail}`);
      for (const divergence of divergences.slice(0, PRINTED_MAX))
        terminal.error(`  ${divergenceLine(divergence)}`);
      return null;
    }
  });
}

/** Returns why nothing was done; null for unreachable stores and unexpected errors. */
function refusalOf(error: unknown): string | null {
  if (error instanceof FileExistsError || error instanceof RestoreRefusedError) return error.message;
  if (error instanceof NotWholeError) return 'the copy failed verification and was deleted:';
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  return code !== undefined && syscall !== undefined && error instanceof Error ? message : null;
}

/** Each phase has its own progress bar. */
export function progressOn(terminal: Terminal): NonNullable<CopyOptions['onProgress']> {
  let shown: string | undefined;
  return (phase, done, total) => {
    if (phase !== shown) terminal.endProgress();
    shown = phase;
    terminal.progress(done, total, phase);
  };
}
