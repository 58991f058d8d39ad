import { beforeEach, describe, expect, it } from '@jest/globals';
import { CalendarLinkGuesses } from './calendar-link-guesses.ts';
import { ProblemError } from '#use-cases/problems';

let now: number;
let guesses: CalendarLinkGuesses;

beforeEach(() => {
  now = 0;
  guesses = new CalendarLinkGuesses(() => now);
});

const fail = (address: string, times: number) => {
  for (let count = 0; count < times; count += 1) guesses.recordResult(address, `guess ${count}`, false);
};
const refusal = (address: string, link = 'another'): ProblemError | null => {
  try {
    guesses.admit(address, link);
    return null;
  } catch (error) {
    return error as ProblemError;
  }
};

describe('an address that requests unknown links', () => {
  it('is admitted a hundred times in a minute, and again after it', () => {
    fail('192.0.2.1', 99);
    expect(refusal('192.0.2.1')).toBeNull();
    now = 20_000;
    fail('192.0.2.1', 1);
    expect(refusal('192.0.2.1')).toMatchObject({ code: 'rate-limited', headers: { 'retry-after': '40' } });
    now = 60_001;
    expect(refusal('192.0.2.1')).toBeNull();
  });

  it('opens the links that were opened before, until one fails', () => {
    guesses.recordResult('192.0.2.9', 'good', true);
    fail('192.0.2.1', 100);
    expect(refusal('192.0.2.1', 'good')).toBeNull();
    guesses.recordResult('192.0.2.1', 'good', false);
    expect(refusal('192.0.2.1', 'good')).toBeInstanceOf(ProblemError);
  });
});
