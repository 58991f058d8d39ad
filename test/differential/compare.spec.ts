import { describe, expect, it } from '@jest/globals';
import type { Answer } from './build.ts';
import { Found } from './compare.ts';

const A = '0b7c3f6e-2b1d-4c1a-9d55-1f0c6a7e8d90';
const B = '5a1e9d04-7f3c-4b8e-8a21-6c4f0e2b3d17';
const C = 'c2d4e6f8-0a1b-4c3d-8e5f-7a9b1c3d5e7f';

const record = (id: string, more: object = {}): Answer => ({
  status: 200,
  headers: { etag: '"2"' },
  body: { id: 'rec-1', title: 'Publish a plan', events: [{ eventId: id, type: 'CommentAdded' }], ...more },
});

/** Returns the report about responses of one route. */
function reported(...answers: (readonly [Answer, Answer])[]): string {
  const found = new Found([{ pattern: /\/body\/meant /, because: 'It is meant.' }]);
  for (const pair of answers) found.compare('GET /api/records/{id}', ...pair);
  return found.report();
}

describe('the comparison of two builds', () => {
  it('finds nothing where only ids differ that each build makes up', () => {
    const ids = (id: string) => record(id, { note: `notice-${id}` });
    const text = reported([ids(A), ids(B)], [ids(A), ids(B)]);
    expect(text.trim()).toBe('0 classes of differences, 0 not intended');
  });

  it('finds a planted difference, and prints it once with its route, place, values and count', () => {
    const planted = [record(A), record(B, { title: 'Publish no plan' })] as const;
    const text = reported(planted, planted);
    expect(text).toContain('GET /api/records/{id} 200 /body/title "Publish a plan" → "Publish no plan" (2)');
    expect(text).toContain('1 classes of differences, 1 not intended');
  });

  it.each([
    ['a member that is gone', record(A, { note: 'x' }), record(B), '/body/note is gone'],
    ['a member that is new', record(A), record(B, { note: 'x' }), '/body/note is new'],
    ['another status', record(A), { ...record(B), status: 409 }, '/status has another number'],
    ['another header', record(A), { ...record(B), headers: {} }, '/headers/etag is gone'],
    [
      'another order',
      record(A, { names: ['a', 'b'] }),
      record(B, { names: ['b', 'a'] }),
      '/body/names has another order',
    ],
    ['one item less', record(A, { items: [1, 2] }), record(B, { items: [1] }), '/body/items/* is gone: 0'],
  ])('finds %s', (_, before, after, expected) => {
    expect(reported([before, after])).toContain(expected);
  });

  it('finds that an id refers to another event than before', () => {
    expect(reported([record(A), record(B)], [record(A), record(C)])).toContain('names another');
  });

  it('lists the differing lines of a long page', () => {
    const page = (word: string): Answer => ({
      status: 200,
      headers: {},
      body: `<p>${'a '.repeat(600)}</p><p>${word}</p>`,
    });
    expect(reported([page('one'), page('two')])).toContain('/body "one" → "two" (1)');
  });

  it('accepts differences that are listed as intended, with the reason', () => {
    const text = reported([record(A, { meant: 1 }), record(B, { meant: 2 })]);
    expect(text).toContain('intended, 1 classes, 1 times: It is meant.');
    expect(text).toContain('1 classes of differences, 0 not intended');
  });
});
