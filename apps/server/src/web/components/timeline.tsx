import { classNames } from './macro-options.ts';
import type { Content, Element, Maybe } from './macro-options.ts';

export interface TimelineEntry {
  /** So that it can be linked to. */
  readonly id?: string | undefined;
  readonly title: Content;
  /** When. */
  readonly date: Content;
  /** Who, and in which role. */
  readonly byline?: Content;
  /** Stand beside that. */
  readonly links?: readonly Element[];
  /** Nobody did it. */
  readonly isQuiet?: boolean;
  /** Who may read it, in words: `Internal`. */
  readonly tag?: Content;
  readonly content?: Content;
}

/** A time in which nothing happened. */
interface TimelineGap {
  readonly gap: Content;
}

export interface TimelineOptions {
  readonly entries: readonly Maybe<TimelineEntry | TimelineGap>[];
}

/** What happened, in order: a list, so that one hears how much there is and where one is. */
export const Timeline = ({ entries }: TimelineOptions): Element => (
  // A list without markers is no list to Safari's screen reader unless it is told.
  <ol class="docket-timeline" role="list">
    {entries.map(
      (entry) =>
        entry && ('gap' in entry ? <li class="docket-timeline__gap">{entry.gap}</li> : <Entry {...entry} />),
    )}
  </ol>
);

function Entry(entry: TimelineEntry): Element {
  const { id, title, byline, date, tag, content, links = [], isQuiet = false } = entry;
  return (
    <li class={classNames('docket-timeline__entry', isQuiet && 'docket-timeline__entry--quiet')} id={id}>
      <div class="docket-timeline__head">
        <h3 class="docket-timeline__title">
          {title} {tag}
        </h3>
        <p class="docket-timeline__date">{date}</p>
      </div>
      <p class="docket-timeline__byline">
        {byline}
        {links.map((link, index) => (
          <span class="docket-not-on-paper" key={index}>
            {' · '}
            {link}
          </span>
        ))}
      </p>
      {content && <div class="docket-timeline__content">{content}</div>}
    </li>
  );
}
