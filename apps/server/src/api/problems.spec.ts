import { describe, expect, test } from '@jest/globals';
import { IdentityProviderUnavailableError, InvalidTokenError } from '#identity/identity-errors';
import { ProblemError, PROBLEMS } from '#use-cases/problems';
import { HttpProblemError, answerOf } from './problems.ts';

describe('a fault of the server', () => {
  test.each([
    new TypeError("Cannot read properties of undefined (reading 'secret')"),
    Object.assign(new Error('secret at /srv/docket/libs/secret.ts:1'), { statusCode: 500 }),
    Object.assign(new Error('secret'), { code: 'SQLITE_CORRUPT' }),
    Object.assign(new Error('connect ECONNREFUSED 10.0.0.3:5432 secret'), { code: 'ECONNREFUSED' }),
    'secret',
    null,
    undefined,
  ])('reveals nothing about its cause: %s', (error) => {
    const { problem, unexpected } = answerOf(error);
    expect(problem.status).toBeGreaterThanOrEqual(500);
    expect(unexpected).toBe(true);
    expect(JSON.stringify(problem)).not.toMatch(/secret|ECONN|SQLITE|\.ts|10\.0\.0/);
    expect(Object.keys(problem).sort()).toEqual(['detail', 'status', 'title', 'type']);
  });
});

describe('the headers of a problem response', () => {
  test('name the sign-in method, and an error only to a client that sent a token', () => {
    expect(answerOf(new ProblemError('unauthenticated', 'Send one')).headers).toEqual({
      'www-authenticate': 'Bearer realm="docket"',
    });
    expect(answerOf(new InvalidTokenError('expired', 'it has expired')).headers).toEqual({
      'www-authenticate': 'Bearer realm="docket", error="invalid_token"',
    });
  });

  test('say when to retry', () => {
    const { problem, headers } = answerOf(
      new IdentityProviderUnavailableError({ cause: new Error('secret') }),
    );
    expect(problem).toMatchObject({
      type: 'urn:docket:problem:identity-provider-unavailable',
      status: 503,
      detail: expect.not.stringContaining('secret'),
    });
    expect(headers).toEqual({ 'retry-after': '1' });
    const limited = new HttpProblemError('rate-limited', 'Too often', { 'retry-after': '7' });
    expect(answerOf(limited).headers).toEqual({ 'retry-after': '7' });
  });
});

test('every problem has an error status and a title', () => {
  for (const { status, title } of Object.values(PROBLEMS)) {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(title).toMatch(/^[A-Z]/);
  }
});
