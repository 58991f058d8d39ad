import { describe, expect, it } from '@jest/globals';
import { isReference, splitTitle } from './title.ts';

describe('splitTitle', () => {
  it.each([
    ['Regional Organised Crime Units (730)', 'Regional Organised Crime Units', '730'],
    ['Crime (2016) (A-7.3_b)', 'Crime (2016)', 'A-7.3_b'],
    ['(730)', '', '730'],
    ['Units (ROCU)', 'Units (ROCU)', null],
    ['Units (7 30)', 'Units (7 30)', null],
    ['Units (730) now', 'Units (730) now', null],
    [`Units (${'7'.repeat(65)})`, `Units (${'7'.repeat(65)})`, null],
    ['Units 730)', 'Units 730)', null],
    ['', '', null],
  ])('given %j, then the title is %j and the reference %j', (line, title, reference) => {
    expect(splitTitle(line)).toEqual({ title, reference });
  });
});

describe('isReference', () => {
  it.each(['730', 'a1', '1'.repeat(64)])('takes %s', (value) => {
    expect(isReference(value)).toBe(true);
  });
  it.each(['', 'abc', '7/3', '7\n', '٣', '1'.repeat(65)])('refuses %j', (value) => {
    expect(isReference(value)).toBe(false);
  });
});
