import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { issueStreamOf, pathOf, RecordKinds, streamOf } from './kind.ts';

const roles = { staff: ['librarian'], body: ['reader'] };
const book = {
  name: 'book',
  stream: 'book',
  path: 'books',
  noun: { singular: 'book', plural: 'books' },
  roles,
};
const letter = {
  ...{ name: 'letter', stream: 'letter', path: 'letters', roles, issueStream: 'post' },
  noun: { singular: 'letter', plural: 'letters' },
};
const beside = { streams: ['person', 'clock'], roles: ['auditor'] };
const kinds = new RecordKinds([book, letter], beside);

describe('a record', () => {
  test('given any id, then its stream identifies it, and its path resolves to it', () => {
    fc.assert(
      fc.property(fc.constantFrom(book, letter), fc.string({ minLength: 1 }), (kind, id) => {
        expect(kinds.ofStream(streamOf({ kind, id }))).toEqual({ kind, id });
      }),
    );
    expect(pathOf({ kind: letter, id: 'a/b' })).toBe('/letters/a%2Fb');
  });

  test('given two kinds with one id, then these are two records', () => {
    expect(kinds.ofStream('book-1')).toEqual({ kind: book, id: '1' });
    expect(kinds.ofStream('letter-1')).toEqual({ kind: letter, id: '1' });
  });

  test.each(['person-1', 'clock', 'books-1', 'book', 'Book-1', '-1', ''])(
    'given the stream %j, then it belongs to no record',
    (streamId) => {
      expect(kinds.ofStream(streamId)).toBeNull();
    },
  );
});

describe('kinds of records', () => {
  test('given a name or a path, then the kind that has it is found', () => {
    expect(kinds.all).toEqual([book, letter]);
    expect([kinds.named('letter'), kinds.atPath('books')]).toEqual([letter, book]);
    expect([kinds.find('letter'), kinds.find('letters'), kinds.find(null)]).toEqual([letter, null, null]);
    expect(kinds.atPath('people')).toBeNull();
    expect(() => kinds.named('note')).toThrow('There is no kind of record note. Kinds: book, letter');
  });

  test('given an issue to several bodies, then its id has a stream if the kind has one', () => {
    expect(issueStreamOf(letter, 'l-1')).toBe('post-l-1');
    expect(() => issueStreamOf(book, 'b-1')).toThrow('An issue of book creates one record');
  });

  test.each([
    [
      'a stream with a dash',
      { stream: 'my-book' },
      'book.stream: "my-book" must consist of lower-case letters',
    ],
    [
      'the stream of other things',
      { stream: 'person' },
      'book.stream: "person" is already used; choose another name',
    ],
    [
      'the stream of another kind',
      { stream: 'letter' },
      'book.stream: "letter" is already used; choose another name',
    ],
    [
      'the stream of issues of another kind',
      { stream: 'post' },
      'book.stream: "post" is already used; choose another name',
    ],
    [
      'issues in its own stream',
      { issueStream: 'book' },
      'book.issueStream: "book" is already used; choose another name',
    ],
    [
      'the path of another kind',
      { path: 'letters' },
      'book.path: "letters" is already used; choose another name',
    ],
    [
      'ids alone, as another kind',
      { isUnnamed: true } as const,
      'book.isUnnamed: letter already has it; remove it',
    ],
    [
      'a role of staff that is of bodies elsewhere',
      { roles: { staff: ['reader'], body: [] } },
      'book.roles.staff: "reader" is already in letter.roles.body; choose another name',
    ],
    [
      'a role that runs or audits the service',
      { roles: { staff: ['auditor'], body: [] } },
      'book.roles.staff: "auditor" is a role of operators or auditors; choose another name',
    ],
  ])('given %s, then they are refused', (_, change, problem) => {
    const makeKinds = () =>
      new RecordKinds(
        [
          { ...letter, isUnnamed: true },
          { ...book, ...change },
        ],
        beside,
      );
    expect(makeKinds).toThrow(new Error(`Kinds of records are not valid:\n  - ${problem}`));
  });

  test('given the kind of each version of a lifecycle, then these are one kind; two different kinds with one name are refused', () => {
    expect(new RecordKinds([book, letter, { ...book }], beside).all).toEqual([book, letter]);
    expect(() => new RecordKinds([book, { ...letter, name: 'book' }], beside)).toThrow(
      'book.stream: is "book" and "letter"; use one kind for all versions of a lifecycle, and another name for another lifecycle',
    );
  });
});
