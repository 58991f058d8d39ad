import type { RecordKind } from '#lifecycle/kind';
import { TEXT_MEMBERS } from '#read-models/timeline/timeline';
import type { TimelineItem } from '#read-models/timeline/timeline';
import { lifecycles } from '#state-machines/lifecycles';
import { Details } from '../components/details.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { Link } from '../components/link.tsx';
import { fieldOf, valueOf } from '../member-values.tsx';
import { countWords, REDACTED } from '../words.ts';

/** How much of a text is shown. */
export interface Reading {
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
export function EntryWords({ item, kind, reading, rest, erasedBy }: EntryWordsOptions): Element {
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
        <Link href={by.href}>{`erased by event ${by.version}`}</Link>
      </>
    )}
  </>
);
