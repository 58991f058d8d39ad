import { idIn, issueStreamOf, pathOf, streamOf } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';

/**
 * A recommendation that an inspectorate made to a body. Streams and addresses of stores and people that are there have these names:
 * they never change.
 */
export const recommendation = {
  name: 'inspection-recommendation',
  isUnnamed: true,
  stream: 'recommendation',
  path: 'recommendations',
  noun: { singular: 'recommendation', plural: 'recommendations' },
  roles: { staff: ['inspector', 'approver'], body: ['force-lead', 'commissioner'] },
  issueStream: 'issue',
} as const satisfies RecordKind;

/** One of them, by its id. */
export const recommendationOf = (id: string) => ({ kind: recommendation, id });

/** The stream of a recommendation. */
export const recordStream = (id: string): string => streamOf(recommendationOf(id));

/** A recommendation's id from its stream, or null for a stream of something else. */
export const recordIdOf = (streamId: string): string | null =>
  streamId.startsWith(recordStream('')) ? idIn(streamId) : null;

/** Where a recommendation is below `/api`. */
export const recordAddress = (id: string): string => `/api${pathOf(recommendationOf(id))}`;

/** Holds an id that a recommendation to several bodies was issued under, so that no record takes it. It follows no lifecycle. */
export const issueStream = (issue: string): string => issueStreamOf(recommendation, issue);

/** Where the API lists the records of a recommendation to several bodies. */
export const issueAddress = (issue: string): string =>
  `/api/${recommendation.path}?issue=${encodeURIComponent(issue)}`;
