import type { FastifyRequest } from 'fastify';
import type { ProviderSignIn } from '#identity/provider-sign-in';
import type { Bodies } from '#use-cases/bodies/bodies';
import type { People } from '#use-cases/people/people';
import type { Session, Sessions } from '#identity/sessions';

declare module 'fastify' {
  interface FastifyRequest {
    /** The session of a page request; null for all others. */
    session: Session | null;
  }
  interface FastifyInstance {
    pages: PagesParts;
  }
}

export interface PagesParts {
  /** Names of bodies and people. */
  readonly bodies: Bodies;
  readonly people: People;
  readonly sessions: Sessions;
  /** Null if sign-in at an identity provider is not configured. */
  readonly signIn: ProviderSignIn | null;
  /** Whether users choose a person to sign in as. */
  readonly isDevelopment: boolean;
  /** The start of public addresses; null if it is not configured. */
  readonly publicUrl: string | null;
}

export interface PageContext {
  readonly session: Session | null;
  readonly isDevelopment: boolean;
  /** The page's path with its query. */
  readonly address: string;
  /** The CSRF token of the page's forms; undefined without a session. */
  readonly mark: string | undefined;
  /** Returns an idempotency key. */
  readonly newKey: () => string;
}

export function contextOf({ session, server, url }: FastifyRequest): PageContext {
  return {
    session,
    isDevelopment: server.pages.isDevelopment,
    address: url,
    mark: session === null ? undefined : server.pages.sessions.mark(session),
    newKey: () => server.random.uuid(),
  };
}

/** The field with a form's CSRF token. */
export const MARK_FIELD = 'mark';
