import type { RecordKind } from '#lifecycle/kind';
import { TEXT_MEMBERS } from '#read-models/timeline/timeline';
import type { TimelineItem } from '#read-models/timeline/timeline';
import { lifecycles } from '#state-machines/lifecycles';
import { Details } from '../components/details.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { fieldOf, valueOf } from '../member-values.tsx';
import { counted, REDACTED } from '../words.ts';

/** How much of a text is read at once. */
export interface Reading {
  /** What has more characters is cut, and leads to all of it elsewhere. */
  readonly max: number;
  /** What is longer than this is folded from there on; absent where nothing is. */
  readonly foldAt?: number;
  readonly isUnfolded?: boolean;
}

export const ALL_OF_IT: Reading = { max: Number.POSITIVE_INFINITY };

interface EntryWordsOptions {
  readonly item: TimelineItem;
  readonly kind: RecordKind;
  readonly reading: Reading;
  /** Where the event stands that erased its text. */
  readonly erasedBy?: { readonly version: number; readonly href: string } | undefined;
  /** Leads to the whole of a text that was cut, of so many characters. */
  readonly rest?: (characters: number) => Content;
}

/** What people wrote in an entry: its text, and why they did what it tells. */
export function EntryWords({ item, kind, reading, rest, erasedBy }: EntryWordsOptions): Element {
  const { text } = item;
  const reason = fieldOf(kind.name, item.type, 'reason');
  const { headlineTellsReason = [] } = lifecycles.current(kind.name).words;
  const why = headlineTellsReason.includes(item.type) || item.reason === text ? undefined : item.reason;
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

/** A text: its beginning where it is long, with the rest folded below; and with the way to all of it where it is longer still. */
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
          summary={`Read on: ${counted(text.length - beginning.length, 'more character')}`}
          classes="docket-read-on"
          open={isUnfolded}
        >
          <p class="govuk-body docket-text">{text.slice(beginning.length).trimStart()}</p>
        </Details>
      )}
    </>
  );
}

/** What is hardly longer than its beginning is not worth a fold. */
const WORTH_A_FOLD = 1.25;

/** The beginning of a text, up to the end of a paragraph, a sentence or a word where one is near; no character is halved. */
function beginningOf(text: string, max: number): string {
  if (text.length <= max * WORTH_A_FOLD) return text;
  const whole = text.slice(0, max).replace(/[\ud800-\udbff]$/, '');
  const ends = ['\n\n', '. ', ' '].map((end) => whole.lastIndexOf(end) + end.length);
  return whole.slice(0, ends.find((end) => end > max * NEAR) ?? whole.length);
}

/** So much of what there is room for is used, at least. */
const NEAR = 0.6;

/** What the text of an entry is called, where it has a label that its headline does not say. */
function textLabel({ type, headline }: TimelineItem, { name }: RecordKind): string | undefined {
  const { words, code } = lifecycles.current(name);
  const members = code.shapes.types[type]?.members ?? {};
  const member = TEXT_MEMBERS.find((each) => Object.hasOwn(members, each));
  const label = words.headline === undefined && member !== undefined ? members[member]?.label : undefined;
  return label !== undefined && headline.toLowerCase().includes(label.toLowerCase()) ? undefined : label;
}

const Erased = ({ by }: { readonly by: EntryWordsOptions['erasedBy'] }): Element => (
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
