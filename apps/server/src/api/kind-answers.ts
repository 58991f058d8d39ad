import {
  list,
  mapOf,
  withDescription,
  namedObject,
  object,
  oneOf,
  optional,
  orNull,
  schemed,
} from '#lifecycle/fields';
import type { RecordKind } from '#lifecycle/kind';
import { TOTAL_MAX } from '#read-models/register/register-query';
import { WAITS } from '#read-models/record-state';
import { DEADLINE_STATES } from '#state-machines/capabilities/deadlines';
import { lifecycles } from '#state-machines/lifecycles';
import { STATUS_ORIGINS } from '#lifecycle/answers';
import {
  boolean,
  count,
  date,
  hash,
  instant,
  lifecycle,
  position,
  regionsOf,
  remains,
  text,
  version,
  view,
} from './answer-fields.ts';
import { Envelope } from './event-schemas.ts';
import { memberOf, schemaNameOf } from './kind-names.ts';

const reason = object({
  code: text,
  detail: text,
  guard: optional(withDescription(text, 'The guard that is not met.')),
});
const arrow = { event: text, guard: orNull(text), to: text };

const highlight = object({
  field: withDescription(
    oneOf(['title', 'text', 'report', 'comment']),
    'The part of the record that matches. Comments include internal ones if you may read them.',
  ),
  visibility: optional(
    withDescription(oneOf(['internal']), 'The visibility of the comment; present only for an internal one.'),
  ),
  eventId: withDescription(text, 'The event that contains the text.'),
  snippet: withDescription(text, 'An excerpt of the text, without markup.'),
  matches: withDescription(
    list(object({ from: count, to: count })),
    'The matches in the snippet, as UTF-16 offsets (as in JavaScript): `from` is inclusive, `to` exclusive.',
  ),
  cutBefore: withDescription(boolean, 'Whether text before the snippet was cut.'),
  cutAfter: withDescription(boolean, 'Whether text after the snippet was cut.'),
});

/** Returns the schemas of responses about records of one kind. */
export function kindAnswers(kind: RecordKind) {
  const parts = partsOf(kind);
  return { ...listAnswers(kind, parts), ...recordAnswers(kind, parts), ...historyAnswers(kind, parts) };
}

function partsOf(kind: RecordKind) {
  const { definition, commands, answers } = lifecycles.current(kind.name);
  const ofRegions = regionsOf({ definition });
  const State = namedObject<typeof ofRegions>(schemaNameOf(kind, 'State'), {
    ...ofRegions,
    ...answers.state,
  });
  // The types do not know which members a lifecycle adds.
  const fields: { readonly [Part in keyof typeof answers]: object } = answers;
  const status = oneOf<string>(Object.keys(definition.machine.states[definition.statusRegion]?.states ?? {}));
  // A list contains the deadline state even for records without a deadline.
  const Listed =
    'deadline' in answers.state
      ? State
      : object<typeof ofRegions>({ ...ofRegions, deadline: oneOf(DEADLINE_STATES) });
  return { State, Listed, status, fields, commands: Object.keys(commands), regions: Object.keys(ofRegions) };
}
type Parts = ReturnType<typeof partsOf>;

function listAnswers(kind: RecordKind, { Listed, status }: Parts) {
  const RecordItem = namedObject(schemaNameOf(kind, 'RecordItem'), {
    kind: withDescription(text, 'The kind of the record: the name of its lifecycle.'),
    id: text,
    title: orNull(text),
    recipient: orNull(text),
    status,
    statusOrigin: oneOf(
      STATUS_ORIGINS,
      'Where the status comes from: a register, or a decision made in Docket.',
    ),
    state: Listed,
    version,
    owner: orNull(text),
    issue: orNull(text),
    report: orNull(
      object({
        name: withDescription(orNull(text), 'The name of the report.'),
        publishedOn: withDescription(date, 'The date of publication.'),
      }),
    ),
    issuedOn: date,
    updatedOn: date,
    dueOn: orNull(date),
    closedOn: withDescription(
      orNull(date),
      'The effective date of the current closure; null while the record is open.',
    ),
    waiting: withDescription(list(oneOf(WAITS)), 'The parts of the record that wait for a decision.'),
    lifecycle: orNull(lifecycle),
    highlights: optional(
      withDescription(list(highlight), 'Up to three matches of `q`, title first; absent without `q`.'),
    ),
  });

  return {
    RecordPage: object({
      items: list(RecordItem),
      nextCursor: orNull(text),
      previousCursor: withDescription(orNull(text), 'The cursor of the previous page; null on the first.'),
      total: optional(
        withDescription(count, `The number of records on all pages; absent beyond ${TOTAL_MAX}.`),
      ),
      totalAtLeast: optional(
        withDescription(
          count,
          'A lower bound for the number of records. Either `total` or `totalAtLeast` is present.',
        ),
      ),
      position,
      view: optional(view),
      didYouMean: optional(
        withDescription(
          text,
          'A spelling correction of `q` that has matches, if `q` has none; otherwise absent.',
        ),
      ),
    }),
  };
}

function recordAnswers(kind: RecordKind, { State, status, fields, commands }: Parts) {
  return {
    Issued: object({ [memberOf(kind)]: list(object({ id: text, version, status })), position }),
    CommandAnswer: object({
      id: text,
      version,
      position,
      status,
      state: State,
      events: list(object({ eventId: text, type: text, version })),
      erased: optional(
        withDescription(
          object({ remains }),
          'Where erased values remain in the files of the service; present only for a redaction. No request returns them any more. `pending` means that they still have to be erased from files of the store or the read models. Repeat the request with the same Idempotency-Key to see the progress.',
        ),
      ),
    }),
    Record: object({
      id: text,
      ...fields.details,
      status,
      state: State,
      version,
      lifecycle,
      issuedOn: date,
      ...fields.currentData,
    }),
    RecordCommands: object({
      commands: list(
        object({
          command: oneOf(commands),
          allowed: boolean,
          because: list(reason),
        }),
      ),
    }),
  };
}

function historyAnswers(kind: RecordKind, { status, fields, regions }: Parts) {
  const StatechartRegion = namedObject(schemaNameOf(kind, 'StatechartRegion'), {
    region: oneOf(regions),
    initial: text,
    states: list(text),
    arrows: list(object({ ...arrow, from: text, fromAny: boolean, taken: count })),
    current: text,
    path: list(object({ state: text, from: date, to: orNull(date), days: count, event: text, version })),
    days: mapOf(count),
    next: list(object(arrow)),
  });

  return {
    Export: object({
      id: text,
      ...fields.details,
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
          reason: optional(
            withDescription(orNull(text), 'The reason, as text or code; null if it was erased.'),
          ),
          status,
          ...fields.line,
        }),
      ),
    }),
    Statechart: object({
      id: text,
      version,
      status,
      view: object({ effectiveOn: orNull(date), knownAt: orNull(instant) }),
      day: withDescription(date, 'The day up to which the current stays are counted.'),
      lifecycle: object({ name: text, version, digest: hash }),
      guards: mapOf(object({ region: text, in: list(text) })),
      snapshot: withDescription(
        schemed<object>({ type: 'object' }),
        'The XState snapshot of the record: `createActor(machine, { snapshot })` continues from it.',
      ),
      regions: list(StatechartRegion),
    }),
  };
}
