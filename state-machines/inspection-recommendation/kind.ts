import type { RecordKind } from '#lifecycle/kind';

/**
 * A recommendation that an inspectorate made to a body. Streams and addresses of stores and people that are there have these names:
 * they never change.
 */
export const recommendation = {
  name: 'inspection-recommendation',
  stream: 'recommendation',
  path: 'recommendations',
} as const satisfies RecordKind;

/** One of them, by its id. */
export const recommendationOf = (id: string) => ({ kind: recommendation, id });

/** A record's id, as the register's references are formed; `.` and `..` are no part of a URL that arrives. */
export const RECORD_ID = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;

/** Holds an id that a recommendation to several bodies was issued under, so that no record takes it. It follows no lifecycle. */
export const issueStream = (issue: string): string => `issue-${issue}`;

/** Where the API lists the records of a recommendation to several bodies. */
export const issueAddress = (issue: string): string =>
  `/api/${recommendation.path}?issue=${encodeURIComponent(issue)}`;
