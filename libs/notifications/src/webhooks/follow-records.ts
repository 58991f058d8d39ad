import type { Envelope } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { streamOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import { polledPart } from '#projections/following/log-part';
import { comparePositions } from '#projections/position';
import { isInternal } from '#state-machines/any-kind';
import { kinds, nameOf } from '#state-machines/record-streams';
import type { Webhook } from '#state-machines/webhook-events';
import { unpadded } from '#projections/position';
import { OutboxFollower } from '../outbox-follower.ts';
import type { FollowerSources } from '../outbox-follower.ts';
import type { AddressedNotice } from '../outbox/record-messages.ts';
import { webhookReceiverId } from './webhook-receiver.ts';

interface RecordSources extends FollowerSources {
  readonly store: Pick<EventStore, 'readAll' | 'lastPosition'>;
  /** Returns the current webhooks. */
  readonly webhooks: () => Promise<readonly Webhook[]>;
  /** Returns a record's current body; null if it has none, undefined if the record does not exist. */
  readonly bodyOf: (record: RecordReference) => Promise<string | null | undefined>;
}

/** The number of events, and of characters, read at once. */
const PAGE = { limit: 50, enough: 1_000_000 };

/** Follows the events of records. Records a message for each webhook that an event concerns. Reads nothing if there is no webhook. */
export const followRecords = (sources: RecordSources): OutboxFollower<Envelope> =>
  new OutboxFollower(sources, {
    name: 'webhooks',
    part: polledPart({
      lastPosition: () => sources.store.lastPosition(),
      async next(after) {
        const [oldest] = await sources.webhooks();
        if (oldest === undefined) return [];
        // Events before the oldest webhook was added concern none.
        const from = comparePositions(after, oldest.since) < 0 ? oldest.since : after;
        return sources.store.readAll({ after: unpadded(from), ...PAGE });
      },
    }),
    async addressed(events) {
      const webhooks = await sources.webhooks();
      const bodies = new Map<string, Promise<string | null | undefined>>();
      const bodyOf = (record: RecordReference) => {
        const body = bodies.get(streamOf(record)) ?? sources.bodyOf(record);
        bodies.set(streamOf(record), body);
        return body;
      };
      const addressed: AddressedNotice[] = [];
      for (const event of events) {
        const record = kinds.ofStream(event.streamId);
        if (record === null) continue;
        for (const webhook of webhooks) {
          if (await isFor(webhook, event, record, bodyOf))
            addressed.push(addressedTo(webhook, event, record));
        }
      }
      return addressed;
    },
  });

async function isFor(
  { since, types, kinds: of, bodies, audience }: Webhook,
  event: Envelope,
  record: RecordReference,
  bodyOf: RecordSources['bodyOf'],
): Promise<boolean> {
  if (comparePositions(event.position, since) <= 0) return false;
  if (types !== null && !types.includes(event.type)) return false;
  if (of !== null && !of.includes(record.kind.name)) return false;
  if (audience !== null && isInternal(event)) return false;
  const lists = [bodies, audience].filter((list) => list !== null);
  if (lists.length === 0) return true;
  const body = await bodyOf(record);
  return typeof body === 'string' && lists.every((list) => list.includes(body));
}

const addressedTo = ({ id }: Webhook, event: Envelope, record: RecordReference): AddressedNotice => ({
  notice: {
    key: event.eventId,
    kind: event.type,
    recordId: nameOf(record),
    eventId: event.eventId,
    occurredAt: event.recordedAt,
  },
  receiver: webhookReceiverId(id),
  channel: 'webhook',
  order: event.streamId,
});
