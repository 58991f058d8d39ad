import type { Provider } from '@nestjs/common';
import type { OutboxDatabase } from '#notifications/outbox/outbox-database';
import type { HttpParts } from '#platform/http-parts';
import type { DocketNode } from '#platform/node';
import { verifiers } from '#platform/verifiers';
import type { Bodies } from '#use-cases/bodies/bodies';
import type { VerifiesLog } from '#use-cases/audit/verify-now';
import type { PackContext } from '#use-cases/audit/make-pack';
import type { LogPages } from '#use-cases/log/filter-log';
import type { LinksAccess } from '#use-cases/people/calendar-links';
import type { PeopleAccess } from '#use-cases/people/administer-people';
import type { WebhooksAccess } from '#use-cases/webhooks/administer-webhooks';
import type { RecordsAccess } from '#use-cases/records/records-access';

// Injection tokens. The types of a controller's parameters name only the parts that it uses.

/** `RecordsAccess` */
export const RECORDS = Symbol('records');
/** `LogParts` */
export const LOG = Symbol('log');
/** `DeadlinesParts` */
export const DEADLINES = Symbol('deadlines');
/** `CalendarLinksParts` */
export const CALENDAR_LINKS = Symbol('calendar links');
/** `PeopleAccess` */
export const PEOPLE = Symbol('people');
/** `Bodies` */
export const BODIES = Symbol('bodies');
/** `WebhooksAccess` */
export const WEBHOOKS = Symbol('webhooks');
/** `OperationsParts` */
export const OPERATIONS = Symbol('operations');

/** `PackParts` */
export const PACKS = Symbol('packs');
/** `AuditParts` */
export const AUDIT = Symbol('audit');

/** The start of public addresses; null if it is not configured. */
export interface PublicUrl {
  readonly publicUrl: string | null;
}

export type DeadlinesParts = Pick<RecordsAccess, 'readModels' | 'projections'> & PublicUrl;
export type CalendarLinksParts = LinksAccess & PublicUrl;

export interface LogParts extends Pick<RecordsAccess, 'store' | 'accesses'> {
  readonly pages: LogPages;
}

/** Access to the signed log and its signer. */
export interface AuditParts extends Pick<RecordsAccess, 'store' | 'readModels' | 'projections'> {
  readonly signing: HttpParts['signing'];
  readonly verifications: VerifiesLog;
}

export type PackParts = PackContext & Pick<RecordsAccess, 'commands' | 'accesses'>;

/** Access for health and metrics. */
export interface OperationsParts
  extends
    Pick<RecordsAccess, 'store' | 'readModels' | 'projections' | 'eraser'>,
    Pick<HttpParts, 'appends' | 'damage' | 'clock' | 'signedEnd' | 'provider' | 'logPages' | 'signing'>,
    Pick<DocketNode, 'projector' | 'sweeps' | 'checkpoints'> {
  readonly outbox: OutboxDatabase;
}

/** Returns the providers for the injection tokens. */
export function partsOf(node: DocketNode<true>): Provider[] {
  const { http, messaging, publicUrl } = node;
  const { records, people, bodies, logPages, signing } = http;
  const { store, readModels, projections, eraser, accesses } = records;
  const operations = { ...node, ...http, ...records, outbox: messaging.database };
  return [
    { provide: RECORDS, useValue: records satisfies RecordsAccess },
    { provide: DEADLINES, useValue: { readModels, projections, publicUrl } satisfies DeadlinesParts },
    { provide: LOG, useValue: { store, accesses, pages: logPages } satisfies LogParts },
    {
      provide: CALENDAR_LINKS,
      useValue: { people, readModels, projections, publicUrl } satisfies CalendarLinksParts,
    },
    { provide: PEOPLE, useValue: { people, store, eraser, projections } satisfies PeopleAccess },
    { provide: BODIES, useValue: bodies satisfies Bodies },
    { provide: PACKS, useValue: { ...records, signing, verifiers } satisfies PackParts },
    { provide: AUDIT, useValue: { ...http, ...records } satisfies AuditParts },
    { provide: OPERATIONS, useValue: operations satisfies OperationsParts },
    { provide: WEBHOOKS, useValue: node.webhooks satisfies WebhooksAccess },
  ];
}
