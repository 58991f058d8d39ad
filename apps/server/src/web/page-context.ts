import type { FastifyRequest } from 'fastify';
import type { ProviderSignIn } from '#identity/provider-sign-in';
import type { Bodies } from '#use-cases/bodies/bodies';
import type { People } from '#use-cases/people/people';
import type { Session, Sessions } from '#identity/sessions';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who signed in at a page; null for who did not, and for every request of the API. */
    session: Session | null;
  }
  interface FastifyInstance {
    pages: PagesParts;
  }
}

/** What pages are served with. */
export interface PagesParts {
  /** What bodies and people are called. */
  readonly bodies: Bodies;
  readonly people: People;
  readonly sessions: Sessions;
  /** Null where people cannot sign in at a provider. */
  readonly signIn: ProviderSignIn | null;
  /** Whether people sign in by choosing who to be. */
  readonly isDevelopment: boolean;
  /** What the addresses of pages begin with; null where each request's own host says it. */
  readonly publicUrl: string | null;
  /** Whom people ask for help: an address of mail or of a page. */
  readonly contact: string | null;
}

/** What a page is shown in: for whom, and at which address. */
export interface PageContext {
  readonly session: Session | null;
  readonly isDevelopment: boolean;
  /** The page's own address, with its query. */
  readonly address: string;
  /** A mark for the page's forms; none where nobody signed in. */
  readonly mark: string | undefined;
}

export function contextOf({ session, server, url }: FastifyRequest): PageContext {
  return {
    session,
    isDevelopment: server.pages.isDevelopment,
    address: url,
    mark: session === null ? undefined : server.pages.sessions.mark(session),
  };
}

/** The field that holds a form's mark. */
export const MARK_FIELD = 'mark';
