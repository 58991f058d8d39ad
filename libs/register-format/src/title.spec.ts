import { describe, expect, it } from '@jest/globals';
import { isReference, isTimeLike, splitTitle, titleReference } from './title.ts';

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
  it.each(['730', 'a1', '1'.repeat(64)])('accepts %s', (value) => {
    expect(isReference(value)).toBe(true);
  });
  it.each(['', 'abc', '7/3', '7\n', '٣', '1'.repeat(65)])('refuses %j', (value) => {
    expect(isReference(value)).toBe(false);
  });
});

describe('titleReference', () => {
  it.each(
    '730,12/2015,HMIC 12,Rec 12,Rec. 4.1,Recommendation 4,area for improvement 3,2015-3,pgA,A,R4.1,AFI iv,XIX,PEEL 2015/16'.split(
      ',',
    ),
  )('reads %j', (reference) => {
    expect(titleReference(`Units (ROCU) (${reference})`)).toBe(reference);
    expect(titleReference(`(${reference})`)).toBeNull();
  });
  it.each(
    'see page 12,page 12,June 2016,30 June 2016,30/06/2016,24/7,ROCU,MoRiLE,civil,DCI,the force,10%,12 of 43,'.split(
      ',',
    ),
  )('reads no reference from %j', (words) => {
    expect(titleReference(`Units (${words})`)).toBeNull();
  });
  it('reads one line in time that grows with its length', () => {
    expect(titleReference(`Units (${'HMIC '.repeat(100_000)}${'x'.repeat(100_000)})`)).toBeNull();
  });
});

describe('isTimeLike', () => {
  it.each(['2015', 'HMIC 2015', '2015/16', '2015-2016', '2015-11-30'])('is true of %s', (reference) => {
    expect(isTimeLike(reference)).toBe(true);
  });
  it.each(['730', '12/2015', '2015/3', '2015-3', 'HMIC 12', '12015'])('is false of %s', (reference) => {
    expect(isTimeLike(reference)).toBe(false);
  });
});
