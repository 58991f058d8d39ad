import { list, mapOf, withDescription, namedObject, object, oneOf, orNull, schemed } from '#lifecycle/fields';
import { ROLES } from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';
import type { JsonObject, JsonValue } from '#event-sourcing/envelope';
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

/** A value of a record's response that contains no other values. */
const leaf = schemed<JsonValue>({
  oneOf: [
    { type: 'string' },
    { type: 'number' },
    { type: 'boolean' },
    { type: 'array', items: { type: 'string' } },
    { type: 'null' },
  ],
});

/** The schemas of events, as stored and in comparisons. */
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
  Comparison: object({
    from: text,
    to: text,
    changes: list(
      object({
        path: withDescription(
          text,
          'The path of the member in the record, separated by dots. List items are named by their id, eventId or index, as in `deadlines.d1.dueOn`.',
        ),
        before: withDescription(
          leaf,
          'The value at the earlier point; null if there was no value or it was erased.',
        ),
        after: withDescription(
          leaf,
          'The value at the later point; null if there is no value or it was erased.',
        ),
      }),
    ),
    events: list(object({ version, type: text, effectiveOn: date })),
  }),
};
