import { machine } from '#state-machines/inspection-recommendation/v1/machine';
import { RESPONSE_POSITIONS } from '#state-machines/inspection-recommendation/v1/payloads';
import { ROLES } from '#state-machines/access';
import { DATA_BY_TYPE, EVENT_DATA_SCHEMAS, EVENT_TYPES } from './event-member-schemas.ts';
import {
  ref,
  text,
  count,
  version,
  date,
  instant,
  position,
  status,
  hash,
  sixteenBytes,
  list,
  mapOf,
  orNull,
  object,
  regions,
  actor,
  anomaly,
  moreAnomalies,
  report,
} from './schema-forms.ts';
import type { Schema } from './schema-forms.ts';

const arrow = { event: text, guard: orNull(text), to: text };

/** The ids of what an event names. */
const named: Record<string, Schema> = {
  deadlineId: text,
  supersededBy: { type: 'string', description: "The record that takes this one's place." },
  supersedes: { type: 'string', description: 'The record whose place this one takes.' },
  decides: { type: 'array', items: text, description: 'The events that a decision is about.' },
  completes: { type: 'string', description: 'The comment that was cut off, and is here in full.' },
  redacts: { type: 'string', description: 'The event of which something was erased.' },
};

/** What else an event says. */
const particulars: Record<string, Schema> = {
  owner: { ...orNull(text), description: 'Who was named; null where it was erased.' },
  recipient: { type: 'string', description: 'The body that was named.' },
  unknownStatus: { ...orNull(text), description: 'A status of a register that is none of the four.' },
  position: { type: 'string', enum: [...RESPONSE_POSITIONS], description: 'Of a response.' },
  late: { type: 'boolean', description: 'Of a response.' },
  publishedElsewhere: { ...orNull(text), description: 'Where a response was published otherwise.' },
  kind: { type: 'string', description: 'Of a deadline.' },
  dueOn: date,
  suggestedOn: date,
  evidence: { ...list(orNull(text)), description: 'The names of what was submitted; null where erased.' },
  visibility: { type: 'string', enum: ['public', 'internal'] },
  erased: { ...list(text), description: 'The JSON pointers of what a redaction took.' },
};

/** The schemas of what is told of events: as they are stored, as a reader sees them, and on the statechart. */
export const EVENT_ANSWERS: Readonly<Record<string, Schema>> = {
  ...EVENT_DATA_SCHEMAS,
  Envelope: {
    ...object({
      envelope: { type: 'integer', enum: [1] },
      eventId: { type: 'string', format: 'uuid' },
      type: { type: 'string', examples: [...EVENT_TYPES] },
      schemaVersion: version,
      streamId: text,
      version,
      position,
      recordedAt: instant,
      effectiveOn: date,
      actor,
      command: object({ id: text, name: text, digest: orNull(hash) }),
      decision: orNull(object({ role: { type: 'string', enum: [...ROLES] }, guards: list(text) })),
      correlationId: text,
      causationId: orNull(text),
      origin: { type: 'string', enum: ['command', 'import', 'sweep'] },
      lifecycle: orNull(object({ name: text, version, digest: hash })),
      state: orNull(object(regions)),
      data: { type: 'object', additionalProperties: true },
      nonce: { ...sixteenBytes, description: 'Random; without it the hash of an event says nothing.' },
      commitments: mapOf(hash),
      salts: mapOf(sixteenBytes),
      previousHash: orNull(hash),
      hash,
    }),
    description: 'An event as it is stored; what its data holds depends on its type.',
    allOf: DATA_BY_TYPE,
  },
  RecordEvents: object({ items: list(ref('Envelope')), next: orNull(version) }),
  Log: object({ items: list(ref('Envelope')), next: orNull(position) }),
  CloudEvents: list(
    object({
      specversion: { type: 'string', enum: ['1.0'] },
      id: text,
      source: text,
      type: text,
      subject: text,
      time: instant,
      datacontenttype: text,
      data: ref('Envelope'),
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
      events: list(ref('Envelope')),
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
          reason: { ...orNull(text), description: 'Why, in words or as a code; null where it was erased.' },
          status,
          ...named,
          ...particulars,
        },
        ['text', 'reason', ...Object.keys(named), ...Object.keys(particulars)],
      ),
    ),
  }),
  Statechart: object({
    id: text,
    version,
    status,
    view: object({ effectiveOn: orNull(date), knownAt: orNull(instant) }),
    day: { type: 'string', format: 'date', description: 'Up to which the last stays are counted.' },
    lifecycle: object({ name: text, version, digest: hash }),
    guards: mapOf(object({ region: text, in: list(text) })),
    snapshot: {
      type: 'object',
      description:
        'The machine where the record is, as xstate keeps it: `createActor(machine, { snapshot })` goes on from there.',
    },
    regions: list(ref('StatechartRegion')),
  }),
  StatechartRegion: object({
    region: { type: 'string', enum: Object.keys(machine.states) },
    initial: text,
    states: list(text),
    arrows: list(object({ ...arrow, from: text, fromAny: { type: 'boolean' }, taken: count })),
    current: text,
    path: list(object({ state: text, from: date, to: orNull(date), days: count, event: text, version })),
    days: mapOf(count),
    next: list(object(arrow)),
  }),
};
