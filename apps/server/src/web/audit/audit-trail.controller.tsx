import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TrailName } from '#state-machines/audit-trail-events';
import { listTrail, trailTable } from '#use-cases/audit-trail/list-trail';
import { identityOf } from '../../api/authentication.ts';
import { CsvAnswers } from '../../api/csv-answers.ts';
import { withFreshReads } from '../../api/fresh-reads.ts';
import { parseQuery } from '../../api/route-query.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { parseParams, foundAt, queryFrom, addressOf, changedParams } from '../lists/list-address.ts';
import { TRAIL_PATHS, auditLog, shortId } from './log-addresses.ts';
import { AuditTable, DownloadList, nothingOf, OF_RECORD, PERSON, sendAuditList } from './audit-list.tsx';
import type { AuditQuery } from './audit-list.tsx';
import type { LISTED_ACCESSES, TrailItem, TrailPage } from '#read-models/audit-trail';
import { COMMAND_NAMES } from '#state-machines/any-kind';
import { kinds } from '#state-machines/record-streams';
import { OWN_CODES, PROBLEMS } from '#use-cases/problems';
import type { Content, Element } from '../components/macro-options.ts';
import { Link } from '../components/button.tsx';
import { dayAndTime } from '../dates.ts';
import { choicesOf, choiceFilter, day, filtersByName, kindFilter } from '../lists/filters.ts';
import type { FilterGroup } from '../lists/filters.ts';
import { ListPages } from '../lists/list-page.tsx';
import { personName } from '../names.ts';
import { recordPath } from '../page-paths.ts';
import { upperFirst, withArticle } from '#lifecycle/words';
import { commandTitles, countWords, RECORD, recordName, ROLE_WORDS, wordsFor } from '../words.ts';

/** The lists of the audit trail, as pages and as files. */
@ApiExcludeController()
@Controller('audit')
export class AuditTrailPages {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(CsvAnswers) private readonly answers!: CsvAnswers;

  @Get(['refusals', 'accesses'])
  async page(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const list = listAt(request);
    await sendAuditList(
      reply,
      this.parts.readModels,
      { ...LISTS[list], groups: groupsOf(list), path: TRAIL_PATHS[list], name: 'subject' },
      (params) =>
        foundAt(params, { route: list }, (query) => listTrail(...this.#listArgs(request), list, query)),
      (page, query) => <TrailItems {...query} list={list} page={page} />,
    );
  }

  @Get(['refusals.csv', 'accesses.csv'])
  async file(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const list = listAt(request);
    const query = parseQuery(queryFrom(parseParams(request.url)), list);
    await this.answers.sendTable(request, reply, list, () =>
      trailTable(...this.#listArgs(request), list, query),
    );
  }

  #listArgs(request: FastifyRequest) {
    return [withFreshReads(request, this.parts), identityOf(request)] as const;
  }
}

const listAt = ({ routeOptions }: FastifyRequest): TrailName =>
  routeOptions.url?.includes('refusals') === true ? 'refusals' : 'accesses';

const KIND_WORDS: Readonly<Record<(typeof LISTED_ACCESSES)[number], string>> = {
  export: 'A record as a file',
  pack: 'An evidence pack',
  log: 'The whole log',
  internal: 'Internal content of a record',
};

const TRIED_WORDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(COMMAND_NAMES.map((name) => [name, commandTitles(name)])),
  issue: `Issue ${withArticle(RECORD.singular)}`,
  import: 'Import a register record',
};

/** The reasons for refusals of commands, for a reader other than the person who was refused. */
const REASON_WORDS: Readonly<Record<string, string>> = {
  'role-not-permitted': 'The person has no role that allows this',
  'separation-of-duties': 'Another person must do this',
  'own-body-decides': 'The person’s own body could still become the body of the record',
  'command-not-allowed': 'The status of the record does not allow this',
  'closure-request-needed': 'Another person must first request the closure',
  'decides-outdated': 'Something had changed after the request',
  'version-mismatch': 'The record had changed since the person read it',
  'not-found': 'The record does not exist, or the person cannot see it',
  'unknown-command': 'There is no such action',
  'id-already-used': 'The reference is already in use',
  'idempotency-key-reused': 'The request reused the key of a different request',
  'effective-date-in-future': 'The effective date is in the future',
  'effective-date-out-of-order':
    'The effective date is earlier than that of an event that the action depends on',
  'effective-date-not-yours': 'People who work for a body cannot set an effective date',
  'effective-date-before-issue': 'The effective date is before the record was issued',
  'effective-date-before-threshold':
    'The effective date is before a missed deadline that is already recorded',
  'effective-date-of-correction': 'A correction must have the effective date of the corrected event',
  'owner-unknown': 'No known person has the name entered for the owner',
  'owner-ambiguous': 'Several people have the name entered for the owner',
  'deadline-unknown': 'There is no such deadline',
  'deadline-ambiguous': 'There are several deadlines, and none was chosen',
  'deadline-not-later': 'The new date is not later than the current one',
  'due-in-past': 'The deadline is in the past or before the publication date',
  'publication-out-of-range': 'The publication date is too early or too late',
  'too-many-deadlines': 'The record has too many deadlines',
  'successor-is-itself': 'A record cannot replace itself',
  'successor-not-found': 'The replacement record does not exist',
  'successor-closed': 'The replacement record is closed',
  'successor-of-another-body': 'The replacement record is for another body',
  'supersede-cycle': 'The replacement record was itself replaced by this record',
  'record-full': 'The record has no space for more events',
  'event-not-found': 'The record has no such event',
  'not-correctable': 'The event has nothing that can be corrected in this way',
  'correction-ambiguous': 'There are several corrections, and none was chosen',
  'not-redactable': 'Only free text can be redacted',
  'history-differs': 'The history in the file differs from the history of the record',
  'not-a-register-record': 'The file does not look like a register record',
};

const REASONS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(PROBLEMS).map(([code, { title }]) => [code, title])),
  ...REASON_WORDS,
};
const LISTED_REASONS = [...Object.keys(REASON_WORDS), ...OWN_CODES.keys()];

interface ListForm<Name extends TrailName> {
  readonly heading: string;
  readonly intro: Element;
  /** The text for an empty list. */
  readonly none: string;
  /** The noun for one item, and for several. */
  readonly counted: readonly [string, string];
  /** Its own filters, columns and cells; time, person, record and days are common to all lists. */
  readonly filters: FilterGroup;
  readonly columns: readonly string[];
  cells(item: TrailItem<Name>): readonly Content[];
}

type AnyItem = TrailItem<TrailName>;

const REFUSALS: ListForm<'refusals'> = {
  heading: 'Refusals',
  intro: (
    <p class="govuk-body">
      Refused requests, with the person and the reason, newest first. Each refusal was recorded before it was
      sent.
    </p>
  ),
  none: 'Nothing has been refused.',
  counted: ['refusal', 'refusals'],
  filters: {
    title: 'Action and reason',
    filters: [
      choiceFilter('command', 'Action', 'one', choicesOf(TRIED_WORDS)),
      choiceFilter('code', 'Reason for the refusal', 'one', choicesOf(REASONS, LISTED_REASONS)),
    ],
  },
  columns: ['Action', 'Reason'],
  cells: ({ command, code, guard }) => [
    triedWords(command),
    <>
      {wordsFor(REASONS, code)}
      {guard !== null && `. Rule not met: ${guard.replaceAll('-', ' ')}`}
    </>,
  ],
};

const ACCESSES: ListForm<'accesses'> = {
  heading: 'Accesses',
  intro: (
    <>
      <p class="govuk-body">
        Who accessed what, newest first. Each access was recorded before the content was sent. Exports and
        packs are recorded each time, the log once per person per hour, and internal content once per person
        per record per day.
      </p>
      <p class="govuk-body">
        Not recorded: reading a record without its internal content, reading or downloading a list, and
        printing a page.
      </p>
    </>
  ),
  none: 'Nothing has been accessed.',
  counted: ['access', 'accesses'],
  filters: { title: 'Content', filters: [choiceFilter('kind', 'Kind', 'one', choicesOf(KIND_WORDS))] },
  columns: ['Content'],
  cells: ({ kind, format, version, withheld }) => [
    <>
      {wordsFor(KIND_WORDS, kind)}
      {format !== null && ` (${format})`}
      {version !== null && `, up to event ${version}`}
      {withheld !== null && `. ${withheldWords(withheld)}`}
    </>,
  ],
};

/** Only the pack itself records which values were withheld. */
const withheldWords = (count: number): string =>
  count === 0 ? 'No value withheld' : `${countWords(count, 'value')} withheld; the pack lists them`;

const LISTS: { readonly [Name in TrailName]: ListForm<Name> } = { refusals: REFUSALS, accesses: ACCESSES };

const triedWords = (command: string | null): string =>
  command === null ? 'Unknown action' : wordsFor(TRIED_WORDS, command);

const groupsOf = (list: TrailName): readonly FilterGroup[] => [
  { title: 'Person', filters: [PERSON] },
  LISTS[list].filters,
  { title: upperFirst(RECORD.singular), filters: [OF_RECORD] },
  ...kindFilter('recordKind'),
  { title: 'Days', filters: [day('from', 'From'), day('to', 'To')] },
];

/** Links to all items of the person. */
function whoOf({ actor }: Pick<AnyItem, 'actor'>, path: string, params: URLSearchParams): Content {
  const { subject, roles } = actor;
  return (
    <>
      <Link href={addressOf(path, changedParams(params, { subject }))}>{personName(subject)}</Link>
      {roles.length > 0 && (
        <span class="docket-id">{roles.map((role) => wordsFor(ROLE_WORDS, role)).join(', ')}</span>
      )}
    </>
  );
}

/** The record may not exist. */
function recordCell({ record: id, recordKind }: Pick<AnyItem, 'record' | 'recordKind'>): Content {
  if (id === null) return 'None';
  const kind = kinds.find(recordKind);
  if (kind === null) return id;
  return (
    <Link classes="docket-id" href={recordPath({ kind, id })}>
      {kinds.all.length > 1 ? recordName({ kind, id }) : id}
    </Link>
  );
}

const whenOf = ({ recordedAt, correlationId }: Pick<AnyItem, 'recordedAt' | 'correlationId'>): Content => (
  <>
    {dayAndTime(recordedAt)}
    <Link classes="docket-id" href={auditLog({ correlationId })}>
      <span class="govuk-visually-hidden">Events in the request </span>
      {shortId(correlationId)}
    </Link>
  </>
);

interface TrailItemsOptions extends AuditQuery {
  readonly list: TrailName;
  readonly page: TrailPage<TrailName>;
}

export function TrailItems({
  list,
  page: { items, nextCursor },
  params,
  people,
}: TrailItemsOptions): Element {
  const path = TRAIL_PATHS[list];
  const form: ListForm<TrailName> = LISTS[list];
  const isNarrowed = [...filtersByName(groupsOf(list)).keys()].some((name) => params.has(name));
  if (items.length === 0)
    return (
      <p class="govuk-body">{isNarrowed ? nothingOf(people, 'Nothing matches these filters.') : form.none}</p>
    );
  return (
    <>
      <AuditTable
        count={countWords(items.length, ...form.counted)}
        caption={form.heading}
        columns={['When', 'Who', ...form.columns, upperFirst(RECORD.singular)]}
        rows={items.map((item) => [
          whenOf(item),
          whoOf(item, path, params),
          ...form.cells(item),
          recordCell(item),
        ])}
      />
      <ListPages path={path} params={params} next={nextCursor} />
      <DownloadList path={`${path}.csv`} params={params}>
        {`Download all ${form.heading.toLowerCase()} that match (CSV)`}
      </DownloadList>
    </>
  );
}
