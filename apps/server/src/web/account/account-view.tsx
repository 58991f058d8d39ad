import type { Identity } from '#identity/identity';
import { visibleBodies } from '#state-machines/access';
import type { LiveSession, SavedSearch } from '#state-machines/person-events';
import { kinds } from '#state-machines/record-streams';
import { Button, Link } from '../components/button.tsx';
import { ErrorSummary, SummaryList } from '../components/blocks.tsx';
import type { Element } from '../components/macro-options.ts';
import { longInstant } from '../dates.ts';
import { bodyName } from '../names.ts';
import { LinkButton, Mark } from '../forms/post-form.tsx';
import { KeepSearchForm, searchAddress } from '../register/searches.tsx';
import { listPath } from '../page-paths.ts';
import { ROLE_WORDS, wordsFor } from '../words.ts';

interface AccountOptions {
  readonly viewer: Identity;
  readonly searches: readonly SavedSearch[];
  readonly sessions: readonly LiveSession[];
  /** The id of the current session. */
  readonly own: string | undefined;
}

export const AccountView = ({ viewer, searches, sessions, own }: AccountOptions): Element => (
  <>
    <h1 class="govuk-heading-l">Your account</h1>
    <SummaryList
      rows={[
        { key: 'Name', value: viewer.name ?? 'Not provided by your sign-in' },
        { key: 'Recorded as', value: <code class="docket-id">{viewer.subject}</code> },
        { key: 'Roles', value: listWords(viewer.roles.map((role) => wordsFor(ROLE_WORDS, role))) },
        { key: 'Bodies', value: bodiesOf(viewer) },
        { key: 'Signed in until', value: longInstant(new Date(viewer.expiresAt).toISOString()) },
      ]}
    />
    <p class="govuk-body">Your roles and bodies come from your sign-in. They cannot be changed here.</p>
    <form method="post" action="/sign-out" id="sign-out">
      <Mark />
      <Button>Sign out</Button>
    </form>
    <h2 class="govuk-heading-m">Settings</h2>
    <ul class="govuk-list">
      <li>
        <Link href="/inbox/choices">Notifications and records that you watch</Link>
      </li>
      <li>
        <Link href="/deadlines/calendar">Deadlines in your calendar</Link>
      </li>
    </ul>
    <Searches searches={searches} />
    <Sessions {...{ sessions, own }} />
  </>
);

const Sessions = ({ sessions, own }: Pick<AccountOptions, 'sessions' | 'own'>): Element => (
  <>
    <h2 class="govuk-heading-m" id="sessions">
      Where you are signed in
    </h2>
    <SummaryList
      rows={sessions.map((session) => ({
        key: session.browser,
        value: (
          <>
            <p class="govuk-body">
              {`Since ${longInstant(session.startedAt)}. `}
              {session.sessionId === own
                ? 'This is the browser you are using.'
                : `Last used on ${longInstant(session.usedAt)}, or within an hour after that.`}
            </p>
            {session.sessionId !== own && (
              <LinkButton
                action={`/account/sessions/${encodeURIComponent(session.sessionId)}/end`}
                about={`: ${session.browser}`}
              >
                Sign out
              </LinkButton>
            )}
          </>
        ),
      }))}
    />
    <form method="post" action="/account/sessions/end" id="sign-out-everywhere">
      <Mark />
      <Button classes="govuk-button--secondary">Sign out everywhere</Button>
    </form>
  </>
);

/** Returns the user's bodies; "All" for the inspectorate. */
const bodiesOf = (viewer: Identity): string =>
  viewer.organisations.length === 0 && visibleBodies(viewer) === null
    ? 'All'
    : listWords(viewer.organisations.map(bodyName));

const listWords = (items: readonly string[]): string => (items.length === 0 ? 'None' : items.join(', '));

const Searches = ({ searches }: Pick<AccountOptions, 'searches'>): Element => (
  <>
    <h2 class="govuk-heading-m" id="searches">
      Your searches
    </h2>
    {searches.length === 0 ? (
      <p class="govuk-body">
        {'You have no saved searches. To save one, filter the list of '}
        {kinds.all.map((kind, index) => (
          <>
            {index === 0 ? '' : ' or of '}
            <Link href={listPath(kind)}>{kind.noun.plural}</Link>
          </>
        ))}
        {' and choose “Save this search” below the list.'}
      </p>
    ) : (
      <SummaryList
        rows={searches.map((search) => ({
          key: <Link href={searchAddress(search)}>{search.name}</Link>,
          value: (
            <LinkButton
              action={`/account/searches/${encodeURIComponent(search.searchId)}/remove`}
              about={` ${search.name}`}
            >
              Remove
            </LinkButton>
          ),
        }))}
      />
    )}
  </>
);

/** The form again after a search could not be saved. */
export const SearchRefused = (props: {
  readonly name: string;
  readonly query: string;
  readonly message: string;
}): Element => (
  <>
    <ErrorSummary errorList={[{ content: props.message, href: '#name' }]} />
    <h1 class="govuk-heading-l">Save this search</h1>
    <KeepSearchForm query={props.query} name={props.name} errorMessage={props.message} />
    <p class="govuk-body">
      <Link href={searchAddress(props)}>Back to the list</Link>
    </p>
  </>
);
