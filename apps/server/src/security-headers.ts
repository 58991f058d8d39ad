import helmet from 'helmet';
import { SCRIPTS_RUN_DIGEST } from './web/layout.tsx';
import type { HelmetOptions } from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';

type Headers = Readonly<Record<string, string>>;

/** What helmet sets is the same for every answer, so it is asked once. */
function headersOf(options: HelmetOptions): Headers {
  const headers: Record<string, string> = {};
  const answer = {
    setHeader: (name: string, value: string) => (headers[name.toLowerCase()] = value),
    removeHeader: () => undefined,
  };
  helmet(options)({} as IncomingMessage, answer as unknown as ServerResponse, (error) => {
    if (error !== undefined) throw error as Error;
  });
  return headers;
}

const EVERYWHERE = {
  // Whether names beside this one speak TLS is not ours to say.
  strictTransportSecurity: { includeSubDomains: false },
  xFrameOptions: { action: 'deny' },
  // Of browsers that are no more.
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
} as const;

/** Of JSON and everything else that is no page: a browser is to do nothing with it but hand it over. */
export const ANSWER_HEADERS: Headers = {
  ...headersOf({
    ...EVERYWHERE,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
  }),
  'cache-control': 'no-store',
};

/** Of our own pages. Whoever changes something sends a form, and a browser that is told to send no referrer hides where from. */
export const PAGE_HEADERS: Headers = {
  ...headersOf({
    ...EVERYWHERE,
    referrerPolicy: { policy: 'same-origin' },
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'", SCRIPTS_RUN_DIGEST],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
  }),
  'cache-control': 'no-store',
};

/** Of the pages of the API's documentation, which bring scripts of their own and styles in the page. */
export const DOCUMENTATION_HEADERS: Headers = headersOf({
  ...EVERYWHERE,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
});
