import { idIn, issueStreamOf, streamOf } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';

/**
 * A recommendation of an inspectorate to a body. These names are part of stored streams and published URLs, and must
 * never change.
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

export const recommendationOf = (id: string) => ({ kind: recommendation, id });

/** Returns the stream of a recommendation. */
export const recordStream = (id: string): string => streamOf(recommendationOf(id));

/** Returns a recommendation's id from its stream; null for a stream of another type. */
export const recordIdOf = (streamId: string): string | null =>
  streamId.startsWith(recordStream('')) ? idIn(streamId) : null;

/** Returns the stream that reserves the id of a recommendation to several bodies. It follows no lifecycle. */
export const issueStream = (issue: string): string => issueStreamOf(recommendation, issue);

/** Returns the API path that lists the records of a recommendation to several bodies. */
export const issueAddress = (issue: string): string =>
  `/api/${recommendation.path}?issue=${encodeURIComponent(issue)}`;
