import { describe, expect, test } from '@jest/globals';
import { StoreIncapableError, StoreUnavailableError, VersionConflictError } from '#event-sourcing/errors';
import { CommandRefusedError } from '#lifecycle/refused';
import { QueueFullError } from '#event-sourcing/keyed-queue';
import { ReadModelsDamagedError } from '#projections/read-model-database';
import { answerOf } from '#server/api/problems';
import { ProblemError } from '#use-cases/problems';
import { errorLine, describeError } from './describe-error.ts';

/** Returns the code and detail of an error's HTTP response. */
const problemOf = (error: unknown) => {
  const { type, detail } = answerOf(error).problem;
  return { code: type.replace('urn:docket:problem:', ''), detail };
};

/** Names each error by its message. */
const byMessage = (...errors: readonly Error[]) => errors.map((error) => [error.message, error] as const);

describe('an error that a caller can do something about', () => {
  test.each(
    byMessage(
      new CommandRefusedError('state', 'history-differs', 'line 3, column 1 says otherwise'),
      new CommandRefusedError('role', 'role-not-permitted', 'Register records are imported by inspector'),
      new ProblemError('not-found', 'there is no record 7'),
      new QueueFullError('1000 commands wait for recommendation-7 already. Try again in a few seconds'),
      new StoreIncapableError('The server is too old'),
      new VersionConflictError('recommendation-7', 1, 2),
    ),
  )('reports the code and the detail of HTTP: %s', (_, error) => {
    expect(describeError(error)).toEqual(problemOf(error));
    const { code, detail } = problemOf(error);
    expect(errorLine(describeError(error))).toBe(`${detail} (${code})`);
  });
});

describe('an error of a dependency', () => {
  test.each(
    byMessage(
      new StoreUnavailableError('connect ECONNREFUSED 10.0.0.3:5432'),
      new ReadModelsDamagedError('/srv/read-models.sqlite', 'malformed'),
      Object.assign(new Error('database is locked at /srv/docket.sqlite'), { code: 'SQLITE_BUSY' }),
      new Error('/srv/docket.sqlite cannot be opened'),
    ),
  )('reports its reason at the store, and never over HTTP: %s', (_, error) => {
    expect(errorLine(describeError(error))).toBe(error.message);
    expect(problemOf(error).detail).not.toMatch(/10\.0\.0\.3|srv/);
  });
});
