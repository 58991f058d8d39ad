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
import { TOTAL_MAX } from '#read-models/register/register-pages';
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
const arrow = {
  event: withDescription(text, 'The type of event that follows the arrow.'),
  guard: withDescription(orNull(text), 'The guard of the arrow; null if it has none.'),
  to: withDescription(text, 'The state to which the arrow leads.'),
};

const highlight = object({
  field: withDescription(
    oneOf(['title', 'text', 'report', 'comment']),
    'The part of the record that matches. Comments include internal ones if you may read them.',
  ),
  visibility: optional(
    withDescription(oneOf(['internal']), 'The visibility of the comment; present only for an internal one.'),
  ),
  eventId: withDescription(text, 'The id of the event that contains the text.'),
  snippet: withDescription(text, 'A part of the text, without markup.'),
  matches: withDescription(
    list(object({ from: count, to: count })),
    'The matches in the snippet, as UTF-16 offsets (as in JavaScript): `from` is inclusive, `to` exclusive.',
  ),
});

/** Returns the schemas of responses about records of one kind. */
export function kindAnswers(kind: RecordKind) {
  const parts = partsOf(kind);
  return { ...listAnswers(kind, parts), ...recordAnswers(kind, parts), ...historyAnswers(kind, parts) };
}

function partsOf(kind: RecordKind) {
  const { definition, commands, answers, code } = lifecycles.current(kind.name);
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
  const ofBody: object = code.body === undefined ? {} : { recipient: optional(orNull(text)) };
  return {
    State,
    Listed,
    status,
    fields,
    ofBody,
    commands: Object.keys(commands),
    regions: Object.keys(ofRegions),
  };
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
    updatedOn: withDescription(date, 'The latest effective date of the events.'),
    dueOn: orNull(date),
    responseDueOn: withDescription(
      orNull(date),
      'The date of the response that is due; null if there is none.',
    ),
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
      previousCursor: withDescription(orNull(text), "The previous page's cursor; null on the first page."),
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
    }),
  };
}

function recordAnswers(kind: RecordKind, { State, status, fields, ofBody, commands }: Parts) {
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
          object({ remains, detail: optional(text) }),
          'Where erased values remain in the files of the service; present only for a redaction. No request returns them any more. `pending` means that lists or files still have to follow: lists that lack the redaction are not returned until then (503 `read-model-behind`). Repeat the request with the same Idempotency-Key to see the progress.',
        ),
      ),
    }),
    Record: object({
      id: text,
      ...ofBody,
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
          stillOpen: withDescription(
            optional(list(text)),
            'The open points of the record that do not prevent the command, for whoever decides on a closure.',
          ),
        }),
      ),
    }),
  };
}

function historyAnswers(kind: RecordKind, parts: Parts) {
  const { status, fields } = parts;
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
    Statechart: statechartAnswer(kind, parts),
  };
}

const statechartAnswer = (kind: RecordKind, parts: Parts) =>
  object({
    id: withDescription(text, 'The id of the record.'),
    version: withDescription(version, 'The version of the record.'),
    status: parts.status,
    view: withDescription(
      object({
        effectiveOn: withDescription(orNull(date), 'The requested date; null if none was requested.'),
        knownAt: withDescription(orNull(instant), 'The requested instant; null if none was requested.'),
      }),
      'The view of the past that was requested.',
    ),
    day: withDescription(date, 'The day up to which the current stays are counted.'),
    lifecycle: object(
      {
        name: withDescription(text, 'The name of the lifecycle.'),
        version: withDescription(version, 'The version of the lifecycle.'),
        digest: withDescription(hash, "The SHA-256 of the lifecycle's definition."),
      },
      "The record's lifecycle.",
    ),
    guards: withDescription(
      mapOf(
        object({
          region: withDescription(text, 'The region that the guard checks.'),
          in: list(text, 'The states of this region in which the guard is met.'),
        }),
      ),
      'The guards of the lifecycle, by name.',
    ),
    snapshot: withDescription(
      schemed<object>({ type: 'object' }),
      'The XState snapshot of the record: `createActor(machine, { snapshot })` continues from it.',
    ),
    regions: list(regionAnswer(kind, parts), 'The parallel regions of the statechart.'),
  });

const regionAnswer = (kind: RecordKind, { regions }: Pick<Parts, 'regions'>) =>
  namedObject(schemaNameOf(kind, 'StatechartRegion'), {
    region: oneOf(regions, 'The name of the region.'),
    initial: withDescription(text, 'The initial state.'),
    states: list(text, 'All states of the region.'),
    arrows: list(
      object({
        ...arrow,
        from: withDescription(text, 'The state from which the arrow leads.'),
        fromAny: withDescription(boolean, 'Whether the arrow leads from every state of the region.'),
        taken: withDescription(count, 'The number of times that the record followed the arrow.'),
      }),
      'All arrows of the region.',
    ),
    current: withDescription(text, "The record's state in the region."),
    path: list(
      object({
        state: withDescription(text, 'The state of the stay.'),
        from: withDescription(date, 'The effective date on which the record entered the state.'),
        to: withDescription(
          orNull(date),
          'The effective date on which the record left the state; null for the current stay.',
        ),
        days: withDescription(count, 'The length of the stay in whole days.'),
        event: withDescription(text, 'The type of the event that entered the state.'),
        version: withDescription(version, 'The version of the event that entered the state.'),
      }),
      "The record's stays in states, in effective order.",
    ),
    days: withDescription(mapOf(count), 'The total number of days in each state.'),
    next: list(object(arrow), 'The arrows that lead from the current state.'),
  });
