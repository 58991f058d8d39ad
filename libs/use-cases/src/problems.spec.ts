import { describe, expect, test } from '@jest/globals';
import { InvalidPositionError, StoreDamagedError, StoreUnavailableError } from '#event-sourcing/errors';
import { VersionConflictError } from '#event-sourcing/errors';
import { UnknownLifecycleError } from '#lifecycle/lifecycles';
import { IllegalTransitionError } from '#lifecycle/statechart';
import { CommandRefusedError } from '#lifecycle/refused';
import { QueryTooSlowError, ReadersBusyError } from '#projections/limited-reads';
import { InvalidCursorError } from '#projections/list-cursor';
import { ReadModelsDamagedError } from '#projections/read-model-database';
import { ProblemError, problemOf, PROBLEMS } from './problems.ts';

describe('a refusal', () => {
  test('of a command is the problem of its code, with its details', () => {
    const details = { allowedCommands: ['add-comment'], guard: 'is-open', currentVersion: 3 };
    const seen = { streamId: 'recommendation-7', version: 3 };
    const refused = new CommandRefusedError('state', 'command-not-allowed', 'It is closed', details, seen);
    expect(problemOf(refused)).toEqual({
      code: 'command-not-allowed',
      status: 409,
      title: "The record's current state does not allow this command",
      detail: 'It is closed',
      members: details,
      isFault: false,
    });
  });

  test.each(['a-rule-of-letters', 'toString'])('of a rule with its own code, %s, has that code', (code) => {
    expect(problemOf(new CommandRefusedError('rule', code, 'It is sealed'))).toMatchObject({
      ...{
        code,
        status: 422,
        title: "A rule of the record's lifecycle does not allow this command",
        detail: 'It is sealed',
        isFault: false,
      },
    });
  });

  test('of a request is the problem that it names', () => {
    const errors = [{ pointer: '/to', detail: 'must be on or after from' }];
    const error = new ProblemError('invalid-parameter', 'to must be on or after from', { errors });
    expect(problemOf(error)).toMatchObject({ detail: 'to must be on or after from', members: { errors } });
  });

  test.each([
    [new InvalidPositionError('x'), 'invalid-parameter', '"x" is not a position of this store'],
    [
      new VersionConflictError('recommendation-7', 1, 2),
      'too-busy',
      expect.stringContaining('nothing was done'),
    ],
    [new QueryTooSlowError(2_000), 'query-too-slow', expect.stringMatching(/after 2 s\. Narrow it/)],
    [
      new ReadersBusyError('1000 reads are already waiting'),
      'too-busy',
      '1000 reads are already waiting. Try again in a few seconds',
    ],
    [new InvalidCursorError(), 'invalid-parameter', expect.stringMatching(/^cursor /)],
  ])('names a remedy: %s', (error, code, detail) => {
    expect(problemOf(error)).toMatchObject({
      code,
      title: PROBLEMS[code as 'too-busy'].title,
      detail,
      isFault: false,
    });
  });
});

describe('an error of a dependency', () => {
  test('reports everything known about an unknown lifecycle', () => {
    const message = 'Version 3 of recommendation-7 was recorded under lifecycle a v2 (digest f)';
    expect(problemOf(new UnknownLifecycleError(message))).toMatchObject({
      code: 'unknown-lifecycle',
      title: PROBLEMS['unknown-lifecycle'].title,
      detail: message,
      isFault: true,
    });
  });

  test('reports that nothing was stored for an event that the machine refuses', () => {
    expect(problemOf(new IllegalTransitionError('Lent is not legal'))).toMatchObject({
      code: 'illegal-transition',
      detail: 'Lent is not legal. Nothing was stored; this is a fault in Docket. Report it to the operator',
      isFault: true,
    });
  });

  const place = { position: '7', streamId: 'recommendation-secret', version: 1 };
  test.each([
    [new StoreUnavailableError('connect ECONNREFUSED secret'), 'store-unavailable', false],
    [new StoreDamagedError(place, 'secret'), 'store-damaged', false],
    [new ReadModelsDamagedError('/srv/secret', 'malformed'), 'read-models-damaged', true],
    [Object.assign(new Error('secret'), { code: 'SQLITE_BUSY' }), 'store-unavailable', true],
  ])('reveals nothing about its cause: %s', (error, code, isFault) => {
    const problem = problemOf(error);
    expect(problem).toMatchObject({ code, isFault });
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  test.each([new TypeError('secret'), 'secret', null, undefined, { statusCode: 404 }])(
    'that is unknown is not a problem that could be reported: %s',
    (error) => {
      expect(problemOf(error)).toBeNull();
    },
  );
});
