import { sql } from 'kysely';
import type { ReadModelDatabase } from '../read-model-database.ts';

/** The last run of a job in any process. */
export interface JobRun {
  readonly startedAt: string;
  readonly finishedAt: string;
  /** The last day that was covered. A failed run does not change it. */
  readonly coveredTo: string | null;
  /** The number of events that the run recorded. */
  readonly recorded: number;
  /** The error of a failed run; null after a successful one. */
  readonly error: string | null;
}

/** Returns the last run of a job; null before the first. */
export async function lastJobRun({ db }: ReadModelDatabase, name: string): Promise<JobRun | null> {
  const row = await db.selectFrom('jobs').selectAll().where('name', '=', name).executeTakeFirst();
  if (row === undefined) return null;
  const { started_at: startedAt, finished_at: finishedAt, covered_to: coveredTo, recorded, error } = row;
  return { startedAt, finishedAt, coveredTo, recorded, error };
}

/** Saves the result of a run. Days that another run has covered stay covered. */
export async function saveJobRun({ db }: ReadModelDatabase, name: string, run: JobRun): Promise<void> {
  const row = {
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    covered_to: run.coveredTo,
    recorded: run.recorded,
    error: run.error,
  };
  await db
    .insertInto('jobs')
    .values({ name, ...row })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet({
        ...row,
        covered_to: sql<string>`case when jobs.covered_to > excluded.covered_to or excluded.covered_to is null
          then jobs.covered_to else excluded.covered_to end`,
      }),
    )
    .execute();
}
