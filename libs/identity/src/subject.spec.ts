import { describe, expect, test } from '@jest/globals';
import { identityOf } from './identity.ts';
import { subjectOf } from './subject.ts';

const INVISIBLE = [
  ...['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u034f', '\u061c', '\u180e'],
  ...['\u115f', '\u1160', '\u3164', '\uffa0', '\u2800', '\ufe0f', '\u{e0041}', '\u{e0100}', '\u202e'],
  ...['\u0000', '\t', '\n', '\u0085', '\u2028', '\u00a0', '\u2003', '\u3000'],
];

describe('the subject of a person', () => {
  test.each(INVISIBLE)('has no %j', (character) => {
    for (const subject of [`${character}ann`, `an${character}n`, `ann${character}`])
      expect(subjectOf(subject)).toBeNull();
  });

  test('has no outer white space and no reserved prefix', () => {
    for (const subject of [' ann', 'ann ', 'cli: ann', 'cli:ann ', 'docket:sweep', 'cli:Docket:x'])
      expect(subjectOf(subject)).toBeNull();
    for (const subject of ['ann', 'Ann Smith', 'cli:ann', 'zoë@example.org', '李', 'auth0|5f7c'])
      expect(subjectOf(subject)).toBe(subject);
  });

  test('is the same person in each form of Unicode', () => {
    const [composed, decomposed] = ['zo\u00eb', 'zoe\u0308'];
    expect(subjectOf(decomposed)).toBe(composed);
    expect(identityOf({ sub: decomposed }, 0).subject).toBe(composed);
  });
});
