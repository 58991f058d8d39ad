import type { Content, Element, Maybe } from './macro-options.ts';

export interface SubNavigationOptions {
  /** What it leads through: `This record`. */
  readonly label: string;
  readonly items: readonly Maybe<{
    readonly content: Content;
    readonly href: string;
    /** It is this page. */
    readonly current?: boolean | undefined;
  }>[];
}

/** The pages of one thing, as links in a row. */
export const SubNavigation = ({ label, items }: SubNavigationOptions): Element => (
  <nav class="docket-sub-navigation" aria-label={label}>
    <ul class="docket-sub-navigation__list">
      {items.map(
        (item) =>
          item && (
            <li class="docket-sub-navigation__item">
              <a
                class="docket-sub-navigation__link"
                href={item.href}
                aria-current={item.current === true ? 'page' : undefined}
              >
                {item.content}
              </a>
            </li>
          ),
      )}
    </ul>
  </nav>
);
