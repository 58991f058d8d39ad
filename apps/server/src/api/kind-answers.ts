import { list, mapOf, meaning, named, object, oneOf, optional, orNull, schemed } from '#lifecycle/fields';
import type { RecordKind } from '#lifecycle/kind';
import { TOTAL_MAX } from '#read-models/register/register-query';
import { WAITS } from '#read-models/standing';
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
  guard: optional(meaning(text, 'The guard that does not hold.')),
});
const arrow = { event: text, guard: orNull(text), to: text };

const highlight = object({
  field: meaning(
    oneOf(['title', 'text', 'report', 'comment']),
    'Comments are public, and internal where you read such.',
  ),
  visibility: optional(meaning(oneOf(['internal']), 'Of a comment that not everybody reads; else absent.')),
  eventId: meaning(text, 'The event that says the text.'),
  snippet: meaning(text, 'Some of the text, plain, as it was written.'),
  matches: meaning(
    list(object({ from: count, to: count })),
    'What was found in the snippet: from the first of its UTF-16 units (as JavaScript counts them) up to, and without, the one at `to`.',
  ),
  cutBefore: meaning(boolean, 'Whether the text has more before the snippet.'),
  cutAfter: meaning(boolean, 'Whether the text has more behind it.'),
});

/** Returns the schemas of responses about records of one kind. */
export function kindAnswers(kind: RecordKind) {
  const parts = partsOf(kind);
  return { ...listAnswers(kind, parts), ...recordAnswers(kind, parts), ...historyAnswers(kind, parts) };
}

function partsOf(kind: RecordKind) {
  const { definition, commands, answers } = lifecycles.current(kind.name);
  const ofRegions = regionsOf({ definition });
  const State = named<typeof ofRegions>(schemaNameOf(kind, 'State'), { ...ofRegions, ...answers.state });
  // The types do not know which members a lifecycle adds.
  const told: { readonly [Part in keyof typeof answers]: object } = answers;
  const status = oneOf<string>(Object.keys(definition.machine.states[definition.statusRegion]?.states ?? {}));
  // A list contains the deadline state even for records without a deadline.
  const Listed =
    'deadline' in answers.state
      ? State
      : object<typeof ofRegions>({ ...ofRegions, deadline: oneOf(DEADLINE_STATES) });
  return { State, Listed, status, told, commands: Object.keys(commands), regions: Object.keys(ofRegions) };
}
type Parts = ReturnType<typeof partsOf>;

function listAnswers(kind: RecordKind, { Listed, status }: Parts) {
  const RecordItem = named(schemaNameOf(kind, 'RecordItem'), {
    kind: meaning(text, 'The kind of record: the name of its lifecycle.'),
    id: text,
    title: orNull(text),
    recipient: orNull(text),
    status,
    statusOrigin: oneOf(
      STATUS_ORIGINS,
      'Where the status came from: what a register said, or a decision that was given here.',
    ),
    state: Listed,
    version,
    owner: orNull(text),
    issue: orNull(text),
    report: orNull(
      object({
        name: meaning(orNull(text), 'What it is called.'),
        publishedOn: meaning(date, 'The day on which it was published.'),
      }),
    ),
    issuedOn: date,
    updatedOn: date,
    dueOn: orNull(date),
    closedOn: meaning(orNull(date), 'The effective date of the closing that stands; null while it is open.'),
    waiting: meaning(list(oneOf(WAITS)), 'What of it waits for a decision.'),
    lifecycle: orNull(lifecycle),
    highlights: optional(
      meaning(
        list(highlight),
        'Where `q` was found in it, title first, three places at the most; absent without `q`.',
      ),
    ),
  });

  return {
    RecordPage: object({
      items: list(RecordItem),
      nextCursor: orNull(text),
      previousCursor: meaning(orNull(text), 'That of the page before; null on the first.'),
      total: optional(meaning(count, `How many there are on all pages; absent beyond ${TOTAL_MAX}.`)),
      totalAtLeast: optional(
        meaning(count, 'That there are more than so many; one of the two is always there.'),
      ),
      position,
      view: optional(view),
      didYouMean: optional(
        meaning(
          text,
          'The search with typing errors corrected, where `q` finds nothing and this finds something; else absent.',
        ),
      ),
    }),
  };
}

function recordAnswers(kind: RecordKind, { State, status, told, commands }: Parts) {
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
        meaning(
          object({ remains }),
          'Of a redaction: until when what was erased can be found by who has the files of the service, though by nobody who asks it. Pending: it is still to be erased from files of the store or of the read models; the same Idempotency-Key says later how it stands.',
        ),
      ),
    }),
    Record: object({
      id: text,
      ...told.details,
      status,
      state: State,
      version,
      lifecycle,
      issuedOn: date,
      ...told.standing,
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

function historyAnswers(kind: RecordKind, { status, told, regions }: Parts) {
  const StatechartRegion = named(schemaNameOf(kind, 'StatechartRegion'), {
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
      ...told.details,
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
          ...told.line,
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
  };
}
