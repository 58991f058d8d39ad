import { beforeEach, describe, expect, it } from '@jest/globals';
import { AppendHealth } from './append-health.ts';

let now: number;
let reports: unknown[];
let health: AppendHealth;

beforeEach(() => {
  now = 1_000_000;
  reports = [];
  health = new AppendHealth({
    onFailing: (reason, failed) => reports.push([reason, failed]),
    onRecovered: () => reports.push('recovered'),
    now: () => now,
  });
});

const fails = (reason = 'disk full') => {
  health.observe({ outcome: 'unavailable', error: new Error(reason) });
};
const succeeds = () => {
  health.observe({ outcome: 'appended', error: undefined });
};

describe('the health of appends', () => {
  it('is reported once a minute, with the number of failures in between, and when it ends', () => {
    fails();
    fails();
    now += 59_000;
    fails();
    expect(reports).toEqual([['disk full', 1]]);
    now += 1_000;
    fails('still full');
    expect(reports.slice(1)).toEqual([['still full', 3]]);
    expect(health.isFailing).toBe(true);
    succeeds();
    succeeds();
    expect(reports.slice(2)).toEqual(['recovered']);
    expect(health.isFailing).toBe(false);
  });

  it('is tried again after some seconds without an append, and each time later that it still fails', () => {
    const waitMs = (): number => {
      const from = now;
      while (health.isFailing) now += 1_000;
      return now - from;
    };
    const waits = Array.from({ length: 7 }, () => {
      fails();
      return waitMs();
    });
    expect(waits).toEqual([3_000, 6_000, 12_000, 24_000, 48_000, 60_000, 60_000]);
    succeeds();
    fails();
    expect(waitMs()).toBe(3_000);
  });

  it('is not affected by errors that the store did not cause', () => {
    health.observe({ outcome: 'failed', error: new Error('a stream twice') });
    expect(health.isFailing).toBe(false);
    fails();
    health.observe({ outcome: 'conflict', error: new Error('version') });
    health.observe({ outcome: 'repeated', error: undefined });
    expect(health.isFailing).toBe(true);
  });
});
