import type { JsonValue } from '#event-sourcing/envelope';
import { labelOf } from '#lifecycle/fields';
import { isInHeadline } from '#lifecycle/words';
import { lifecycles } from '#state-machines/lifecycles';
import { TEXT_MEMBERS } from '#read-models/timeline/timeline';
import type { TimelineItem } from '#read-models/timeline/timeline';
import { londonDate } from '#state-machines/london';
import type { Content, Element } from '../components/macro-options.ts';
import { Tag } from '../components/set-apart.tsx';
import type { TimelineEntry } from '../components/timeline.tsx';
import { longDate, longInstant } from '../dates.ts';
import { bodyName, personName } from '../names.ts';
import { fieldOf, valueOf, ValueView } from '../member-values.tsx';
import type { SaidMember } from '../member-values.tsx';
import { recordPath } from '../way-back.ts';
import { counted, isOfSweep, REDACTED, ROLE_WORDS, recordName, wordsFor } from '../words.ts';
import type { RecordKind } from '#lifecycle/kind';

/** An entry of a record's history, as a page of it or a paper tells it. */
interface EntryOptions {
  readonly item: TimelineItem;
  /** Of the record whose history it is. */
  readonly kind: RecordKind;
  /** So that it can be linked to. */
  readonly id?: string | undefined;
  /** So much of a text is shown, in characters. */
  readonly textMax: number;
  /** Whether both dates are told where they are the same, too. */
  readonly isOnPaper: boolean;
  /** Links to an event that the entry names; null where none can be followed. */
  readonly linkTo: (eventId: string) => string | null;
  /** The form in which the viewer can correct it, or have its claim confirmed; none where they cannot. */
  readonly correctAt?: string | undefined;
  readonly isClaim?: boolean;
  /** Where the event stands that erased its text. */
  readonly erasedBy?: { readonly version: number; readonly href: string } | undefined;
  /** Stands below a text that was cut. */
  readonly rest?: Content;
}

/** What an entry says: what, who, when, and the words that were written. */
export function entryOf(options: EntryOptions): TimelineEntry {
  const { item, kind, id, isOnPaper } = options;
  return {
    id,
    title: headlineOf(item),
    tag: visibilityOf(item),
    byline: whoOf(item, kind),
    date: whenOf(item, isOnPaper),
    content: (
      <>
        <Particulars item={item} kind={kind} />
        <Words {...options} />
        <Named {...options} />
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
  if (isOfSweep(type)) return 'Noticed by the deadline sweep';
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

/** When it was recorded, and since when it holds where that is another day or both are asked for. */
export function whenOf({ effectiveOn, recordedAt }: TimelineItem, isOnPaper = false): string {
  return !isOnPaper && londonDate(recordedAt) === effectiveOn
    ? longInstant(recordedAt)
    : `Holds from ${longDate(effectiveOn)}, recorded ${longInstant(recordedAt)}`;
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

function Words({ item, kind, textMax, rest, erasedBy }: EntryOptions): Element {
  const { text } = item;
  const reason = fieldOf(kind.name, item.type, 'reason');
  const { headlineTellsReason = [] } = lifecycles.current(kind.name).words;
  const why = headlineTellsReason.includes(item.type) || item.reason === text ? undefined : item.reason;
  const isCut = (text ?? '').length > textMax;
  const label = textLabel(item, kind);
  return (
    <>
      {text !== undefined && (
        <p class="govuk-body docket-text">
          {label !== undefined && <strong>{label}: </strong>}
          {text === null ? <Erased by={erasedBy} /> : isCut ? cut(text, textMax) : text}
        </p>
      )}
      {isCut && rest}
      {why !== undefined && (
        <p class="govuk-body docket-text">
          <strong>{reason.label ?? 'Why'}:</strong>{' '}
          {why === null ? REDACTED : cut(valueOf(reason, why), textMax)}
        </p>
      )}
    </>
  );
}

/** What the text of an entry is called, where it has a label that its headline does not say. */
function textLabel({ type, headline }: TimelineItem, { name }: RecordKind): string | undefined {
  const { words, code } = lifecycles.current(name);
  const members = code.shapes.types[type]?.members ?? {};
  const member = TEXT_MEMBERS.find((each) => Object.hasOwn(members, each));
  const label = words.headline === undefined && member !== undefined ? members[member]?.label : undefined;
  return label !== undefined && headline.toLowerCase().includes(label.toLowerCase()) ? undefined : label;
}

const Erased = ({ by }: { readonly by: EntryOptions['erasedBy'] }): Element => (
  <>
    {REDACTED}
    {by !== undefined && (
      <>
        {' '}
        <a class="govuk-link" href={by.href}>{`erased by event ${by.version}`}</a>
      </>
    )}
  </>
);

/** The beginning of a text, up to a word's end where one is near; no character is halved. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const whole = text.slice(0, max).replace(/[\ud800-\udbff]$/, '');
  const end = whole.lastIndexOf(' ');
  return `${end > max * 0.8 ? whole.slice(0, end) : whole} …`;
}

function Named({ item, linkTo, correctAt, isClaim = false }: EntryOptions): Element | null {
  const { decides = [], notConsidered = [], completes, redacts, corrects } = item;
  const named: readonly (readonly [string, string])[] = [
    ...decides.slice(0, NAMES_MAX).map((id) => ['What it decides on', id] as const),
    ...notConsidered.slice(0, NAMES_MAX).map((id) => ['What it did not consider', id] as const),
    ...(completes === undefined ? [] : [['What it takes the place of', completes] as const]),
    ...(redacts === undefined ? [] : [['What was redacted', redacts] as const]),
    ...(corrects === undefined ? [] : [['What it is about', corrects] as const]),
  ];
  const links = named.flatMap(([words, id], index) => {
    const href = linkTo(id);
    const count = named.length > 1 ? ` (${index + 1} of ${named.length})` : '';
    return href === null ? [] : [{ words: words + count, href }];
  });
  if (links.length === 0 && correctAt === undefined) return null;
  return (
    <p class="govuk-body docket-not-on-paper">
      {links.map(({ words, href }) => (
        <>
          <a class="govuk-link" href={href}>
            {words}
          </a>{' '}
        </>
      ))}
      {correctAt !== undefined && (
        <a class="govuk-link" href={correctAt}>
          {isClaim ? 'Request confirmation of this claim' : 'Correct this'}
          <span class="govuk-visually-hidden">: {headlineOf(item)}</span>
        </a>
      )}
    </p>
  );
}
