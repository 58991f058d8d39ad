import type { FastifyReply } from 'fastify';
import { renderToString } from 'preact-render-to-string';
import { FormParts } from './forms/post-form.tsx';
import { withNames } from './names.ts';
import { contextOf } from './page-context.ts';
import type { PageContext } from './page-context.ts';
import { createHash } from 'node:crypto';
import { VERSION } from '#platform/package-json';
import { assetAddress } from './assets.ts';
import { classNames } from './components/macro-options.ts';
import type { Content, Element } from './components/macro-options.ts';
import { signInAddress, listPath, listTitle } from './page-paths.ts';
import type { Identity } from '#identity/identity';
import type { RecordKind } from '#lifecycle/kind';
import { READS_LOG, RUNS_SERVICE, visibleKinds } from '#state-machines/access';
import { IMPORTS, HAS_REGISTER } from '#use-cases/register-files/export-formats';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { ISSUE, issueTitle } from './words.ts';

/** Responds with a page; the status is 400 for refused input, unless another is passed. */
export async function sendPage(
  reply: FastifyReply,
  page: Page,
  status = page.isRefused === true ? 400 : 200,
): Promise<void> {
  const { request } = reply;
  const context = contextOf(request);
  const html = await withNames(request.server.pages, () =>
    renderToString(
      <FormParts.Provider value={context}>
        <Layout page={page} context={context} />
      </FormParts.Provider>,
    ),
  );
  // Fastify would encode a string twice: for its length and to send it.
  const document = Buffer.from(`<!DOCTYPE html>\n${html}\n`);
  await reply.status(status).type('text/html; charset=utf-8').send(document);
}

/** GOV.UK Frontend's inline script, which marks that scripts are enabled. */
const SCRIPTS_RUN =
  "document.body.className += ' js-enabled' + ('noModule' in HTMLScriptElement.prototype ? ' govuk-frontend-supported' : '');";

/** The hash of that script for the content security policy. */
export const SCRIPTS_RUN_DIGEST = `'sha256-${createHash('sha256').update(SCRIPTS_RUN).digest('base64')}'`;

const SERVICE = 'Docket';

interface Page {
  /** The page's title, then its record; the service's name is added. */
  readonly title: readonly string[];
  readonly section?: Section;
  /** The parent pages. */
  readonly breadcrumbs?: readonly { readonly text: string; readonly href: string }[];
  /** Whether the input was refused; the title then begins with "Error". */
  readonly isRefused?: boolean;
  /** Whether the page keeps a user's input; navigation is hidden, because leaving would lose it. */
  readonly isKeepingInput?: boolean;
  /** A page for printing has no navigation. */
  readonly isOnPaper?: boolean;
  readonly isWide?: boolean;
  readonly content: Content;
}

function Layout({ page, context }: { readonly page: Page; readonly context: PageContext }): Element {
  const { title, isRefused = false, isOnPaper = false, isWide = false } = page;
  return (
    <html lang="en" class="govuk-template">
      <head>
        <meta charSet="utf-8" />
        <title>{`${isRefused ? 'Error: ' : ''}${[...title, SERVICE].join(' – ')}`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="theme-color" content="#12436d" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href={assetAddress('favicon.svg')} type="image/svg+xml" />
        <link rel="stylesheet" href={assetAddress('docket.css')} />
      </head>
      <body class={classNames('govuk-template__body', isWide && 'docket-wide')}>
        <script dangerouslySetInnerHTML={{ __html: SCRIPTS_RUN }} />
        {isOnPaper ? (
          <main class="govuk-width-container">{page.content}</main>
        ) : (
          <Frame page={page} context={context} />
        )}
        <script type="module" src={assetAddress('docket.js')} />
      </body>
    </html>
  );
}

function Frame({ page, context }: { readonly page: Page; readonly context: PageContext }): Element {
  const { section, breadcrumbs = [], isKeepingInput = false, content } = page;
  return (
    <>
      <a href="#main-content" class="govuk-skip-link" data-module="govuk-skip-link">
        Skip to main content
      </a>
      <Header section={section} context={context} isKeepingInput={isKeepingInput} />
      <div class="govuk-width-container">
        {breadcrumbs.length > 0 && (
          <nav class="govuk-breadcrumbs" aria-label="Breadcrumb">
            <ol class="govuk-breadcrumbs__list">
              {breadcrumbs.map(({ text, href }) => (
                <li class="govuk-breadcrumbs__list-item">
                  <a class="govuk-breadcrumbs__link" href={href}>
                    {text}
                  </a>
                </li>
              ))}
            </ol>
          </nav>
        )}
        <main class="govuk-main-wrapper" id="main-content">
          {content}
        </main>
      </div>
      <Foot />
    </>
  );
}

interface HeaderOptions {
  readonly section: Section | undefined;
  readonly context: PageContext;
  readonly isKeepingInput: boolean;
}

function Header({ section, context, isKeepingInput }: HeaderOptions): Element {
  const { session, isDevelopment } = context;
  const account =
    session === null
      ? { text: 'Sign in', href: signInAddress(context.address) }
      : { text: session.identity.name ?? session.identity.subject, href: '/account' };
  const entries = session === null ? [] : entriesFor(session.identity);
  return (
    <header class="govuk-template__header">
      <div class="govuk-generic-header docket-header">
        <div class="govuk-generic-header__container govuk-width-container">
          <div class="govuk-generic-header__logo">
            <a href="/" class="govuk-generic-header__homepage-link">
              {SERVICE}
            </a>
          </div>
        </div>
      </div>
      {isDevelopment && <DevelopmentNotice />}
      {!isKeepingInput && (
        <Navigation
          entries={[
            ...entries.map((entry) => ({ ...entry, isActive: entry.section === section })),
            { ...account, isActive: section === 'account' },
          ]}
        />
      )}
    </header>
  );
}

interface ShownEntry {
  readonly text: string;
  readonly href: string;
  /** Whether the page belongs to this entry. */
  readonly isActive: boolean;
}

/** Collapses to a button on narrow screens. */
const Navigation = ({ entries }: { readonly entries: readonly ShownEntry[] }): Element => (
  <div class="govuk-service-navigation" data-module="govuk-service-navigation">
    <div class="govuk-width-container">
      <div class="govuk-service-navigation__container">
        <nav class="govuk-service-navigation__wrapper" aria-label="Menu">
          {entries.length > 1 && (
            <button
              type="button"
              class="govuk-service-navigation__toggle govuk-js-service-navigation-toggle"
              aria-controls="navigation"
              hidden
              aria-hidden="true"
            >
              Menu
            </button>
          )}
          <ul class="govuk-service-navigation__list" id="navigation">
            {entries.map(({ text, href, isActive }) => (
              <li
                class={classNames(
                  'govuk-service-navigation__item',
                  isActive && 'govuk-service-navigation__item--active',
                )}
              >
                <a
                  class="govuk-service-navigation__link"
                  href={href}
                  aria-current={isActive ? 'true' : undefined}
                >
                  {/* Strong, so that it stays visible in forced colours, where the bar is hidden. */}
                  {isActive ? (
                    <strong class="govuk-service-navigation__active-fallback">{text}</strong>
                  ) : (
                    text
                  )}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </div>
    </div>
  </div>
);

const DevelopmentNotice = (): Element => (
  <div class="docket-notice">
    <div class="govuk-width-container">
      <p class="govuk-body-s">
        <strong>For evaluation only.</strong> Anyone who can reach this address can sign in as any user.
      </p>
    </div>
  </div>
);

const FOOT_LINKS = [
  ['Help', '/help'],
  ['Accessibility statement', '/accessibility'],
  ['Verify a pack', '/verify'],
  ['API', '/api/docs'],
] as const;

/** Without the crown, the copyright and the licence, which are the state's. */
const Foot = (): Element => (
  <footer class="govuk-template__footer">
    <div class="govuk-footer">
      <div class="govuk-width-container">
        <div class="govuk-footer__meta">
          <div class="govuk-footer__meta-item govuk-footer__meta-item--grow">
            <h2 class="govuk-visually-hidden">Support links</h2>
            <ul class="govuk-footer__inline-list">
              {FOOT_LINKS.map(([text, href]) => (
                <li class="govuk-footer__inline-list-item">
                  <a class="govuk-footer__link" href={href}>
                    {text}
                  </a>
                </li>
              ))}
            </ul>
            <div class="govuk-footer__meta-custom">{`${SERVICE} ${VERSION}`}</div>
          </div>
        </div>
      </div>
    </div>
  </footer>
);

/** The active entry of the navigation: a page, a kind's path, or `new-` and a kind's path. */
type Section = string;

interface Entry {
  readonly section: Section;
  readonly text: string;
  readonly href: string;
  /** All users if it is absent. */
  readonly roles?: readonly string[];
  /** The kind that it lists; hidden from users who see none of its records. */
  readonly lists?: RecordKind;
}

export const issueSection = ({ path }: RecordKind): Section => `new-${path}`;

const issueEntry = (kind: RecordKind): Entry => ({
  section: issueSection(kind),
  text: kinds.all.length === 1 ? (kind.verb ?? ISSUE) : issueTitle(kind),
  href: `${listPath(kind)}/new`,
  roles: lifecycles.current(kind.name).issue.roles,
});

const ENTRIES: readonly Entry[] = [
  { section: 'work', text: 'Work', href: '/' },
  { section: 'inbox', text: 'Inbox', href: '/inbox' },
  ...kinds.all.map((lists) => ({
    ...{ section: lists.path, text: listTitle(lists), href: listPath(lists), lists },
  })),
  { section: 'deadlines', text: 'Deadlines', href: '/deadlines' },
  { section: 'statistics', text: 'Statistics', href: '/statistics' },
  ...kinds.all.map(issueEntry),
  ...(HAS_REGISTER ? [{ section: 'import', text: 'Import', href: '/imports/new', roles: IMPORTS }] : []),
  { section: 'audit', text: 'Audit', href: '/audit', roles: READS_LOG },
  { section: 'operations', text: 'Operations', href: '/operations', roles: RUNS_SERVICE },
];

/** Returns the navigation entries for a user. */
function entriesFor(viewer: Identity): readonly Entry[] {
  const seen = visibleKinds(viewer);
  return ENTRIES.filter(
    ({ roles, lists }) =>
      (roles?.some((role) => viewer.roles.includes(role)) ?? true) &&
      (lists === undefined || seen.includes(lists)),
  );
}
