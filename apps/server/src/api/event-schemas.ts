import { machine } from '#state-machines/inspection-recommendation/v1/machine';
import { SAID_FIELDS } from '#state-machines/inspection-recommendation/v1/told';
import type { Said } from '#state-machines/inspection-recommendation/v1/told';
import { ROLES } from '#state-machines/access';
import {
  DATA_BY_TYPE,
  EVENT_DATA_SCHEMAS,
  EVENT_TYPES,
  readSchemas,
  anomaly,
  report,
} from './shape-schemas.ts';
import {
  actor,
  boolean,
  choice,
  count,
  date,
  hash,
  instant,
  list,
  mapOf,
  moreAnomalies,
  nothing,
  object,
  orNull,
  position,
  ref,
  regions,
  sixteenBytes,
  stateOf,
  status,
  text,
  told,
  typed,
  uuid,
  version,
} from './schema-forms.ts';
import type { SchemaOf } from './schema-forms.ts';
import type { JsonObject, JsonValue } from '#event-sourcing/envelope';

const arrow = { event: text, guard: orNull(text), to: text };

const namesOf = <Of extends object>(members: Of) => Object.keys(members) as (keyof Of & string)[];

/** What else an event says, as its shape has it. */
const said = readSchemas(SAID_FIELDS) as {
  readonly [Member in keyof Said]-?: SchemaOf<Exclude<Said[Member], undefined>>;
};

const Envelope = {
  ...object({
    envelope: typed<1>({ type: 'integer', enum: [1] }),
    eventId: uuid,
    type: typed<string>({ type: 'string', examples: [...EVENT_TYPES] }),
    schemaVersion: version,
    streamId: text,
    version,
    position,
    recordedAt: instant,
    effectiveOn: date,
    actor,
    command: object({ id: text, name: text, digest: orNull(hash) }),
    decision: orNull(object({ role: choice<string>([...ROLES]), guards: list(text) })),
    correlationId: text,
    causationId: orNull(text),
    origin: choice(['command', 'import', 'sweep']),
    lifecycle: orNull(object({ name: text, version, digest: hash })),
    state: orNull(stateOf(regions)),
    data: typed<JsonObject>({ type: 'object', additionalProperties: true }),
    nonce: told(sixteenBytes, 'Random; without it the hash of an event says nothing.'),
    commitments: mapOf(hash),
    salts: mapOf(sixteenBytes),
    previousHash: orNull(hash),
    hash,
  }),
  description: 'An event as it is stored; what its data holds depends on its type.',
  oneOf: DATA_BY_TYPE,
};

const StatechartRegion = object({
  region: choice(Object.keys(machine.states)),
  initial: text,
  states: list(text),
  arrows: list(object({ ...arrow, from: text, fromAny: boolean, taken: count })),
  current: text,
  path: list(object({ state: text, from: date, to: orNull(date), days: count, event: text, version })),
  days: mapOf(count),
  next: list(object(arrow)),
});

/** What a member of a record's answer can be, in which nothing else stands. */
const leaf = typed<JsonValue>({
  oneOf: [text, { type: 'number' }, boolean, list(text), nothing],
});

/** The schemas of what is told of events: as they are stored, as a reader sees them, and on the statechart. */
export const EVENT_ANSWERS = {
  // By their names alone: what an event's data holds is told by its type.
  ...(EVENT_DATA_SCHEMAS as object),
  Envelope,
  RecordEvents: object({ items: list(ref('Envelope', Envelope)), next: orNull(version) }),
  Log: object({ items: list(ref('Envelope', Envelope)), next: orNull(position) }),
  CloudEvents: list(
    object({
      specversion: choice(['1.0']),
      id: text,
      source: text,
      type: text,
      subject: text,
      time: instant,
      datacontenttype: text,
      data: ref('Envelope', Envelope),
    }),
  ),
  Export: object(
    {
      id: text,
      title: orNull(text),
      text: orNull(text),
      reference: orNull(text),
      issue: orNull(text),
      report: orNull(report),
      anomalies: list(anomaly),
      moreAnomalies,
      events: list(ref('Envelope', Envelope)),
      withheld: list(object({ eventId: text, pointer: text })),
    },
    ['moreAnomalies'],
  ),
  Timeline: object({
    items: list(
      object(
        {
          eventId: text,
          version,
          type: text,
          effectiveOn: date,
          recordedAt: instant,
          actor: text,
          role: orNull(text),
          headline: text,
          text: orNull(text),
          reason: told(orNull(text), 'Why, in words or as a code; null where it was erased.'),
          status,
          ...said,
        },
        ['text', 'reason', ...namesOf(said)],
      ),
    ),
  }),
  Statechart: object({
    id: text,
    version,
    status,
    view: object({ effectiveOn: orNull(date), knownAt: orNull(instant) }),
    day: told(date, 'Up to which the last stays are counted.'),
    lifecycle: object({ name: text, version, digest: hash }),
    guards: mapOf(object({ region: text, in: list(text) })),
    snapshot: told(
      typed<object>({ type: 'object' }),
      'The machine where the record is, as xstate keeps it: `createActor(machine, { snapshot })` goes on from there.',
    ),
    regions: list(ref('StatechartRegion', StatechartRegion)),
  }),
  StatechartRegion,
  Comparison: object({
    from: text,
    to: text,
    changes: list(
      object({
        path: told(
          text,
          'Where it stands in the record: the names of members, with dots between. What is in a list goes by its id, its eventId or its place: deadlines.d1.dueOn.',
        ),
        before: told(leaf, 'Null where there was none, or it was erased.'),
        after: told(leaf, 'Null where there is none, or it was erased.'),
      }),
    ),
    events: list(object({ version, type: text, effectiveOn: date })),
  }),
};
