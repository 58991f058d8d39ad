import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FastifyRequest } from 'fastify';
import type { DeadlineState } from '#state-machines/capabilities/deadlines';
import { ProblemError } from '#use-cases/problems';
import type { RouteDocument } from './route-document.ts';
import { queryOf } from './route-query.ts';
import type { QueryOf } from './route-query.ts';
import { ROUTES } from './routes.ts';
import type { RouteName } from './routes.ts';

type Query = Readonly<Record<string, string | readonly string[]>>;
const request = (query: Query, method = 'GET', url = '/api/recommendations') =>
  ({ query, method, routeOptions: { url } }) as unknown as FastifyRequest;
const read = <Name extends RouteName>(name: Name, query: Query = {}, method = 'GET') =>
  queryOf(request(query, method), name);
const refusal = (message: string) =>
  expect.objectContaining({ code: 'invalid-parameter', message }) as unknown as Error;

describe('the query of a route', () => {
  test('given no parameters, then those with a default have it, and no others are present', () => {
    expect(read('list')).toEqual({ limit: 50 });
    expect(read('import', {}, 'POST')).toEqual({ dryRun: false });
    expect(read('statistics')).toEqual({});
  });

  test('given its parameters, then each is read as it is declared', () => {
    const query = { status: ['complete', 'complete'], owner: 'ann', q: 'a\0b', sort: '-dueOn', limit: '7' };
    expect(read('list', query)).toEqual({
      status: ['complete'],
      owner: ['ann'],
      q: 'a b',
      sort: '-dueOn',
      limit: 7,
    });
    expect(read('log', { after: '007', recordedFrom: '2026-06-01', recordedTo: '2026-06-01' })).toEqual({
      after: '7',
      limit: 1_000,
      recordedFrom: '2026-05-31T23:00:00.000Z',
      recordedTo: '2026-06-01T22:59:59.999Z',
    });
    expect(read('import', { dryRun: '' }, 'POST')).toEqual({ dryRun: true });
    const ofRegions = { closure: 'requested', evidence: ['none', 'submitted'] };
    const regions = { closure: ['requested'], evidence: ['none', 'submitted'] };
    expect(read('list', ofRegions)).toEqual({ limit: 50, regions });
    expect(read('statistics', ofRegions)).toEqual({ regions });
    expect(read('recordEvents', { after: '3', minPosition: '9' })).toEqual({ after: 3, limit: 1_000 });
  });

  test.each<[RouteName, Query, string]>([
    [
      'list',
      { state: 'x' },
      expect.stringMatching(
        /^state is not a parameter of this route; its parameters are .*q, sort, limit, cursor, status, .*, minPosition$/,
      ) as unknown as string,
    ],
    [
      'work',
      { status: 'x' },
      'status is not a parameter of this route; its parameters are kind, minPosition',
    ],
    [
      'list',
      { constructor: 'x' },
      expect.stringContaining('constructor is not a parameter') as unknown as string,
    ],
    ['list', { limit: ['1', '2'] }, 'limit must not be repeated'],
    ['list', { owner: 'a\0' }, 'owner must not contain U+0000'],
    ['list', { limit: '201' }, 'limit must be a whole number from 1 to 200'],
    ['list', { statusOrigin: ['import', 'x'] }, 'statusOrigin must be one of import, command'],
    [
      'list',
      { issue: Array.from({ length: 51 }, (_, index) => `i${index}`) },
      'issue must not be repeated more than 50 times',
    ],
    ['log', { recommendation: 'a b' }, 'recommendation must be the id of a record'],
    ['list', { minPosition: 'soon' }, 'minPosition must be a position from a response: a decimal number'],
    ['log', { after: '-1' }, 'after must be a position from a response: a decimal number'],
    ['recordEvents', { after: 'x' }, 'after must be a version: a whole number from 0'],
    ['refusals', { from: '2026-02-30' }, 'from must be a valid date in the format YYYY-MM-DD'],
  ])('of %s, with %j, is refused: %s', (name, query, detail) => {
    expect(() => read(name, query)).toThrow(refusal(detail));
  });

  test('refuses minPosition for requests that change something', () => {
    expect(() => read('issue', { minPosition: '1' }, 'POST')).toThrow(
      refusal('minPosition is not a parameter of this route; its parameters are none'),
    );
  });

  test('of any route with any value, is parsed, or refused with the name of the parameter', () => {
    const names = Object.keys(ROUTES) as RouteName[];
    const odd = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('1', 'true', '2026-01-01', 'x'));
    const route = fc.constantFrom(...names).chain((name) => {
      const { query = {} }: RouteDocument = ROUTES[name];
      const parameter = fc.constantFrom('minPosition', 'toString', '__proto__', 'x', ...Object.keys(query));
      const value = fc.oneof(odd, fc.array(odd, { minLength: 2, maxLength: 3 }));
      return fc.tuple(fc.constant(name), fc.dictionary(parameter, value));
    });
    fc.assert(
      fc.property(route, fc.constantFrom('GET', 'POST'), ([name, query], method) => {
        try {
          read(name, query, method);
        } catch (error) {
          expect(error).toBeInstanceOf(ProblemError);
          const pointer = (error as ProblemError).details.errors?.[0]?.pointer;
          expect(pointer).toMatch(/^\//);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('has the type that its route declares', () => {
    const query: QueryOf<'list'> = read('list');
    const limit: number = query.limit;
    const states: readonly DeadlineState[] | undefined = query.deadline;
    const dryRun: boolean = read('import', {}, 'POST').dryRun;
    // @ts-expect-error: it may be absent.
    const owner: readonly string[] = query.owner;
    // @ts-expect-error: the list has no such parameter.
    const other: unknown = query.state;
    // @ts-expect-error: not a known status.
    const unheard: 'lost' | undefined = query.status?.[0];
    // @ts-expect-error: not declared for this route.
    const none: unknown = read('statistics').limit;
    // @ts-expect-error: there is no such route.
    expect(() => read('nowhere')).toThrow(TypeError);
    expect([limit, dryRun]).toEqual([50, false]);
    expect([states, owner, other, unheard, none]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
