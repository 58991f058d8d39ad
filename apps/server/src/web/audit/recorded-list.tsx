import type { AccessItem, ListedKind } from '#read-models/accesses/accesses-query';
import type { RefusalItem } from '#read-models/refusals/refusals-query';
import { kinds } from '#state-machines/record-streams';
import { COMMAND_NAMES } from '#state-machines/any-kind';
import { titleOf } from '#use-cases/problems';
import { PROBLEM_CODES } from '../../api/problems.ts';
import type { Content, Element } from '../components/macro-options.ts';
import { Pagination } from '../components/pagination.tsx';
import { longInstant } from '../dates.ts';
import { chosenFilters } from '../lists/chosen-filters.ts';
import { choicesOf, chosen, day, filtersByName, kindFilter } from '../lists/filters.ts';
import type { Filter, FilterGroup } from '../lists/filters.ts';
import { FiltersForm } from '../lists/filters-form.tsx';
import { addressOf, askedAnew } from '../lists/list-address.ts';
import type { ListProblems } from '../lists/list-address.ts';
import { ListErrors } from '../lists/list-problems.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';
import { personName } from '../names.ts';
import { recordPath } from '../way-back.ts';
import {
  commandTitle,
  counted,
  RECORD,
  recordName,
  ROLE_WORDS,
  upperFirst,
  withArticle,
  wordsFor,
} from '../words.ts';
import { auditLog, shortId } from './log-addresses.ts';
import { Namesakes, nothingOf } from './people-meant.tsx';
import type { TypedPerson } from './people-meant.tsx';

/** Where the lists of what is on record beside the records are. */
export const RECORDED_PATHS = { refusals: '/audit/refusals', accesses: '/audit/accesses' } as const;
export type RecordedName = keyof typeof RECORDED_PATHS;

const typed = (name: string, label: string, hint: string, told = (value: string) => value): Filter => ({
  name,
  label,
  kind: 'text',
  hint,
  told,
});

const PERSON = typed(
  'subject',
  'Person (name or subject)',
  'As the list has it, or the subject that their tokens name',
  personName,
);
const OF_RECORD: readonly FilterGroup[] = [
  {
    title: upperFirst(RECORD.singular),
    filters: [typed('recommendation', upperFirst(RECORD.singular), 'Its id')],
  },
  ...kindFilter('recordKind'),
];
const DAYS: FilterGroup = { title: 'Days', filters: [day('from', 'From'), day('to', 'Until')] };

const KIND_WORDS: Readonly<Record<ListedKind, string>> = {
  export: 'A record as a file',
  pack: 'An evidence pack',
  log: 'The whole log',
  internal: 'What is internal in a record',
};

const TRIED_WORDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(COMMAND_NAMES.map((name) => [name, commandTitle(name)])),
  issue: `Issue ${withArticle(RECORD.singular)}`,
  import: 'Import a register record',
};

const REASONS: Readonly<Record<string, string>> = Object.fromEntries(
  PROBLEM_CODES.map((code) => [code, titleOf(code)]),
);

/** How a list is narrowed and told. */
interface ListForm<Item> {
  readonly heading: string;
  readonly lead: Element;
  readonly none: string;
  /** What one of it is called, and several. */
  readonly counted: readonly [string, string];
  readonly groups: readonly FilterGroup[];
  readonly columns: readonly string[];
  readonly row: (item: Item, asked: URLSearchParams) => readonly Content[];
}

const REFUSALS: ListForm<RefusalItem> = {
  heading: 'Refusals',
  lead: (
    <p class="govuk-body">
      What was refused, to whom, and which rule stood against it, the newest first. Each was put on record
      before the refusal was answered.
    </p>
  ),
  none: 'Nobody was refused anything.',
  counted: ['refusal', 'refusals'],
  groups: [
    { title: 'Person', filters: [PERSON] },
    {
      title: 'What was tried, and why not',
      filters: [
        chosen('command', 'What was tried', 'one', choicesOf(TRIED_WORDS)),
        chosen('code', 'Why it was refused', 'one', choicesOf(REASONS)),
      ],
    },
    ...OF_RECORD,
    DAYS,
  ],
  columns: ['When', 'Who', 'Tried', 'Why not', upperFirst(RECORD.singular)],
  row: (item, asked) => [
    whenOf(item),
    whoOf(item, RECORDED_PATHS.refusals, asked),
    item.count > 1 || item.command === null ? moreOf(item.count) : wordsFor(TRIED_WORDS, item.command),
    <>
      {wordsFor(REASONS, item.code)}
      {item.guard !== null && `. The rule that was not met: ${item.guard.replaceAll('-', ' ')}`}
    </>,
    recordCell(item),
  ],
};

const ACCESSES: ListForm<AccessItem> = {
  heading: 'Accesses',
  lead: (
    <>
      <p class="govuk-body">
        Who was given what, the newest first. Each was put on record before it was given: exports and packs
        each time, the log once for a person and hour, what is internal once for a person, record and day.
      </p>
      <p class="govuk-body">
        Not on record is who read a record without what is internal in it, a list or its CSV, or printed a
        page.
      </p>
    </>
  ),
  none: 'Nobody was given anything of the kind.',
  counted: ['access', 'accesses'],
  groups: [
    { title: 'Person', filters: [PERSON] },
    { title: 'What was given', filters: [chosen('kind', 'Kind', 'one', choicesOf(KIND_WORDS))] },
    ...OF_RECORD,
    DAYS,
  ],
  columns: ['When', 'Who', 'What', upperFirst(RECORD.singular)],
  row: (item, asked) => [
    whenOf(item),
    whoOf(item, RECORDED_PATHS.accesses, asked),
    <>
      {wordsFor(KIND_WORDS, item.kind)}
      {item.format !== null && ` (${item.format})`}
      {item.count > 1 && `: ${moreOf(item.count)}`}
      {item.version !== null && `, up to event ${item.version}`}
      {item.withheld !== null && `. ${withheldWords(item.withheld)}`}
    </>,
    recordCell(item),
  ],
};

/** What was left out of a pack: which values these are is on record in the pack alone. */
const withheldWords = (count: number): string =>
  count === 0 ? 'No value withheld' : `${counted(count, 'value')} withheld; which, its list in the pack says`;

const LISTS = { refusals: REFUSALS, accesses: ACCESSES };

/** What was too much to be recorded one by one. */
const moreOf = (count: number): string =>
  count === 1 ? 'Not a command' : `${counted(count, 'time')}, counted together`;

/** Who it was, as a link to all of theirs. */
function whoOf({ actor }: Pick<RefusalItem, 'actor'>, path: string, asked: URLSearchParams): Content {
  if (actor === null) return 'Several people';
  const { subject, roles } = actor;
  return (
    <>
      <a class="govuk-link" href={addressOf(path, askedAnew(asked, { subject }))}>
        {personName(subject)}
      </a>
      {roles.length > 0 && (
        <span class="docket-id">{roles.map((role) => wordsFor(ROLE_WORDS, role)).join(', ')}</span>
      )}
    </>
  );
}

/** What was asked need not be there. */
function recordCell({ record: id, recordKind }: Pick<RefusalItem, 'record' | 'recordKind'>): Content {
  if (id === null) return 'None';
  const kind = kinds.all.find(({ name }) => name === recordKind);
  if (kind === undefined) return id;
  return (
    <a class="govuk-link docket-id" href={recordPath({ kind, id })}>
      {kinds.all.length > 1 ? recordName({ kind, id }) : id}
    </a>
  );
}

/** When it was, with a link to all that the request did; what was counted was of many. */
const whenOf = ({
  recordedAt,
  correlationId,
}: Pick<RefusalItem, 'recordedAt' | 'correlationId'>): Content => (
  <>
    {longInstant(recordedAt)}
    {correlationId !== null && (
      <a class="govuk-link docket-id" href={auditLog({ correlationId })}>
        <span class="govuk-visually-hidden">Events of the request </span>
        {shortId(correlationId)}
      </a>
    )}
  </>
);

export interface RecordedListOptions {
  readonly asked: URLSearchParams;
  readonly problems: ListProblems;
}

interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

interface Pages {
  readonly refusals: ListPage<RefusalItem>;
  readonly accesses: ListPage<AccessItem>;
}

/** What a list is called. */
export const headingOf = (name: RecordedName): string => LISTS[name].heading;

/** Who was refused what, or given what, with filters beside it. */
export function RecordedList<Name extends RecordedName>(
  options: RecordedListOptions & {
    readonly name: Name;
    /** Null where what is asked cannot be used. */
    readonly page: Pages[Name] | null;
    /** Who was asked for by what is no subject of theirs. */
    readonly people: readonly TypedPerson[];
  },
): Element {
  const { name, asked, problems, page, people } = options;
  const path = RECORDED_PATHS[name];
  const { heading, lead, groups } = LISTS[name];
  const filters = filtersByName(groups);
  const namesakes = people.filter(({ subjects }) => subjects.length > 1);
  return (
    <>
      {problems.length > 0 && <ListErrors problems={problems} filters={filters} />}
      <h1 class="govuk-heading-l">{heading}</h1>
      {lead}
      <div class="docket-list">
        <div class="docket-list__filters docket-not-on-paper">
          <FiltersForm
            {...{ path, groups, asked, problems }}
            kept={[]}
            chosen={problems.length > 0 ? [] : chosenFilters(path, asked, filters)}
          />
        </div>
        <div class="docket-list__items" id="results">
          {namesakes.map((person) => (
            <Namesakes of={person} asked={asked} filter={{ path, name: 'subject' }} />
          ))}
          {page !== null && namesakes.length === 0 && (
            <Listed form={LISTS[name] as ListForm<unknown>} {...{ page, asked, path, people }} />
          )}
        </div>
      </div>
    </>
  );
}

function Listed(given: {
  readonly form: ListForm<unknown>;
  readonly page: ListPage<unknown>;
  readonly asked: URLSearchParams;
  readonly path: string;
  readonly people: readonly TypedPerson[];
}): Element {
  const { form, page, asked, path, people } = given;
  const isNarrowed = filtersByName(form.groups)
    .keys()
    .some((name) => asked.has(name));
  if (page.items.length === 0)
    return (
      <p class="govuk-body">{isNarrowed ? nothingOf(people, 'Nothing matches these filters.') : form.none}</p>
    );
  return (
    <>
      <p class="govuk-body">{`${counted(page.items.length, ...form.counted)} on this page.`}</p>
      <StackedTable
        caption={form.heading}
        columns={form.columns.map((heading) => ({ heading }))}
        rows={page.items.map((item) => form.row(item, asked))}
      />
      {(asked.has('cursor') || page.nextCursor !== null) && (
        <Pagination
          landmarkLabel="Pages of the list"
          previous={
            asked.has('cursor')
              ? { content: 'First page', href: addressOf(path, askedAnew(asked, {})) }
              : undefined
          }
          next={
            page.nextCursor === null
              ? undefined
              : { href: addressOf(path, askedAnew(asked, { cursor: page.nextCursor })) }
          }
        />
      )}
      <p class="govuk-body docket-not-on-paper">
        <a class="govuk-link" href={addressOf(`${path}.csv`, askedAnew(asked, { limit: null }))} download>
          {`Download all ${form.heading.toLowerCase()} that match (CSV)`}
        </a>
      </p>
    </>
  );
}
