import { classNames, optionsOf } from './macro-options.ts';
import type { Content, Element, MacroOptions, OrContent } from './macro-options.ts';
import { Tag } from './tag.tsx';
import type { TagOptions } from './tag.tsx';

export interface PhaseBannerOptions extends MacroOptions {
  readonly tag: OrContent<TagOptions>;
  readonly children: Content;
}

/** What sort of service this is, above every page. */
export function PhaseBanner({ tag, children, classes, attributes }: PhaseBannerOptions): Element {
  const { content, classes: tagClasses } = optionsOf<TagOptions>(tag);
  return (
    <div class={classNames('govuk-phase-banner govuk-width-container', classes)} {...attributes}>
      <p class="govuk-phase-banner__content">
        <Tag classes={classNames('govuk-phase-banner__content__tag', tagClasses)}>{content}</Tag>{' '}
        <span class="govuk-phase-banner__text">{children}</span>
      </p>
    </div>
  );
}
