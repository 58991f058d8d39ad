import { readZip } from '#audit/pack/read-zip';
import { recommendation } from '#state-machines/inspection-recommendation/kind';
import { kinds } from '#state-machines/record-streams';
import { runDocket } from './command-line.ts';
import { PageBrowser } from './pages.ts';
import { openFeed } from './service-feed.ts';
import { registeredRoutes } from './service-routes.ts';
import type { RunningService } from './service.ts';
import { pause } from './service-child.ts';

/** The record and the people of a test. */
export interface Asked {
  readonly id: string;
  readonly owner: string;
  readonly webhook: string;
  /** The address of a calendar link, from its path on. */
  readonly calendar: string;
  /** A word of the record's texts. */
  readonly word: string;
}

/** An answer, with the text of all that it contains. */
export interface Shown {
  readonly path: string;
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

/** Routes that show neither a record nor a person, and those of signing in. */
const OF_THE_PROGRAM = /^\/(?:api\/docs|assets|sign|unsubscribe|verify|api\/openapi|health)/;
/** Returns whether a route is for records of another kind than the test's record. */
const isOfAnotherKind = (path: string): boolean =>
  kinds.all.some(
    ({ name, path: of }) => name !== recommendation.name && path.replace(/^\/api/, '').startsWith(`/${of}`),
  );
const AGAIN_MS = 200;
const EVERYONE = ['inspector', 'approver', 'auditor', 'administrator'];

/** Returns the paths at which a route is requested. A parameter that is unknown here makes the test fail. */
function pathsOf(route: string, { id, owner, webhook, calendar, word }: Asked): readonly string[] {
  if (route === '/api/calendar-links/{id}/deadlines.ics') return [calendar];
  const named = route
    .replace(/(?<=webhooks\/)\{id\}/, webhook)
    .replace('{id}', id)
    .replace('{command}', 'redact-comment');
  if (named.includes('{')) throw new Error(`Say in ${import.meta.filename} how to ask ${route}`);
  const queries: Readonly<Record<string, readonly string[]>> = {
    '/api/recommendations': [
      `?q=${word}`,
      '?sort=title',
      '?limit=1&sort=-title',
      `?owner=${owner}`,
      '?effectiveOn=2026-11-20',
    ],
    '/api/recommendations/{id}': ['?effectiveOn=2026-11-20'],
    '/api/recommendations/{id}/export': ['register', 'csv', 'cloudevents'].map((form) => `?format=${form}`),
    '/recommendations/{id}/history': ['?version=1', '?version=2'],
    '/names/people': ['?q=Otto'],
  };
  return ['', ...(queries[route] ?? [])].map((query) => named + query);
}

let routes: Promise<readonly string[]> | undefined;
const routesToAsk = (): Promise<readonly string[]> =>
  (routes ??= registeredRoutes().then((all) =>
    all
      .filter(({ method, path }) => method === 'GET' && !OF_THE_PROGRAM.test(path) && !isOfAnotherKind(path))
      .map(({ path }) => path),
  ));

/** Requests everything that a node answers about a record: each route of its router, and the feed of the log. */
export async function askAll(node: RunningService, asked: Asked): Promise<Shown[]> {
  const paths = (await routesToAsk()).flatMap((route) => pathsOf(route, asked));
  const isApi = (path: string) => path.startsWith('/api/') || path.startsWith('/health');
  const browsers = await browsersOf(node);
  const token = node.token(EVERYONE);
  const answers = paths.map(async (path) => {
    if (isApi(path)) return untilRead(() => askApi(node.address + path, path, token));
    const role = ROLES.find(([of]) => of.test(path))?.[1] ?? 'inspector';
    const browser = browsers[role] as PageBrowser;
    return untilRead(async () => {
      const { status, headers, html } = await browser.get(path);
      return { path, status, retryAfter: headers.get('retry-after'), text: html };
    });
  });
  return Promise.all([...answers, readFeed(node, token)]);
}

/** Repeats a request while tables of others are written, of which there are a few at a time, or while the past is read. */
async function untilRead(ask: () => Promise<Shown>): Promise<Shown> {
  for (;;) {
    const shown = await ask();
    if (shown.status !== 429 && !(shown.status === 503 && shown.text.includes('past-not-ready')))
      return shown;
    await pause(AGAIN_MS);
  }
}

/** The role that sees a page, if not an inspector. */
const ROLES: readonly (readonly [RegExp, string])[] = [
  [/^\/audit|\/pack/, 'auditor'],
  [/^\/operations/, 'administrator'],
  [/\/commands\//, 'approver'],
];

/** Signs in without asking a page of the read models, which may be behind. */
async function browsersOf(node: RunningService): Promise<Record<string, PageBrowser>> {
  const signedIn = EVERYONE.map(async (role) => {
    const browser = new PageBrowser(node.address);
    await browser.signIn(`demo-${role}`, '/help');
    return [role, browser] as const;
  });
  return Object.fromEntries(await Promise.all(signedIn));
}

async function askApi(address: string, path: string, token: string): Promise<Shown> {
  const response = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
  const { status, headers } = response;
  const bytes = Buffer.from(await response.arrayBuffer());
  const isZip = headers.get('content-type') === 'application/zip';
  const text = isZip
    ? [...readZip(bytes).values()].map((file) => Buffer.from(file).toString()).join('\n')
    : bytes.toString();
  return { path, status, retryAfter: headers.get('retry-after'), text: withCursors(text) };
}

/** Returns a text with the content of its cursors. */
const withCursors = (text: string): string =>
  text.replaceAll(/"nextCursor":"([^"]+)"/g, (_, cursor: string) =>
    Buffer.from(cursor, 'base64url').toString(),
  );

async function readFeed(node: RunningService, token: string): Promise<Shown> {
  const { json } = await node.as(EVERYONE).get('/api/events');
  const feed = await openFeed(node.address, token, { query: '?after=0' });
  const events = await feed.until(json.items.length);
  feed.close();
  return { path: 'feed', status: 200, retryAfter: null, text: JSON.stringify(events) };
}

/** Returns what the command line prints about a record. */
export async function printedByVerbs(node: RunningService, id: string): Promise<Shown[]> {
  const verbs = [
    ...['register', 'json', 'csv', 'cloudevents'].map((format) => ['export', id, '--format', format]),
    ['replay', id, '--json'],
    ['replay', id],
  ];
  return Promise.all(
    verbs.map(async (words) => {
      const { code, stdout } = await runDocket(words, node);
      return { path: words.join(' '), status: code === 0 ? 200 : 500, retryAfter: null, text: stdout };
    }),
  );
}
