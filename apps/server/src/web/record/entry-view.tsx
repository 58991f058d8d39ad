import type { JsonValue } from '#event-sourcing/envelope';
import { labelOf } from '#lifecycle/fields';
import { lifecycles } from '#state-machines/lifecycles';
import { TEXT_MEMBERS } from '#read-models/timeline/timeline';
import type { TimelineItem } from '#read-models/timeline/timeline';
import { londonDate } from '#state-machines/london';
import type { Content, Element } from '../components/macro-options.ts';
import { Tag, Details } from '../components/blocks.tsx';
import type { TimelineEntry } from '../components/timeline.tsx';
import { Link } from '../components/button.tsx';
import { dayAndTime, longDate } from '../dates.ts';
import { bodyName, personName } from '../names.ts';
import { fieldOf, ValueView, valueOf } from '../member-values.tsx';
import type { EventMember } from '../member-values.tsx';
import { recordPath } from '../page-paths.ts';
import { countWords, isOfSweep, REDACTED, ROLE_WORDS, recordName, wordsFor } from '../words.ts';
import type { RecordKind } from '#lifecycle/kind';

/** An entry of the history, on a page or in print. */
interface EntryOptions {
  readonly item: TimelineItem;
  readonly kind: RecordKind;
  /** The anchor. */
  readonly id?: string | undefined;
  readonly reading: Reading;
  /** Shows both dates even if they are equal. */
  readonly isOnPaper: boolean;
  /** Returns the link to an event; null if there is none. */
  readonly linkTo: (eventId: string) => string | null;
  /** The address of the form that corrects the entry or confirms its claim, if the viewer has one. */
  readonly correctAt?: string | undefined;
  readonly isClaim?: boolean;
  /** The entry that this one replaces; links to it open this one. */
  readonly replaced?: { readonly version: number; readonly href: string } | undefined;
  /** The event that erased the text. */
  readonly erasedBy?: { readonly version: number; readonly href: string } | undefined;
  /** Renders the link to the whole of a cut text, with its length. */
  readonly rest?: (characters: number) => Content;
}

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

/** Returns the API's headline with names of bodies and people. */
export function headlineOf({ headline, recipient, owner }: TimelineItem): string {
  const ofBody = recipient === undefined ? headline : headline.replace(recipient, () => bodyName(recipient));
  if (owner === undefined) return ofBody;
  return owner === null
    ? ofBody.replace('unknown', REDACTED)
    : ofBody.replace(owner, () => personName(owner));
}

export function whoOf({ actor, role, type }: TimelineItem, { name }: RecordKind): string {
  if (isOfSweep(type)) return 'Recorded automatically';
  if (role !== null) return `${personName(actor)}, ${wordsFor(ROLE_WORDS, role)}`;
  return type === lifecycles.current(name).words.importEvent
    ? `${personName(actor)}, by import`
    : `Imported from a register by ${personName(actor)}`;
}

function visibilityOf({ visibility }: TimelineItem): Content {
  if (visibility === undefined) return undefined;
  return visibility === 'internal' ? (
    <Tag classes="govuk-tag--yellow">Internal</Tag>
  ) : (
    <Tag classes="govuk-tag--grey">Public</Tag>
  );
}

/** Returns the effective date, and the time of recording if it is another day or both are requested. */
function datesOf({ effectiveOn, recordedAt }: TimelineItem, isOnPaper: boolean) {
  const recorded = dayAndTime(recordedAt);
  return !isOnPaper && londonDate(recordedAt) === effectiveOn
    ? { date: recorded, recorded: null }
    : { date: `Effective ${longDate(effectiveOn)}`, recorded: `recorded ${recorded}` };
}

/** Returns both in one line with the time zone. */
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
          {evidence.slice(0, NAMES_MAX).map((name) => (
            <li>{name ?? REDACTED}</li>
          ))}
          {evidence.length > NAMES_MAX && <li>and {evidence.length - NAMES_MAX} more</li>}
        </ul>
      )}
      {otherMembers({ item, kind }).map((member) => (
        <p class="govuk-body">
          {labelOf(member.name, member.field)}: <ValueView {...member} />
        </p>
      ))}
      {notConsidered.length > 0 && (
        <p class="govuk-body">
          {`${countWords(notConsidered.length, 'submission')} of evidence came after the request for closure. The decision did not consider this evidence.`}
        </p>
      )}
      {other !== undefined && (
        <p class="govuk-body">
          <Link href={recordPath({ kind, id: other })}>{recordName({ kind, id: other })}</Link>
        </p>
      )}
    </>
  );
}

/** Members that are shown as tags, links or separate lines; all others appear with their label. */
const SHOWN_SEPARATELY: ReadonlySet<string> = new Set([
  ...(['eventId', 'version', 'type', 'effectiveOn', 'recordedAt', 'actor', 'role', 'headline'] as const),
  ...(['text', 'reason', 'status', 'visibility', 'evidence', 'supersedes', 'supersededBy'] as const),
  ...(['decides', 'notConsidered', 'considers', 'completes', 'redacts', 'corrects'] as const),
]);

/** Returns the other members that the headline does not contain. */
function otherMembers({ item, kind }: Pick<EntryOptions, 'item' | 'kind'>): readonly EventMember[] {
  const { headlineMembers = [] } = lifecycles.current(kind.name).words;
  return Object.entries(item).flatMap(([name, value = null]: [string, JsonValue | undefined]) =>
    SHOWN_SEPARATELY.has(name) || headlineMembers.includes(name)
      ? []
      : [{ name, value, field: fieldOf(kind.name, item.type, name) }],
  );
}

const NAMES_MAX = 20;

function linksOf({ item, linkTo, replaced, correctAt, isClaim = false }: EntryOptions): readonly Element[] {
  const { decides = [], notConsidered = [], completes, redacts, corrects } = item;
  const named: readonly (readonly [string, string])[] = [
    ...decides.slice(0, NAMES_MAX).map((id) => ['See what was decided', id] as const),
    ...notConsidered.slice(0, NAMES_MAX).map((id) => ['See what was not considered', id] as const),
    ...(redacts === undefined ? [] : [['See what was redacted', redacts] as const]),
    ...(corrects === undefined ? [] : [['See the corrected entry', corrects] as const]),
  ];
  const links: Element[] = named.flatMap(([words, id], index) => {
    const href = linkTo(id);
    const count = named.length > 1 ? ` (${index + 1} of ${named.length})` : '';
    return href === null ? [] : [<Link href={href}>{words + count}</Link>];
  });
  const earlier = replaced?.href ?? (completes === undefined ? null : linkTo(completes));
  if (earlier !== null) links.push(<Link href={earlier}>See the replaced entry</Link>);
  if (correctAt === undefined) return links;
  return [
    ...links,
    <Link href={correctAt} about={`: ${headlineOf(item)}`}>
      {isClaim ? 'Request confirmation of this claim' : 'Correct this entry'}
    </Link>,
  ];
}

/** How much of a text is shown. */
interface Reading {
  /** Longer texts are cut, with a link to the whole text. */
  readonly max: number;
  /** Longer texts are collapsed from here. */
  readonly foldAt?: number;
  readonly isUnfolded?: boolean;
}

export const ALL_OF_IT: Reading = { max: Number.POSITIVE_INFINITY };

interface EntryWordsOptions {
  readonly item: TimelineItem;
  readonly kind: RecordKind;
  readonly reading: Reading;
  /** The event that erased the text. */
  readonly erasedBy?: { readonly version: number; readonly href: string } | undefined;
  /** Renders the link to the whole of a cut text, with its length. */
  readonly rest?: (characters: number) => Content;
}

/** The text and the reason of an entry. */
function EntryWords({ item, kind, reading, rest, erasedBy }: EntryWordsOptions): Element {
  const { text } = item;
  const reason = fieldOf(kind.name, item.type, 'reason');
  const { headlinesWithReason = [] } = lifecycles.current(kind.name).words;
  const why = headlinesWithReason.includes(item.type) || item.reason === text ? undefined : item.reason;
  const label = textLabel(item, kind);
  return (
    <>
      {text === null && (
        <Text label={label}>
          <Erased by={erasedBy} />
        </Text>
      )}
      {typeof text === 'string' && <LongText {...{ label, text, reading, rest }} />}
      {why === null && <Text label={reason.label ?? 'Why'}>{REDACTED}</Text>}
      {typeof why === 'string' && (
        <LongText {...{ label: reason.label ?? 'Why', text: valueOf(reason, why), reading, rest }} />
      )}
    </>
  );
}

const Text = ({
  label,
  children,
}: {
  readonly label?: string | undefined;
  readonly children: Content;
}): Element => (
  <p class="govuk-body docket-text">
    {label !== undefined && <strong>{label}: </strong>}
    {children}
  </p>
);

/** A text, with its rest collapsed or linked if it is long. */
function LongText({
  label,
  text,
  reading: { max, foldAt = max, isUnfolded },
  rest,
}: {
  readonly label: string | undefined;
  readonly text: string;
  readonly reading: Reading;
  readonly rest: EntryWordsOptions['rest'] | undefined;
}): Element {
  const beginning = beginningOf(text, foldAt);
  if (beginning.length === text.length) return <Text label={label}>{text}</Text>;
  const isCut = text.length > max;
  return (
    <>
      <Text label={label}>{isCut ? `${beginning.trimEnd()} …` : beginning.trimEnd()}</Text>
      {isCut ? (
        rest?.(text.length)
      ) : (
        <Details
          summary={`Show ${countWords(text.length - beginning.length, 'more character')}`}
          classes="docket-read-on"
          open={isUnfolded}
        >
          <p class="govuk-body docket-text">{text.slice(beginning.length).trimStart()}</p>
        </Details>
      )}
    </>
  );
}

/** Texts only slightly longer than the limit are shown whole. */
const WORTH_A_FOLD = 1.25;

/**
 * Returns the beginning of a text, cut at a paragraph, sentence or word if one ends near the limit. Never
 * splits a surrogate pair.
 */
function beginningOf(text: string, max: number): string {
  if (text.length <= max * WORTH_A_FOLD) return text;
  const whole = text.slice(0, max).replace(/[\ud800-\udbff]$/, '');
  const ends = ['\n\n', '. ', ' '].map((end) => whole.lastIndexOf(end) + end.length);
  return whole.slice(0, ends.find((end) => end > max * NEAR) ?? whole.length);
}

/** The minimum share of the limit that is used. */
const NEAR = 0.6;

/** Returns the label of an entry's text, if the headline does not contain it. */
function textLabel({ type, headline }: TimelineItem, { name }: RecordKind): string | undefined {
  const { words, code } = lifecycles.current(name);
  const members = code.shapes[type]?.members ?? {};
  const member = TEXT_MEMBERS.find((each) => Object.hasOwn(members, each));
  const label = words.headlines === undefined && member !== undefined ? members[member]?.label : undefined;
  return label !== undefined && headline.toLowerCase().includes(label.toLowerCase()) ? undefined : label;
}

const Erased = ({ by }: { readonly by: EntryWordsOptions['erasedBy'] }): Element => (
  <>
    {REDACTED}
    {by !== undefined && (
      <>
        {' '}
        <Link href={by.href}>{`erased by event ${by.version}`}</Link>
      </>
    )}
  </>
);
