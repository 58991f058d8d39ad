import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from '#use-cases/problems';

/** An entity tag as defined in RFC 9110: it may contain a comma, a space or a star. */
const TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;
/** Items may be empty. The pattern is unambiguous, so that rejection is fast. */
const EMPTY = /(?:[ \t]*,)/.source;
const TAG_LIST = new RegExp(
  `^${EMPTY}*[ \\t]*${TAG.source}(?:${EMPTY}+[ \\t]*${TAG.source})*${EMPTY}*[ \\t]*$`,
);

/** Returns the tags of a list; null for an invalid list. */
function tagsOf(header: string): string[] | null {
  return TAG_LIST.test(header) ? (header.match(TAG) ?? []) : null;
}

/**
 * Returns a record's tag: its version and the day of the view, since deadline states change at midnight. Earlier views also name the
 * redaction that erased values from them, which their version does not show.
 */
export const recordTag = (version: number, day: string, redactedIn: number | null = null): string =>
  `"${version}-${day}${redactedIn !== null && redactedIn > version ? `-r${redactedIn}` : ''}"`;

const OF_RECORD = /^"([1-9]\d{0,14})(?:-\d{4}-\d{2}-\d{2}(?:-r\d{1,15})?)?"$/;

/**
 * Returns the versions in If-Match; null for any. A command depends on the version, not the day, so only a tag's version counts. An unknown
 * or weak tag matches nothing (RFC 9110, section 13.1.1).
 * @throws ProblemError for an invalid list of tags.
 */
export function ifMatchOf(header: string | undefined): number[] | null {
  if (header === undefined || header.trim() === '*') return null;
  const tags = tagsOf(header);
  if (tags === null) {
    throw new ProblemError(
      'invalid-header',
      'If-Match must be the ETag of the record, or its version in quotes: "3"',
    );
  }
  return tags.flatMap((tag) => {
    const [, version] = OF_RECORD.exec(tag) ?? [];
    return version === undefined ? [] : [Number(version)];
  });
}

/**
 * Reports whether If-None-Match contains the response's tag, by weak comparison (RFC 9110, section 13.1.2). An invalid header matches
 * nothing.
 */
function matchesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const tags = tagsOf(header) ?? [];
  return header.trim() === '*' || tags.some((each) => each.replace(/^W\//, '') === tag);
}

/**
 * Marks a response with its tag for private caching with revalidation. Returns true if the caller has it; the response is then 304 without
 * a body.
 */
export function isKnown(request: FastifyRequest, reply: FastifyReply, tag: string): boolean {
  if (!matchesTag(request.headers['if-none-match'], tag)) {
    void reply.headers(taggedHeaders(reply, tag));
    return false;
  }
  void reply.headers(taggedHeaders(reply, tag)).status(304);
  return true;
}

/** The same URL has different responses for different people. */
function taggedHeaders(reply: FastifyReply, tag: string) {
  const vary = reply.getHeader('vary');
  return {
    etag: tag,
    'cache-control': 'private, no-cache',
    vary: typeof vary === 'string' ? `Authorization, ${vary}` : 'Authorization',
  };
}
