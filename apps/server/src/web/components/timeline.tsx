import { classNames } from './macro-options.ts';
import type { Content, Element } from './macro-options.ts';

export interface TimelineEntry {
  /** The anchor. */
  readonly id?: string | undefined;
  readonly title: Content;
  readonly date: Content;
  readonly byline?: Content;
  /** Shown after the byline. */
  readonly links?: readonly Element[];
  /** The entry was recorded automatically. */
  readonly isQuiet?: boolean;
  /** The tag for its readers: `Internal`. */
  readonly tag?: Content;
  readonly content?: Content;
}

/** An ordered list, so that screen readers announce its length and the position. */
export const Timeline = ({ entries }: { readonly entries: readonly TimelineEntry[] }): Element => (
  // Safari's VoiceOver ignores lists without markers unless they have the role.
  <ol class="docket-timeline" role="list">
    {entries.map((entry) => (
      <Entry {...entry} />
    ))}
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
        {links.map((link) => (
          <span class="docket-not-on-paper">
            {' · '}
            {link}
          </span>
        ))}
      </p>
      {content && <div class="docket-timeline__content">{content}</div>}
    </li>
  );
}
