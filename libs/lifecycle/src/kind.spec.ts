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
const reserved = { streams: ['person', 'clock'], paths: ['people'] };
const kinds = new RecordKinds([book, letter], reserved);

describe('a record', () => {
  test('given any id, then its stream says which it is, and its path leads to it', () => {
    fc.assert(
      fc.property(fc.constantFrom(book, letter), fc.string({ minLength: 1 }), (kind, id) => {
        expect(kinds.ofStream(streamOf({ kind, id }))).toEqual({ kind, id });
      }),
    );
    expect(pathOf({ kind: letter, id: 'a/b' })).toBe('/letters/a%2Fb');
  });

  test('given two kinds with one id, then they are two', () => {
    expect(kinds.ofStream('book-1')).toEqual({ kind: book, id: '1' });
    expect(kinds.ofStream('letter-1')).toEqual({ kind: letter, id: '1' });
  });

  test.each(['person-1', 'clock', 'books-1', 'book', 'Book-1', '-1', ''])(
    'given the stream %j, then it is of none',
    (streamId) => {
      expect(kinds.ofStream(streamId)).toBeNull();
    },
  );
});

describe('kinds of records', () => {
  test('given a name or a path, then the kind that has it is found', () => {
    expect(kinds.all).toEqual([book, letter]);
    expect([kinds.named('letter'), kinds.atPath('books')]).toEqual([letter, book]);
    expect(kinds.atPath('people')).toBeNull();
    expect(() => kinds.named('note')).toThrow('There is no kind of record note; there is book, letter');
  });

  test('given an issue to several bodies, then its id has a stream where the kind says so', () => {
    expect(issueStreamOf(letter, 'l-1')).toBe('post-l-1');
    expect(() => issueStreamOf(book, 'b-1')).toThrow('An issue of book makes one record');
  });

  test.each([
    ['a stream with a dash', { stream: 'my-book' }, 'The stream "my-book" of book is not of small letters'],
    ['a reserved stream', { stream: 'person' }, 'The stream "person" of book is taken'],
    ['the stream of another kind', { stream: 'letter' }, 'The stream "letter" of book is taken'],
    ['the stream of issues of another kind', { stream: 'post' }, 'The stream "post" of book is taken'],
    ['issues in its own stream', { issueStream: 'book' }, 'The stream "book" of book is taken'],
    [
      'a role of staff that is of a body elsewhere',
      { roles: { staff: ['reader'], body: [] } },
      'The role "reader" is both of staff and of a body',
    ],
    ['ids alone of two kinds', { isUnnamed: true }, 'Ids alone are of another kind than book'],
    ['a path with a slash', { path: 'a/b' }, 'The path "a/b" of book is not of small letters and dashes'],
    ['a reserved path', { path: 'people' }, 'The path "people" of book is taken'],
    ['the path of another kind', { path: 'letters' }, 'The path "letters" of book is taken'],
  ])('given %s, then they are refused', (_, change, message) => {
    expect(
      () =>
        new RecordKinds(
          [
            { ...letter, isUnnamed: true },
            { ...book, ...change },
          ],
          reserved,
        ),
    ).toThrow(message);
  });
});
