import {
  isErasable,
  list,
  mapOf,
  meaning,
  named,
  object,
  oneOf,
  optional,
  orNull,
  schemed,
} from '#lifecycle/fields';
import type { Field } from '#lifecycle/fields';
import { SAID_FIELDS } from '#state-machines/inspection-recommendation/v1/told';
import { ROLES } from '#state-machines/access';
import { lifecycles } from '#state-machines/lifecycles';
import type { JsonObject, JsonValue } from '#event-sourcing/envelope';
import {
  actor,
  boolean,
  count,
  date,
  hash,
  instant,
  moreAnomalies,
  position,
  regions,
  sixteenBytes,
  status,
  text,
  uuid,
  version,
} from './answer-fields.ts';
import { anomaly, EVENT_TYPES, report } from './shape-schemas.ts';

/** What else an event says, as its shape has it: null where it was erased or is withheld. */
const SAID = Object.fromEntries(
  Object.entries<Field>(SAID_FIELDS).map(([name, field]) => [
    name,
    { ...field, optional: true, nullable: isErasable(field) },
  ]),
);

const arrow = { event: text, guard: orNull(text), to: text };

const Envelope = named('Envelope', {
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
  state: orNull(object(regions)),
  data: schemed<JsonObject>({ type: 'object', additionalProperties: true }),
  nonce: meaning(sixteenBytes, 'Random; without it the hash of an event says nothing.'),
  commitments: mapOf(hash),
  salts: mapOf(sixteenBytes),
  previousHash: orNull(hash),
  hash,
});

const StatechartRegion = named('StatechartRegion', {
  region: oneOf<string>(Object.keys(lifecycles.regions)),
  initial: text,
  states: list(text),
  arrows: list(object({ ...arrow, from: text, fromAny: boolean, taken: count })),
  current: text,
  path: list(object({ state: text, from: date, to: orNull(date), days: count, event: text, version })),
  days: mapOf(count),
  next: list(object(arrow)),
});

/** What a member of a record's answer can be, in which nothing else stands. */
const leaf = schemed<JsonValue>({
  oneOf: [
    { type: 'string' },
    { type: 'number' },
    { type: 'boolean' },
    { type: 'array', items: { type: 'string' } },
    { type: 'null' },
  ],
});

/** The schemas of what is told of events: as they are stored, as a reader sees them, and on the statechart. */
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
  Export: object({
    id: text,
    title: orNull(text),
    text: orNull(text),
    reference: orNull(text),
    issue: orNull(text),
    report: orNull(report),
    anomalies: list(anomaly),
    moreAnomalies,
    events: list(Envelope),
    withheld: list(object({ eventId: text, pointer: text })),
  }),
  Timeline: object({
    items: list(
      object({
        eventId: text,
        version,
        type: text,
        effectiveOn: date,
        recordedAt: instant,
        actor: text,
        role: orNull(text),
        headline: text,
        text: optional(orNull(text)),
        reason: optional(meaning(orNull(text), 'Why, in words or as a code; null where it was erased.')),
        status,
        // What else an event says, as its shape has it.
        ...(SAID as object),
      }),
    ),
  }),
  Statechart: object({
    id: text,
    version,
    status,
    view: object({ effectiveOn: orNull(date), knownAt: orNull(instant) }),
    day: meaning(date, 'Up to which the last stays are counted.'),
    lifecycle: object({ name: text, version, digest: hash }),
    guards: mapOf(object({ region: text, in: list(text) })),
    snapshot: meaning(
      schemed<object>({ type: 'object' }),
      'The machine where the record is, as xstate keeps it: `createActor(machine, { snapshot })` goes on from there.',
    ),
    regions: list(StatechartRegion),
  }),
  StatechartRegion,
  Comparison: object({
    from: text,
    to: text,
    changes: list(
      object({
        path: meaning(
          text,
          'Where it stands in the record: the names of members, with dots between. What is in a list goes by its id, its eventId or its place: deadlines.d1.dueOn.',
        ),
        before: meaning(leaf, 'Null where there was none, or it was erased.'),
        after: meaning(leaf, 'Null where there is none, or it was erased.'),
      }),
    ),
    events: list(object({ version, type: text, effectiveOn: date })),
  }),
};
