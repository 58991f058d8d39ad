import type { JsonValue } from '#event-sourcing/envelope';
import { labelOf } from '#lifecycle/fields';
import { isInHeadline } from '#lifecycle/words';
import { lifecycles } from '#state-machines/lifecycles';
import type { TimelineItem } from '#read-models/timeline/timeline';
import { londonDate } from '#state-machines/london';
import type { Content, Element } from '../components/macro-options.ts';
import { Tag } from '../components/set-apart.tsx';
import type { TimelineEntry } from '../components/timeline.tsx';
import { dayAndTime, longDate } from '../dates.ts';
import { bodyName, personName } from '../names.ts';
import { fieldOf, ValueView } from '../member-values.tsx';
import type { SaidMember } from '../member-values.tsx';
import { recordPath } from '../way-back.ts';
import { counted, isOfSweep, REDACTED, ROLE_WORDS, recordName, wordsFor } from '../words.ts';
import type { RecordKind } from '#lifecycle/kind';
import { EntryWords } from './entry-words.tsx';
import type { Reading } from './entry-words.tsx';

/** An entry of a record's history, as a page of it or a paper tells it. */
interface EntryOptions {
  readonly item: TimelineItem;
  /** Of the record whose history it is. */
  readonly kind: RecordKind;
  /** So that it can be linked to. */
  readonly id?: string | undefined;
  readonly reading: Reading;
  /** Whether both dates are told where they are the same, too. */
  readonly isOnPaper: boolean;
  /** Links to an event that the entry names; null where none can be followed. */
  readonly linkTo: (eventId: string) => string | null;
  /** The form in which the viewer can correct it, or have its claim confirmed; none where they cannot. */
  readonly correctAt?: string | undefined;
  readonly isClaim?: boolean;
  /** The entry in whose place it stands, so that links to that one lead here, and where that one can be read. */
  readonly replaced?: { readonly version: number; readonly href: string } | undefined;
  /** Where the event stands that erased its text. */
  readonly erasedBy?: { readonly version: number; readonly href: string } | undefined;
  /** Leads to the whole of a text that was cut, of so many characters. */
  readonly rest?: (characters: number) => Content;
}

/** What an entry says: what, who, when, and the words that were written. */
export function entryOf(options: EntryOptions): TimelineEntry {
  const { item, kind, id, isOnPaper, replaced } = options;
  const { date, recorded } = datesOf(item, isOnPaper);
  return {
    id,
    title: headlineOf(item),
    tag: visibilityOf(item),
    isQuiet: isOfSweep(item.type),
    date,
    byline: [whoOf(item, kind), recorded].filter((words) => words !== null).join(' · '),
    links: linksOf(options),
    content: (
      <>
        {replaced !== undefined && <span id={`event-${replaced.version}`} />}
        <Particulars item={item} kind={kind} />
        <EntryWords {...options} />
      </>
    ),
  };
}

/** As the API's headline, with the names that pages have for bodies and people. */
export function headlineOf({ headline, recipient, owner }: TimelineItem): string {
  const ofBody = recipient === undefined ? headline : headline.replace(recipient, () => bodyName(recipient));
  if (owner === undefined) return ofBody;
  return owner === null
    ? ofBody.replace('not known', REDACTED)
    : ofBody.replace(owner, () => personName(owner));
}

/** Who recorded it, and as what. */
export function whoOf({ actor, role, type }: TimelineItem, { name }: RecordKind): string {
  if (isOfSweep(type)) return 'Noticed automatically';
  if (role !== null) return `${personName(actor)}, ${wordsFor(ROLE_WORDS, role)}`;
  return type === lifecycles.current(name).words.importEvent
    ? `${personName(actor)}, by import`
    : `From a register, imported by ${personName(actor)}`;
}

/** Who reads a comment is said in words. */
function visibilityOf({ visibility }: TimelineItem): Content {
  if (visibility === undefined) return undefined;
  return visibility === 'internal' ? (
    <Tag classes="govuk-tag--yellow">Internal</Tag>
  ) : (
    <Tag classes="govuk-tag--grey">Public</Tag>
  );
}

/** The day from which it holds, and beside it when it was recorded, where that is another day or both are asked for. */
function datesOf({ effectiveOn, recordedAt }: TimelineItem, isOnPaper: boolean) {
  const recorded = dayAndTime(recordedAt);
  return !isOnPaper && londonDate(recordedAt) === effectiveOn
    ? { date: recorded, recorded: null }
    : { date: `Effective ${longDate(effectiveOn)}`, recorded: `recorded ${recorded}` };
}

/** The same in a line of its own, which names the zone. */
export function whenOf(item: TimelineItem): string {
  const { date, recorded } = datesOf(item, false);
  return `${date}${recorded === null ? '' : `, ${recorded}`} UK time`;
}

function Particulars({ item, kind }: Pick<EntryOptions, 'item' | 'kind'>): Element | null {
  const { evidence, supersedes, supersededBy, notConsidered = [] } = item;
  const other = supersedes ?? supersededBy;
  return (
    <>
      {evidence !== undefined && evidence.length > 0 && (
        <ul class="govuk-list govuk-list--bullet">
          {evidence.slice(0, NAMES_MAX).map((name, index) => (
            <li key={index}>{name ?? REDACTED}</li>
          ))}
          {evidence.length > NAMES_MAX && <li>and {evidence.length - NAMES_MAX} more</li>}
        </ul>
      )}
      {furtherSaid({ item, kind }).map((said) => (
        <p class="govuk-body" key={said.name}>
          {labelOf(said.name, said.field)}: <ValueView {...said} />
        </p>
      ))}
      {notConsidered.length > 0 && (
        <p class="govuk-body">
          {`${counted(notConsidered.length, 'submission')} of evidence came after the request for closure. The decision did not consider it.`}
        </p>
      )}
      {other !== undefined && (
        <p class="govuk-body">
          <a class="govuk-link" href={recordPath({ kind, id: other })}>
            {recordName({ kind, id: other })}
          </a>
        </p>
      )}
    </>
  );
}

/** What an entry tells by a tag, by links or in lines of their own; all else, unless the headline tells it, is told by its label. */
const TOLD_OTHERWISE: ReadonlySet<string> = new Set([
  ...(['eventId', 'version', 'type', 'effectiveOn', 'recordedAt', 'actor', 'role', 'headline'] as const),
  ...(['text', 'reason', 'status', 'visibility', 'evidence', 'supersedes', 'supersededBy'] as const),
  ...(['decides', 'notConsidered', 'considers', 'completes', 'redacts', 'corrects'] as const),
]);

/** Each further member with what people see it called. */
function furtherSaid({ item, kind }: Pick<EntryOptions, 'item' | 'kind'>): readonly SaidMember[] {
  const { words } = lifecycles.current(kind.name);
  return Object.entries(item).flatMap(([name, value = null]: [string, JsonValue | undefined]) =>
    TOLD_OTHERWISE.has(name) || isInHeadline(words, item.type, [name, value])
      ? []
      : [{ name, value, field: fieldOf(kind.name, item.type, name) }],
  );
}

/** So many names of evidence are told with an entry. */
const NAMES_MAX = 20;

/** Links to the events that an entry names, and to the form that corrects it. */
function linksOf({ item, linkTo, replaced, correctAt, isClaim = false }: EntryOptions): readonly Element[] {
  const { decides = [], notConsidered = [], completes, redacts, corrects } = item;
  const named: readonly (readonly [string, string])[] = [
    ...decides.slice(0, NAMES_MAX).map((id) => ['What it decides on', id] as const),
    ...notConsidered.slice(0, NAMES_MAX).map((id) => ['What it did not consider', id] as const),
    ...(redacts === undefined ? [] : [['What was redacted', redacts] as const]),
    ...(corrects === undefined ? [] : [['What it is about', corrects] as const]),
  ];
  const links: Element[] = named.flatMap(([words, id], index) => {
    const href = linkTo(id);
    const count = named.length > 1 ? ` (${index + 1} of ${named.length})` : '';
    return href === null ? [] : [<EntryLink href={href}>{words + count}</EntryLink>];
  });
  const earlier = replaced?.href ?? (completes === undefined ? null : linkTo(completes));
  if (earlier !== null) links.push(<EntryLink href={earlier}>What it takes the place of</EntryLink>);
  if (correctAt === undefined) return links;
  return [
    ...links,
    <EntryLink href={correctAt}>
      {isClaim ? 'Request confirmation of this claim' : 'Correct this'}
      <span class="govuk-visually-hidden">: {headlineOf(item)}</span>
    </EntryLink>,
  ];
}

const EntryLink = ({ href, children }: { readonly href: string; readonly children: Content }): Element => (
  <a class="govuk-link" href={href}>
    {children}
  </a>
);
