import { createContext } from 'preact';
import type { Content, Element } from '../components/macro-options.ts';
import { MARK_FIELD } from '../page-context.ts';

/** What each form of the page needs. */
export const FormParts = createContext<{
  /** The CSRF token; undefined without a session. */
  readonly mark: string | undefined;
  readonly newKey: () => string;
}>({ mark: undefined, newKey: () => '' });

/** The hidden field with the idempotency key. */
export const KEY_FIELD = 'key';

/** The form's CSRF token. */
export const Mark = (): Element => (
  <FormParts.Consumer>
    {({ mark }) => <input type="hidden" name={MARK_FIELD} value={mark} />}
  </FormParts.Consumer>
);

/** The form's idempotency key, a new one by default. */
export const Key = ({ sent = null }: { readonly sent?: string | null | undefined }): Element => (
  <FormParts.Consumer>
    {({ newKey }) => <input type="hidden" name={KEY_FIELD} value={sent ?? newKey()} />}
  </FormParts.Consumer>
);

interface LinkButtonOptions {
  readonly action: string;
  /** Hidden fields. */
  readonly sent?: Readonly<Record<string, string>>;
  /** The rest of the text, for screen readers. */
  readonly about: string;
  readonly describedBy?: string;
  readonly classes?: string | undefined;
  readonly children: Content;
}

/** A form with one button that looks like a link. */
export const LinkButton = ({
  action,
  sent = {},
  about,
  describedBy,
  classes = 'docket-inline-form',
  children,
}: LinkButtonOptions): Element => (
  <form class={classes} method="post" action={action}>
    <Mark />
    {Object.entries(sent).map(([name, value]) => (
      <input type="hidden" name={name} value={value} />
    ))}
    <button class="docket-link-button" type="submit" aria-describedby={describedBy}>
      {children}
      <span class="govuk-visually-hidden">{about}</span>
    </button>
  </form>
);
