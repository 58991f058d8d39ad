import type { JsonValue } from '#event-sourcing/envelope';
import { labelOf } from '#lifecycle/fields';
import type { Members } from '#lifecycle/fields';
import { isPlainDate } from '#lifecycle/plain-date';
import { lifecycles } from '#state-machines/lifecycles';
import { longDate } from '../dates.ts';
import { fieldAt, valueOf, valueWords as eventWords } from '../member-values.tsx';
import { bodyName, personName } from '../names.ts';
import { countWords, DEADLINE_WORDS, REDACTED, regionTitle, stateTitle, wordsFor } from '../words.ts';
import { diffWordsWithSpace } from 'diff';
import type { Element } from '../components/macro-options.ts';
import { StackedTable } from '../lists/stacked-table.tsx';

/** Labels of a record's members. */
const MEMBER_WORDS = {
  title: 'Title',
  text: 'Text',
  reference: 'Reference',
  issue: 'Issued together as',
  recipient: 'Body',
  owner: 'Owner',
  status: 'Status',
  statusOrigin: 'Source of the status',
  version: 'Last event',
  issuedOn: 'Issued',
  supersededBy: 'Replaced by',
  'report.name': 'Report',
  'report.publishedOn': 'Report published',
  'lifecycle.version': 'Lifecycle version',
  'state.deadline': 'Deadline',
  moreAnomalies: 'More problems with the import',
} as const;

/** The members of `pending` in the API responses of all kinds. */
const PENDING: Members = Object.assign(
  {},
  ...lifecycles.currents.map(({ answers: { currentData } }) =>
    currentData['pending']?.kind === 'object' ? currentData['pending'].members : {},
  ),
) as Members;

/** Their items are keyed by id. */
const LIST_WORDS: Readonly<Record<string, string>> = {
  deadlines: 'Deadline',
  proposals: 'Date from the text',
  extensions: 'Extension requested',
  corrections: 'Correction requested',
  claims: 'Claim not confirmed',
  anomalies: 'Problem with the import',
  ...Object.fromEntries(
    Object.entries(PENDING).flatMap(([name, { label }]) => (label === undefined ? [] : [[name, label]])),
  ),
};

const OF_AN_ITEM = {
  dueOn: 'due',
  firstDueOn: 'first due',
  suggestedOn: 'suggested date',
  kind: 'kind',
  state: 'state',
  requester: 'requested by',
  requestedOn: 'requested on',
  eventId: 'request',
  corrects: 'corrected entry',
  publishedOn: 'publication date',
  recipient: 'body',
  confirms: 'confirms a claim',
  countedFrom: 'calculated from the publication date',
  claimant: 'recorded by',
  outcome: 'outcome',
  reason: 'reason',
  supersededBy: 'replaced by',
  deadlineId: 'deadline',
} as const;

/** Members of records whose lifecycle defines no view are labelled as in their events. */
const SAYS = 'says.';
const pointerOf = (path: string): string => `/data/${path.slice(SAYS.length).replaceAll('.', '/')}`;

/** Returns the label of a record's member, by its dotted path. */
export function memberWords(path: string): string {
  if (Object.hasOwn(MEMBER_WORDS, path)) return wordsFor(MEMBER_WORDS, path);
  if (path.startsWith(SAYS)) return eventWords(pointerOf(path));
  const [list = '', ...rest] = path.replace(/^pending\./, '').split('.');
  if (list === 'state') return regionTitle(rest.join('.'));
  if (!Object.hasOwn(LIST_WORDS, list)) return path;
  // Ids of events are meaningless to users; ids of deadlines are short and help.
  const ids = rest.filter((part) => !Object.hasOwn(OF_AN_ITEM, part) && /^[dp]?\d+$/.test(part));
  // `decides` is part of the request itself.
  const named = rest.filter((part) => part !== 'decides');
  const member = named.at(-1) ?? '';
  const memberText = Object.hasOwn(OF_AN_ITEM, member)
    ? wordsFor(OF_AN_ITEM, member)
    : named.slice(1).join(' ');
  return [[wordsFor(LIST_WORDS, list), ...ids].join(' '), memberText]
    .filter((words) => words !== '')
    .join(', ');
}

const ITEMS = /^pending\.([^.]+)\.items$/;

/** Returns the path of the ids that change together with these names; null for other paths. */
export const idsOfItems = (path: string): string | null => {
  const [, waits] = ITEMS.exec(path) ?? [];
  return waits === undefined ? null : `pending.${waits}.decides`;
};

const ORIGIN_WORDS = { command: 'Decided in Docket', import: 'Imported from a file' } as const;

/** Formats a member's value. */
export function valueWords(path: string, value: JsonValue): string {
  if (path.startsWith(SAYS) && value !== null) return valueOf(fieldAt(pointerOf(path)), value);
  if (value === null) return path === 'title' || path === 'text' ? REDACTED : 'Nothing';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (isList(value) && ITEMS.test(path))
    return value.map((name) => (typeof name === 'string' ? name : REDACTED)).join(', ');
  if (isList(value) && path.endsWith('.decides')) return decidedWords(path, value.length);
  if (isList(value)) return value.map((each) => valueWords(path, each)).join(', ') || 'None';
  if (typeof value !== 'string') return JSON.stringify(value);
  if (isPlainDate(value)) return longDate(value);
  return nameWords(path, value);
}

/** Counts the events instead of listing their ids. */
function decidedWords(path: string, count: number): string {
  const waits = PENDING[path.split('.')[1] ?? ''];
  const decided = waits?.kind === 'object' ? waits.members['decides'] : undefined;
  return countWords(count, decided?.label ?? 'event');
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

function nameWords(path: string, value: string): string {
  const member = path.split('.').at(-1) ?? '';
  if (path === 'status') return stateTitle(value);
  if (path === 'statusOrigin') return wordsFor(ORIGIN_WORDS, value);
  if (member === 'recipient') return bodyName(value);
  if (path === 'owner' || member === 'requester' || member === 'claimant') return personName(value);
  if (path === 'state.deadline' || (path.startsWith('deadlines.') && member === 'state'))
    return wordsFor(DEADLINE_WORDS, value);
  if (path.startsWith('state.')) return stateTitle(value);
  return member === 'kind' ? labelOf(value) : value;
}

/** Marks insertions and deletions visually and for screen readers. */
export function WordChanges({
  before,
  after,
  names,
}: {
  readonly before: string;
  readonly after: string;
  readonly names: readonly [string, string];
}): Element {
  const changes = wordChanges(before, after);
  if (changes === null)
    return (
      <>
        <p class="govuk-body">The texts differ too much to mark the changes, so both are shown in full.</p>
        <StackedTable
          caption="Both texts"
          columns={names}
          rows={[[<Whole text={before} />, <Whole text={after} />]]}
        />
      </>
    );
  return (
    <p class="govuk-body docket-text docket-changes">
      {changes.map(({ in: where, text }) =>
        where === 'both' ? (
          text
        ) : where === 'before' ? (
          <del>
            <span class="govuk-visually-hidden"> [deleted: </span>
            {text}
            <span class="govuk-visually-hidden">] </span>
          </del>
        ) : (
          <ins>
            <span class="govuk-visually-hidden"> [added: </span>
            {text}
            <span class="govuk-visually-hidden">] </span>
          </ins>
        ),
      )}
    </p>
  );
}

const Whole = ({ text }: { readonly text: string }): Element => <span class="docket-text">{text}</span>;

interface WordChange {
  readonly in: 'both' | 'before' | 'after';
  readonly text: string;
}

/** The limit of edits; beyond it both texts are shown whole, and the comparison would be slow. */
const EDITS_MAX = 1_500;

/** Returns the differences word by word; null if there are too many. */
export function wordChanges(before: string, after: string): WordChange[] | null {
  const found = diffWordsWithSpace(before, after, { maxEditLength: EDITS_MAX });
  return (
    found?.map(({ added, removed, value }) => ({
      in: added ? 'after' : removed ? 'before' : 'both',
      text: value,
    })) ?? null
  );
}
