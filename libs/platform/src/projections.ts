import type { Projection } from '#projections/projection';
import { auditTrailProjection } from '#read-models/audit-trail';
import { calendarLinksProjection } from '#read-models/calendar-links/calendar-links-projection';
import { peopleProjection } from '#read-models/people/people-projection';
import { redactionsProjection } from '#read-models/redactions/redactions-projection';
import { registerProjection } from '#read-models/register/register-projection';
import { treeProjection } from '#read-models/tree/tree-projection';
import type { SubscriptionDrop } from '#event-sourcing/store-observer';
import type { DatabaseAddress } from '#projections/database-address';
import type { StoreAddress } from './stores.ts';

/** Every projection of the service, in display order. */
export const PROJECTIONS: readonly Projection[] = [
  registerProjection,
  redactionsProjection,
  auditTrailProjection,
  calendarLinksProjection,
  treeProjection,
  peopleProjection,
];

export interface ProjectorOptions {
  readonly store: StoreAddress;
  readonly readModels: DatabaseAddress;
}

/** A report of the thread: an error of the projector, a fault of the read models, or a dropped subscription. */
export type ProjectorReport =
  | { readonly message: string }
  | { readonly readModels: { readonly trouble: string | null } }
  | { readonly dropped: SubscriptionDrop };
