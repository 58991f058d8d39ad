import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { append, commit, draft } from '#test/support/event-commits';
import type { Tracing } from '../tracing.ts';
import { startOtlpTracing } from './otlp-tracing.ts';

describe('an error of traces', () => {
  let troubles: string[];
  let tracing: Tracing;

  beforeEach(() => {
    troubles = [];
    // Samples nothing, so that nothing is sent.
    const sampler = { name: 'always_off', ratio: 0 } as const;
    tracing = startOtlpTracing({ sampler }, (message) => troubles.push(message));
  });
  afterEach(() => tracing.close());

  it('is reported, and does not reach the observed append', () => {
    const stored = commit([append('s-1', 0, draft())]);
    const unreadable = { ...stored, appends: undefined as never };
    const request = tracing.request('POST', {});
    request.within(() => {
      tracing.appended({ commit: stored, outcome: 'appended', seconds: 0 });
      expect(troubles).toEqual([]);
      tracing.appended({ commit: unreadable, outcome: 'appended', seconds: 0 });
    });
    expect(troubles).toEqual([expect.stringMatching(/^Some traces could not be sent: .*undefined/)]);
  });

  it('is reported, and does not reach the fold of a batch', () => {
    const batch = { projection: 'register', events: 1, startedAt: 0, milliseconds: 1, failed: false };
    tracing.projected({ ...batch, causes: undefined as never });
    expect(troubles).toEqual([expect.stringMatching(/^Some traces could not be sent: .*causes/)]);
  });
});
