import { list, mapOf, withDescription, namedObject, object, oneOf, orNull, schemed } from '#lifecycle/fields';
import { ROLES } from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';
import type { JsonObject } from '#event-sourcing/envelope';
import { actor, date, hash, instant, position, sixteenBytes, text, uuid, version } from './answer-fields.ts';
import { EVENT_TYPES } from './event-types.ts';

/** The states of each region; absent for a record without the region. */
const REGIONS = Object.fromEntries(
  Object.entries(lifecycles.regions).map(([region, states]) => {
    const isEverywhere = lifecycles.currents.every(({ definition }) => region in definition.machine.states);
    return [region, { ...oneOf<string>(states), optional: !isEverywhere }];
  }),
);

export const Envelope = namedObject('Envelope', {
  envelope: schemed<1>({ type: 'integer', enum: [1] }),
  eventId: uuid,
  type: schemed<string>({ type: 'string', examples: EVENT_TYPES }),
  schemaVersion: version,
  streamId: text,
  version,
  position,
  recordedAt: instant,
  effectiveOn: date,
  actor,
  command: object({ id: text, name: text, digest: orNull(hash) }),
  decision: orNull(object({ role: oneOf<string>(ROLES), guards: list(text) })),
  correlationId: text,
  causationId: orNull(text),
  origin: oneOf(['command', 'import', 'sweep']),
  lifecycle: orNull(object({ name: text, version, digest: hash })),
  state: orNull(object(REGIONS)),
  data: schemed<JsonObject>({ type: 'object', additionalProperties: true }),
  nonce: withDescription(
    sixteenBytes,
    "Random bytes, hashed with the event. They prevent anyone who has only the hash from guessing the event's content.",
  ),
  commitments: mapOf(hash),
  salts: mapOf(sixteenBytes),
  previousHash: orNull(hash),
  hash,
});

/** The schemas of events, as stored. */
export const EVENT_ANSWERS = {
  Envelope,
  RecordEvents: object({ items: list(Envelope), next: orNull(version) }),
  Log: object({ items: list(Envelope), next: orNull(position) }),
  CloudEvents: list(
    object({
      specversion: oneOf(['1.0']),
      id: text,
      source: text,
      type: text,
      subject: text,
      time: instant,
      datacontenttype: text,
      data: Envelope,
    }),
  ),
};
