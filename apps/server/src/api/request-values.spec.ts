import { describe, expect, test } from '@jest/globals';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { mediaTypeOf } from './request-values.ts';

const TYPES = ['application/json', 'text/csv', 'image/svg+xml'] as const;

/** Returns the media type for an Accept header; null if none is acceptable. */
function negotiatedType(accept: string | undefined): string | null {
  const request = { headers: { accept } } as unknown as FastifyRequest;
  const reply = { header: () => reply } as unknown as FastifyReply;
  try {
    return mediaTypeOf(request, reply, TYPES);
  } catch {
    return null;
  }
}

describe('the media type of a response', () => {
  test.each([undefined, '', ' ', ',', '*/*', '*', '*;q=0.2', 'application/*', 'text/html, */*;q=0.1'])(
    'is the first one if %j allows any',
    (accept) => {
      expect(negotiatedType(accept)).toBe('application/json');
    },
  );

  test.each([
    ['application/json; charset=utf-8', 'application/json'],
    ['text/csv; charset=utf-8; header=present', 'text/csv'],
    ['image/svg+xml;charset=utf-8', 'image/svg+xml'],
    ['TEXT/CSV;CHARSET="utf-8"', 'text/csv'],
    ['text/csv;header="a,b;q=0";q=0.5, application/json;q=0.4', 'text/csv'],
  ])('is the named one, with any parameters: %s', (accept, type) => {
    expect(negotiatedType(accept)).toBe(type);
  });

  test.each([
    ['application/json;charset=utf-8;q=0.1, text/csv;q=0.2', 'text/csv'],
    ['application/json;q=0.1;charset=utf-8, text/*;q=0.2', 'text/csv'],
    ['application/json; Q=0.1, text/csv ; q=0.2', 'text/csv'],
    ['*/*;q=0.5, application/json;charset=utf-8;q=0', 'text/csv'],
  ])('is the one that the client prefers: %s', (accept, type) => {
    expect(negotiatedType(accept)).toBe(type);
  });

  test.each(['video/mp4', 'application/json;charset=utf-8;q=0', 'application/json-seq', '"', 'text'])(
    'is refused if the client accepts none: %s',
    (accept) => {
      expect(negotiatedType(accept)).toBeNull();
    },
  );
});
