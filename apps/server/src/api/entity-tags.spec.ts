import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ifMatchOf, isKnown, recordTag } from './entity-tags.ts';

/** Returns whether a header matches a tag, and the response's headers. */
function matchTag(header: string | undefined, tag: string) {
  const headers: Record<string, unknown> = {};
  let status = 200;
  const reply = {
    getHeader: (name: string) => headers[name],
    headers: (fields: object) => {
      Object.assign(headers, fields);
      return reply;
    },
    status: (code: number) => {
      status = code;
      return reply;
    },
  };
  const request = { headers: { 'if-none-match': header } } as unknown as FastifyRequest;
  const known = isKnown(request, reply as unknown as FastifyReply, tag);
  return { known, status, headers };
}

describe("a record's tag", () => {
  test('is its version and the day', () => {
    expect(recordTag(7, '2026-11-24')).toBe('"7-2026-11-24"');
  });

  test('covers a redaction that the version does not cover', () => {
    expect(recordTag(7, '2016-06-15', 9)).toBe('"7-2016-06-15-r9"');
    expect(recordTag(9, '2026-11-24', 9)).toBe('"9-2026-11-24"');
    expect(recordTag(10, '2026-11-24', 9)).toBe('"10-2026-11-24"');
  });
});

describe('If-Match', () => {
  test.each([
    ['"7-2026-11-24"', [7]],
    ['"7"', [7]],
    ['"7-2016-06-15-r9"', [7]],
    ['"7", "8-2026-11-24"', [7, 8]],
    ['"a,b", "7"', [7]],
    [',"7",,"8",', [7, 8]],
    ['W/"7-2026-11-24"', []],
    ['"7-today"', []],
    ['"07"', []],
    ['""', []],
  ])('%s names the versions %j', (header, versions) => {
    expect(ifMatchOf(header)).toEqual(versions);
  });

  test.each([undefined, '*', ' * '])('%j matches any version', (header) => {
    expect(ifMatchOf(header)).toBeNull();
  });

  test.each(['7', '"7', '"7" "8"', '*, "7"', 'w/"7"', '', ',', '"7",8'])('%j is malformed', (header) => {
    expect(() => ifMatchOf(header)).toThrow('If-Match must be the ETag of the record');
  });

  test('matches the tag of every record', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }), (version, redacted) => {
        expect(ifMatchOf(recordTag(version, '2026-11-24', redacted))).toEqual([version]);
      }),
    );
  });
});

describe('If-None-Match', () => {
  const TAG = '"7-2026-11-24"';

  test.each([TAG, `W/${TAG}`, '*', `"a", ${TAG}`, `"a,b",W/${TAG} ,"c"`])(
    '%s matches the existing record',
    (header) => {
      expect(matchTag(header, TAG)).toEqual({
        known: true,
        status: 304,
        headers: { etag: TAG, 'cache-control': 'private, no-cache', vary: 'Authorization' },
      });
    },
  );

  test.each([undefined, '"7"', '"7-2026-11-25"', '7-2026-11-24', `${TAG}x`, `"x${TAG}`, '', '"a" *'])(
    '%j does not',
    (header) => {
      expect(matchTag(header, TAG)).toMatchObject({ known: false, status: 200, headers: { etag: TAG } });
    },
  );

  test('a long invalid header is read in linear time', () => {
    // A regular expression with backtracking would hang on these.
    for (const part of ['"a" , ', '"a",,', '"a" ,\t, ', ',\t ', ' ', '"a"', '"']) {
      expect(matchTag(`${part.repeat(3_000)}x`, TAG).known).toBe(false);
    }
  });
});
