import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { documentOf } from './service-document.ts';
import { DIST, pause, settingsIn, startNode, startWarm } from './service-child.ts';
import { temporaryFolder } from './temporary-folder.ts';
import type { Ended } from './service-child.ts';
import { messageOf } from '#event-sourcing/errors';

const ANSWER_MS_MAX = 20_000;

/** The members of all responses together. A journey reads those of its route, which the document requires. */
export interface AnswerBody {
  readonly id: string;
  readonly version: number;
  readonly position: string;
  readonly status: string;
  readonly state: Readonly<Record<string, string>>;
  readonly events: readonly { readonly eventId: string; readonly type: string; readonly version: number }[];
  readonly items: readonly AnswerItem[];
  readonly next: string | number | null;
  readonly nextCursor: string | null;
  readonly recommendations: readonly { readonly id: string; readonly version: number }[];
  readonly commands: readonly {
    readonly command: string;
    readonly allowed: boolean;
    readonly because: readonly { readonly code: string; readonly detail: string }[];
  }[];
  readonly projections: readonly { readonly name: string; readonly position: string; readonly lag: number }[];
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
  readonly allowedCommands: readonly string[];
  readonly currentVersion: number;
  readonly recipient: string | null;
  readonly outcome: string;
  readonly anomalies: readonly { readonly code: string; readonly line: number; readonly column: number }[];
  readonly records: readonly { readonly line: number; readonly outcome: string; readonly detail?: string }[];
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
  readonly sweep: {
    readonly lastRun: string | null;
    readonly nextRun: string | null;
    readonly lagDays: number | null;
    readonly last?: { readonly finishedAt: string };
  };
  readonly store: { readonly address: string };
  readonly processes: readonly { readonly host: string; readonly pid: number }[];
  readonly total: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byRecipient: readonly { readonly recipient: string | null; readonly total: number }[];
  readonly byDeadline: Readonly<Record<string, number>>;
  readonly byAge: Readonly<Record<string, number>>;
  readonly queues: readonly { readonly name: string; readonly count: number; readonly list: string }[];
}

/** An event, an entry of the register, a deadline, or an entry of a timeline. */
export interface AnswerItem {
  readonly correlationId: string;
  readonly id: string;
  readonly eventId: string;
  readonly streamId: string;
  readonly type: string;
  readonly version: number;
  readonly position: string;
  readonly effectiveOn: string;
  readonly recordedAt: string;
  readonly recipient: string | null;
  readonly status: string;
  readonly state: Readonly<Record<string, string>>;
  readonly text?: string | null;
  readonly title: string | null;
  readonly deadlineId: string;
  readonly dueOn: string;
  readonly daysLeft: number | null;
  readonly origin: string;
  readonly hash: string;
  readonly previousHash: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly salts: Readonly<Record<string, string>>;
  readonly commitments: Readonly<Record<string, string>>;
  readonly command: { readonly id: string; readonly name: string };
  readonly actor: { readonly subject: string; readonly roles: readonly string[] };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: AnswerBody;
}

interface RequestOptions {
  readonly token?: string | undefined;
  /** The body. A string or bytes are sent unchanged, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: OutgoingHttpHeaders;
}

interface Person {
  /** The subject; the role if absent. */
  readonly subject?: string;
  readonly organisations?: readonly string[];
}

/** The client of one person. */
export interface Client {
  readonly token: string;
  get(path: string, headers?: OutgoingHttpHeaders): Promise<Answer>;
  post(path: string, body?: unknown, headers?: OutgoingHttpHeaders): Promise<Answer>;
  /** Sends a command to a record. */
  command(id: string, command: string, body?: unknown, headers?: OutgoingHttpHeaders): Promise<Answer>;
  /** Issues a recommendation, by default to Wiltshire. Fails if it is refused. */
  issue(more?: object): Promise<Answer>;
  /** Imports a register record. Fails if it is refused. */
  import(source: string | Uint8Array, query?: string): Promise<Answer>;
}

/** Returns a token with claims, signed as by the service, or wrongly. */
export function signToken(
  claims: Readonly<Record<string, unknown>>,
  secret: Buffer,
  header: Readonly<Record<string, unknown>> = { alg: 'HS256', typ: 'JWT' },
): string {
  const encoded = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const signature = createHmac('sha256', secret).update(encoded.join('.')).digest('base64url');
  return [...encoded, signature].join('.');
}

/** Returns the claims of a development token that is valid for an hour. */
export const claimsOf = (
  roles: readonly string[],
  { subject = roles[0] ?? 'nobody', organisations = [] }: Person = {},
): Record<string, unknown> => {
  const issuedAt = Math.floor(Date.now() / 1_000);
  return {
    roles,
    organisations,
    sub: subject,
    iss: 'urn:docket:development',
    aud: 'urn:docket:api',
    iat: issuedAt,
    exp: issuedAt + 3_600,
  };
};

/** Returns a recommendation with a new id. Its text contains the deadlines that have passed. */
let issued = 0;
export const recommendation = (more: object = {}) => {
  issued += 1;
  const sent = {
    id: `rec-${issued}`,
    title: `Recommendation ${issued}`,
    text: 'Every force should publish an action plan.',
    recipients: ['wiltshire'],
    report: { name: 'Regional Organised Crime Units', publishedOn: '2020-01-06' },
    ...more,
  };
  return { ...sent, text: `${sent.text}${passedDeadlines('deadlines' in more ? more.deadlines : [])}` };
};

/** Returns a text with the past deadlines, which are accepted only if the text contains their day. */
function passedDeadlines(deadlines: unknown): string {
  const today = new Date().toISOString().slice(0, 10);
  const dates = (Array.isArray(deadlines) ? deadlines : [])
    .map((each: { readonly dueOn?: unknown } | null) => each?.dueOn)
    .filter(
      (dueOn): dueOn is string =>
        typeof dueOn === 'string' && /^2\d{3}-\d\d-\d\d$/.test(dueOn) && dueOn < today,
    );
  const words = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
  return dates.map((date) => ` It should be done by ${words.format(new Date(date))}.`).join('');
}

export type RunningService = Awaited<ReturnType<typeof startService>>;

/**
 * Starts the real service in its own folder, and in a process that no other service uses at the time. Checks every
 * response against its document.
 */
export async function startService({
  env = {},
  folder = temporaryFolder(),
  dist = DIST,
  isNew = Object.keys(env).some((name) => !/^(?:DOCKET_|HOST$|PORT$)/.test(name)),
}: {
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** The folder of another build. */
  readonly dist?: string;
  /** Whether the process must be a new one, such as for its metrics; by default only for variables of others. */
  readonly isNew?: boolean;
} = {}) {
  const settings = settingsIn(folder, { PORT: '0', DOCKET_LOG_LEVEL: 'warn', ...env });
  const started = isNew
    ? startNode([join(dist, 'apps/server/src/main.js')], settings, folder)
    : startWarm('service', settings, folder, dist);
  const [, address = ''] = await started
    .printed(/^Docket is ready at (\S+)$/m)
    .catch(async (error: unknown) => {
      await started.end('SIGKILL');
      throw error;
    });
  const agent = new Agent({ keepAlive: true });
  const secret = developmentSecret(settings['DOCKET_DEVELOPMENT_KEY'] ?? '');

  const { DOCKET_OIDC_ISSUER: provider, DOCKET_PUBLIC_URL: publicUrl } = settings;
  // With a provider the service answers only at its public address, as behind a proxy.
  const host = provider === undefined || publicUrl === undefined ? {} : { host: new URL(publicUrl).host };
  const send = (method: string, path: string, { headers, ...options }: RequestOptions = {}) =>
    sendRequest({ method, url: address + path, agent, ...options, headers: { ...host, ...headers } }).catch(
      (error: unknown) => {
        const reason = messageOf(error);
        throw new Error(`${method} ${path}: ${reason}\n--- standard error\n${started.stderr()}`, {
          cause: error,
        });
      },
    );
  const document = await documentOf(dist, async () => (await send('GET', '/api/openapi.json')).text);

  /** Sends a request. Fails if the response violates the document. */
  const request = async (method: string, path: string, options: RequestOptions = {}): Promise<Answer> => {
    const answer = await send(method, path, options);
    if (method !== 'HEAD') document.check(method, path, answer);
    // Tests cause damage deliberately; other server errors are faults.
    const isStaged = answer.status === 503 || answer.text.includes('urn:docket:problem:store-damaged');
    if (answer.status >= 500 && !isStaged) {
      // The service writes its log once a second.
      await pause(1_500);
      throw new Error(`${method} ${path} failed: ${answer.text}\n--- standard error\n${started.stderr()}`);
    }
    return answer;
  };

  const token = (role: string | readonly string[], person: Person = {}): string =>
    signToken(claimsOf(typeof role === 'string' ? [role] : role, person), secret);

  const as = (role: string | readonly string[], person: Person = {}): Client =>
    clientOf(token(role, person), request);

  const close = async (signal: NodeJS.Signals): Promise<Ended> => {
    const ended = await started.end(signal);
    agent.destroy();
    return ended;
  };
  return {
    address,
    folder,
    secret,
    document,
    agent,
    process: started,
    request,
    token,
    as,
    stderr: () => started.stderr(),
    /** Stops the service, as an operator does. */
    stop: () => close('SIGTERM'),
    /** Kills the service, as a power cut does. */
    kill9: () => close('SIGKILL'),
  };
}

/** Returns the key of development tokens; empty with a provider. */
function developmentSecret(path: string): Buffer {
  if (!existsSync(path)) return Buffer.alloc(0);
  const { k } = JSON.parse(readFileSync(path, 'utf8')) as { k: string };
  return Buffer.from(k, 'base64url');
}

export function clientOf(
  token: string,
  request: (m: string, p: string, o: RequestOptions) => Promise<Answer>,
): Client {
  const post: Client['post'] = (path, body, headers = {}) => request('POST', path, { token, body, headers });
  const accepted = (answer: Answer, status: number): Answer => {
    if (answer.status !== status) throw new Error(`Refused with ${answer.status}: ${answer.text}`);
    return answer;
  };
  return {
    token,
    get: (path, headers = {}) => request('GET', path, { token, headers }),
    post,
    command: (id, command, body, headers) =>
      post(`/api/recommendations/${id}/commands/${command}`, body, headers),
    issue: async (more) => accepted(await post('/api/recommendations', recommendation(more)), 201),
    import: async (source, query = '') =>
      accepted(await post(`/api/imports${query}`, source, { 'content-type': 'text/plain' }), 201),
  };
}

interface Sent extends RequestOptions {
  readonly method: string;
  readonly url: string;
  readonly agent: Agent;
}

function sendRequest({ method, url, agent, token, body, headers = {} }: Sent): Promise<Answer> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const payload = isRaw ? body : body === undefined ? undefined : JSON.stringify(body);
  const sent: OutgoingHttpHeaders = {
    ...(payload !== undefined && { 'content-type': 'application/json' }),
    ...(payload !== undefined &&
      headers['transfer-encoding'] === undefined && { 'content-length': Buffer.byteLength(payload) }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method, agent, headers: sent }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(pieces).toString();
        const isJson = /json/.test(response.headers['content-type'] ?? '') && text !== '';
        const json = (isJson ? JSON.parse(text) : {}) as AnswerBody;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    });
    outgoing.setTimeout(ANSWER_MS_MAX, () =>
      outgoing.destroy(new Error(`there was no answer within ${ANSWER_MS_MAX} ms`)),
    );
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // The service may close an idle connection just as it is used again. A client then repeats an idempotent request
      // on another one.
      const isRepeatable = method === 'GET' || headers['idempotency-key'] !== undefined;
      const isStale = outgoing.reusedSocket && error.code === 'ECONNRESET' && isRepeatable;
      if (isStale)
        resolve(
          sendRequest({
            method,
            url,
            agent: new Agent(),
            body,
            headers,
            ...(token !== undefined && { token }),
          }),
        );
      else reject(error);
    });
    outgoing.end(payload);
  });
}

/** Returns the expected refusal, for `toMatchObject`. */
export const refusal = (status: number, code: string, more: object = {}) => ({
  status,
  json: { type: `urn:docket:problem:${code}`, status, ...more },
});
