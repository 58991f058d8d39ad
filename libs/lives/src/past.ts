import { currentPerson } from '#projections/limited-reads';
import type { PastReader } from './past-reader.ts';

export type PastTasks = PastReader['tasks'];
export type Answer<Name extends keyof PastTasks> = Awaited<ReturnType<PastTasks[Name]>>;
type Question<Name extends keyof PastTasks> = Omit<Parameters<PastTasks[Name]>[0], 'who'>;

/** Answers questions about the past of records. */
export interface Past {
  /**
   * Returns the answer for the person whose request it is.
   * @throws PastNotReadyError while lives are read from the log; ReadersBusyError; errors of the task.
   */
  ask<Name extends keyof PastTasks>(name: Name, question: Question<Name>): Promise<Answer<Name>>;
}

/** Returns the answers of a reader on this thread. */
export const pastHere = ({ tasks }: Pick<PastReader, 'tasks'>): Past => ({
  ask(name, question) {
    const task = tasks[name] as (asked: object) => Promise<Answer<typeof name>>;
    return task({ ...question, who: currentPerson() ?? null });
  },
});
