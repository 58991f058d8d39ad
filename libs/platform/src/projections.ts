import type { Projection } from '../../projections/src/projection.ts';
import { calendarLinksProjection } from '../../projections/src/calendar-links/calendar-links-projection.ts';
import { deadlinesProjection } from '../../projections/src/deadlines/deadlines-projection.ts';
import { redactionsProjection } from '../../projections/src/redactions/redactions-projection.ts';
import { refusalsProjection } from '../../projections/src/refusals/refusals-projection.ts';
import { registerProjection } from '../../projections/src/register/register-projection.ts';
import { statisticsProjection } from '../../projections/src/statistics/statistics-projection.ts';
import { thresholdsProjection } from '../../projections/src/thresholds/thresholds-projection.ts';
import type { SubscriptionDrop } from '../../event-sourcing/src/store-observer.ts';
import type { ReadModelAddress } from '../../projections/src/open-read-models.ts';
import type { ProjectedBatch } from './tracing/tracing.ts';
import type { StoreAddress } from './settings.ts';

/** Every projection of the service, in the order in which they are told of. */
export const PROJECTIONS: readonly Projection[] = [
  registerProjection,
  statisticsProjection,
  deadlinesProjection,
  redactionsProjection,
  refusalsProjection,
  thresholdsProjection,
  calendarLinksProjection,
];

export const PROJECTION_NAMES: readonly string[] = PROJECTIONS.map(({ name }) => name);

/** What the projector's thread is started with. */
export interface ProjectorOptions {
  readonly store: StoreAddress;
  readonly readModels: ReadModelAddress;
  /** Whether it tells of batches whose traces are recorded. */
  readonly traced: boolean;
}

/** What the thread tells: that it runs, why a projection cannot go on, what is wrong with the read models, what it folded, or that its subscription was dropped. */
export type ProjectorMessage =
  | 'running'
  | { readonly message: string; readonly projection: string | null }
  | { readonly readModels: { readonly trouble: string | null } }
  | { readonly projected: ProjectedBatch }
  | { readonly dropped: SubscriptionDrop };
