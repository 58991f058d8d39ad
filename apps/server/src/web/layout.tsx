import { createHash } from 'node:crypto';
import { VERSION } from '#platform/package-json';
import { assetAddress } from './assets.ts';
import { Breadcrumbs } from './components/breadcrumbs.tsx';
import { Footer } from './components/footer.tsx';
import { GenericHeader } from './components/generic-header.tsx';
import type { Content, Element } from './components/macro-options.ts';
import { ServiceNavigation } from './components/service-navigation.tsx';
import { SkipLink } from './components/skip-link.tsx';
import { entriesFor } from './navigation.ts';
import type { Section } from './navigation.ts';
import type { PageContext } from './page-context.ts';
import { signInAddress } from './page-paths.ts';

/** GOV.UK Frontend's one line in the page: it tells the stylesheet that scripts run here. */
const SCRIPTS_RUN =
  "document.body.className += ' js-enabled' + ('noModule' in HTMLScriptElement.prototype ? ' govuk-frontend-supported' : '');";

/** What the security policy names that line by. */
export const SCRIPTS_RUN_DIGEST = `'sha256-${createHash('sha256').update(SCRIPTS_RUN).digest('base64')}'`;

const SERVICE = 'Docket';

/** A page, as its view describes it. */
export interface Page {
  /** What the page is, then the record that it is of; the service's name is added. */
  readonly title: readonly string[];
  readonly section?: Section;
  /** The way here, without the page itself. */
  readonly breadcrumbs?: readonly { readonly text: string; readonly href: string }[];
  /** Whether what was sent was refused: the title says so first, since it is read out first. */
  readonly isRefused?: boolean;
  /** Whether it holds what somebody typed: its only way on is its own, since any other would lose that. */
  readonly isHeld?: boolean;
  /** A page to be printed has what is said on it, and no navigation. */
  readonly isOnPaper?: boolean;
  readonly content: Content;
}

/** The whole document around a page. */
export function Layout({ page, context }: { readonly page: Page; readonly context: PageContext }): Element {
  const { title, isRefused = false, isOnPaper = false } = page;
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
      <body class="govuk-template__body">
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

/** What is around a page: the way to it, and from it to everything else. */
function Frame({ page, context }: { readonly page: Page; readonly context: PageContext }): Element {
  const { section, breadcrumbs = [], isHeld = false, content } = page;
  return (
    <>
      <SkipLink href="#main-content">Skip to main content</SkipLink>
      <Header section={section} context={context} isHeld={isHeld} />
      <div class="govuk-width-container">
        {breadcrumbs.length > 0 && (
          <Breadcrumbs items={breadcrumbs.map(({ text, href }) => ({ content: text, href }))} />
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
  readonly isHeld: boolean;
}

function Header({ section, context, isHeld }: HeaderOptions): Element {
  const { session, isDevelopment } = context;
  const account =
    session === null
      ? { text: 'Sign in', href: signInAddress(context.address) }
      : { text: session.identity.name ?? session.identity.subject, href: '/account' };
  const entries = session === null ? [] : entriesFor(session.identity);
  return (
    <header class="govuk-template__header">
      <GenericHeader classes="docket-header" logo={SERVICE} url="/" />
      {isDevelopment && <DevelopmentNotice />}
      {!isHeld && (
        <ServiceNavigation
          navigation={[
            ...entries.map((entry) => ({
              href: entry.href,
              content: entry.text,
              active: entry.section === section,
            })),
            { href: account.href, content: account.text, active: section === 'account' },
          ]}
        />
      )}
    </header>
  );
}

const DevelopmentNotice = (): Element => (
  <div class="docket-notice">
    <div class="govuk-width-container">
      <p class="govuk-body-s">
        <strong>For trying out.</strong> Whoever reaches this machine’s address can be anybody here: nobody
        proves who they are.
      </p>
    </div>
  </div>
);

const Foot = (): Element => (
  <footer class="govuk-template__footer">
    <Footer
      meta={{
        items: [
          { content: 'Help', href: '/help' },
          { content: 'Accessibility statement', href: '/accessibility' },
          { content: 'API', href: '/api/docs' },
        ],
        content: `${SERVICE} ${VERSION}`,
      }}
    />
  </footer>
);
