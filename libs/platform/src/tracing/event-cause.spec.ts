import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { appendSpanId, causesOf } from './event-cause.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const event = (correlationId: string, id: string = randomUUID()) => ({
  correlationId,
  command: { id, name: 'add-comment', digest: null },
});

describe('the spans that appended events', () => {
  it('are found from correlation id and command alone, one for each command', () => {
    const id = '7b1f6a52-3c4d-4e5f-8a6b-0c1d2e3f4a5b';
    expect(causesOf([event(TRACE, id), event(TRACE, id), event(TRACE)], 10)).toEqual([
      { traceId: TRACE, spanId: '8a6b0c1d2e3f4a5b' },
      { traceId: TRACE, spanId: expect.stringMatching(/^[0-9a-f]{16}$/) },
    ]);
    expect(appendSpanId(id)).toBe('8a6b0c1d2e3f4a5b');
  });

  it.each([
    ['recorded without a trace', randomUUID()],
    ["recorded under a caller's own correlation id", 'case-17'],
    ['recorded under what is not a trace id', '0'.repeat(32)],
    ['recorded under a trace id in capitals', TRACE.toUpperCase()],
  ])('are not found for events %s', (_, correlationId) => {
    expect(causesOf([event(correlationId)], 10)).toEqual([]);
  });

  it('are not found for a command whose id is not a UUID, and are no more than were requested', () => {
    expect(causesOf([event(TRACE, 'from-elsewhere')], 10)).toEqual([]);
    expect(
      causesOf(
        Array.from({ length: 9 }, () => event(TRACE)),
        4,
      ),
    ).toHaveLength(4);
  });
});
