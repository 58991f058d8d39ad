import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from '#use-cases/problems';

/** An entity tag as RFC 9110 forms it: a comma, a space or a star may stand in it. */
const TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;
/** Items may be empty. No text is matched in two ways, so that none takes long to be refused. */
const EMPTY = /(?:[ \t]*,)/.source;
const TAG_LIST = new RegExp(
  `^${EMPTY}*[ \\t]*${TAG.source}(?:${EMPTY}+[ \\t]*${TAG.source})*${EMPTY}*[ \\t]*$`,
);

/** The tags of a list; null where it is none. */
function tagsOf(header: string): string[] | null {
  return TAG_LIST.test(header) ? (header.match(TAG) ?? []) : null;
}

/**
 * A record's tag: its version, and the day on which it is looked at, since a deadline's state changes at midnight. What a
 * redaction erased later is gone from earlier views too, whose versions do not tell: they name that redaction.
 */
export const recordTag = (version: number, day: string, redactedIn: number | null = null): string =>
  `"${version}-${day}${redactedIn !== null && redactedIn > version ? `-r${redactedIn}` : ''}"`;

const OF_RECORD = /^"([1-9]\d{0,14})(?:-\d{4}-\d{2}-\d{2}(?:-r\d{1,15})?)?"$/;

/**
 * The versions that an If-Match names; null where any will do. A command changes what a version tells, whatever the day,
 * so a tag counts by its version. One that is no version of ours, or a weak one, matches nothing (RFC 9110, section 13.1.1).
 * @throws ProblemError where it is no list of tags.
 */
export function ifMatchOf(header: string | undefined): number[] | null {
  if (header === undefined || header.trim() === '*') return null;
  const tags = tagsOf(header);
  if (tags === null) {
    throw new ProblemError(
      'invalid-header',
      'If-Match takes an entity tag in quotes, as the ETag of the record gave it, or its version alone: "3"',
    );
  }
  return tags.flatMap((tag) => {
    const [, version] = OF_RECORD.exec(tag) ?? [];
    return version === undefined ? [] : [Number(version)];
  });
}

/**
 * Whether If-None-Match names what would be answered; tags are compared weakly (RFC 9110, section 13.1.2). A header that is
 * no list of tags names nothing.
 */
function matchesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const tags = tagsOf(header) ?? [];
  return header.trim() === '*' || tags.some((each) => each.replace(/^W\//, '') === tag);
}

/**
 * Marks an answer with its tag: whoever has it keeps it for themselves, and asks each time whether it is still so. True where
 * the caller has it already; the answer is then 304, and nothing else.
 */
export function isKnown(request: FastifyRequest, reply: FastifyReply, tag: string): boolean {
  if (!matchesTag(request.headers['if-none-match'], tag)) {
    void reply.headers(taggedHeaders(reply, tag));
    return false;
  }
  void reply.headers(taggedHeaders(reply, tag)).status(304);
  return true;
}

/** What another person is answered under the same address is not the same. */
function taggedHeaders(reply: FastifyReply, tag: string) {
  const vary = reply.getHeader('vary');
  return {
    etag: tag,
    'cache-control': 'private, no-cache',
    vary: typeof vary === 'string' ? `Authorization, ${vary}` : 'Authorization',
  };
}
