import { sql } from 'kysely';
import type { ReadModelDatabase } from '../read-model-database.ts';

/** The last run of a job, by whichever process. */
export interface JobRun {
  readonly startedAt: string;
  readonly finishedAt: string;
  /** The last day that it covered; kept from the run before where this one failed. */
  readonly coveredTo: string | null;
  /** How many events it recorded. */
  readonly recorded: number;
  /** Why it failed; null where it did not. */
  readonly error: string | null;
}

/** The last run of a job; null before the first. */
export async function lastJobRun({ db }: ReadModelDatabase, name: string): Promise<JobRun | null> {
  const row = await db.selectFrom('jobs').selectAll().where('name', '=', name).executeTakeFirst();
  if (row === undefined) return null;
  const { started_at: startedAt, finished_at: finishedAt, covered_to: coveredTo, recorded, error } = row;
  return { startedAt, finishedAt, coveredTo, recorded, error };
}

/** Notes how a run of a job ended. What another run has covered meanwhile stays covered. */
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
