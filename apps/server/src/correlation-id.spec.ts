import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { systemRandom } from '#event-sourcing/random';
import { correlationIdOf } from './correlation-id.ts';

const NEW = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const idOf = (header: string | undefined): string =>
  correlationIdOf({ headers: { 'x-correlation-id': header } }, systemRandom);

describe('the correlation id of a request', () => {
  test.each([
    '5d3f1b0c-8a52-5f57-9d0c-3c0f4a2d9b11',
    '5D3F1B0C-8A52-5F57-9D0C-3C0F4A2D9B11',
    '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    '4bf92f3577b34da6a3ce929d0e0e4736',
  ])("is the caller's, as %s", (header) => {
    expect(idOf(header)).toBe(header);
  });

  test('is the trace id of a traceparent', () => {
    expect(idOf('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')).toBe(
      '4bf92f3577b34da6a3ce929d0e0e4736',
    );
  });

  test.each([
    undefined,
    '',
    'case-17',
    'Jane-Doe-of-1-High-Street',
    '0'.repeat(32),
    '81ARZ3NDEKTSV4RRFFQ69G5FAV',
    '4bf92f3577b34da6a3ce929d0e0e4736 ',
    '5d3f1b0c-8a52-5f57-9d0c-3c0f4a2d9b11\n',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-Jane',
  ])('is a new one instead of %j', (header) => {
    expect(idOf(header)).toMatch(NEW);
    expect(idOf(header)).not.toBe(header);
  });

  test('contains nothing from a caller but hexadecimal digits, or 26 characters of a ULID', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (header) => {
        const id = idOf(header);
        expect(id).toMatch(/^[0-9a-f-]{32,36}$|^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i);
      }),
    );
  });
});
