import { writeFileSync } from 'node:fs';
import { bodyOf, commandOf, PERSONS } from '../support/any-commands.ts';
import type { Attempt, Surroundings } from '../support/any-commands.ts';
import type { Answer, Build, Request } from './build.ts';
import { Pairs } from './compare.ts';
import type { Found } from './compare.ts';
import { AUDITOR } from './requests.ts';
import type { Drawn, Requests } from './requests.ts';

/** The parts that all rounds share. */
export interface Run {
  readonly builds: readonly [Build, Build];
  readonly requests: Requests;
  readonly attempts: Attempt[];
  /** The tokens of the {@link PERSONS}. */
  readonly tokens: readonly string[];
  readonly found: Found;
  /** The file with both builds' time. */
  readonly clock: string;
  now: number;
  sent: number;
}

const MINUTE_MS = 60_000;
/** The time in which both may record events after a response, in milliseconds. */
const LATE_MS = 3_000;
const NEW_RECORDS = 4;
const OLD_RECORDS = 5;
const JSON_SENT = { 'content-type': 'application/json' };

/** Sends requests to two services that continue from one store, until they diverge or enough were sent. */
export class Round {
  readonly #run: Run;
  readonly #name: string;
  readonly #eventIds = new Map<string, string[]>();
  readonly #cookies = new Map<string, string>();
  #page: Parameters<Requests['page']>[0] = null;
  /** The last common position of both logs. */
  #end = '0';
  #hasParted = false;
  /**
   * The request that follows from a response: the next page of a list, the same resource with its tag, or the target of
   * a form.
   */
  #next: Drawn | null = null;

  constructor(run: Run, number: number) {
    this.#run = run;
    this.#name = `r${number}`;
    run.found.pairs = new Pairs();
  }

  async run(until: number): Promise<void> {
    const { requests, attempts } = this.#run;
    await this.#settle('the start');
    const began = this.#end;
    await this.#openRecords();
    while (this.#run.sent < until && !this.#hasParted) {
      this.#pass();
      if (this.#next !== null) await this.#answered(this.#next);
      else if (requests.isSo(30)) await this.#attempt(attempts.pop()!);
      else if (requests.isSo(8)) await this.#answered(requests.write(this.#run.sent));
      else await this.#answered(requests.isSo(35) ? requests.page(this.#page) : requests.read());
    }
    const log = { method: 'GET', path: `/api/events?after=${began}&limit=10000`, person: AUDITOR };
    const [before, after] = (await this.#both(log)).map(({ body }) => {
      const { items } = body as { readonly items: readonly { readonly type: string }[] };
      return answerOf(items.map((event) => ({ [event.type]: event })));
    });
    this.#run.found.compare('stored events', before!, after!);
  }

  /** Advances the clock by some minutes, and sometimes by days. */
  #pass(): void {
    const { requests, clock } = this.#run;
    this.#run.now += (1 + requests.below(15) + (requests.isSo(1) ? requests.below(4_000) : 0)) * MINUTE_MS;
    writeFileSync(clock, String(this.#run.now), { flag: 'r+' });
  }

  #both({ person, headers, ...drawn }: Drawn): Promise<[Answer, Answer]> {
    const { builds, tokens, found } = this.#run;
    const own = (text: string): string => found.pairs.translated(text);
    const before: Request = {
      ...drawn,
      headers: {
        ...headers,
        ...(typeof person === 'number' && { authorization: `Bearer ${tokens[person] ?? ''}` }),
        ...(typeof person === 'string' && { cookie: this.#cookies.get(person) ?? '' }),
      },
    };
    const after: Request = {
      method: before.method,
      path: own(before.path),
      headers: Object.fromEntries(Object.entries(before.headers).map(([name, value]) => [name, own(value)])),
      ...(before.body !== undefined && { body: own(before.body) }),
    };
    return Promise.all([builds[0].send(before), builds[1].send(after)]);
  }

  /** Sends a request to both builds, compares the responses, and returns the earlier build's. */
  async #compared(drawn: Drawn): Promise<Answer> {
    this.#run.sent += 1;
    const answers = await this.#both(drawn);
    const { method, path, person, body = '' } = drawn;
    const who = typeof person === 'number' ? PERSONS[person]?.subject : (person ?? 'nobody');
    this.#run.found.compare(this.#routeOf(drawn), ...answers, `${method} ${path} by ${who} ${body}`);
    return answers[0];
  }

  #routeOf({ method, path }: Drawn): string {
    const { records } = this.#run.requests;
    const isId = (part: string): boolean =>
      records.includes(part) || /^\d+$|^not-there$|^[wr]\d*-|[-\d]{12}/.test(part);
    const parts = path
      .split('?')[0]!
      .split('/')
      .map((part) => (isId(part) ? '{id}' : part));
    return `${method} ${parts.join('/')}`;
  }

  /**
   * Waits until all read models are at the end of the log. If the ends of the logs differ, the builds have diverged.
   */
  async #settle(after: string): Promise<void> {
    const { builds, tokens, found } = this.#run;
    const headers = { authorization: `Bearer ${tokens[AUDITOR] ?? ''}` };
    const endOf = async (build: Build): Promise<string> => {
      for (;;) {
        const { body } = await build.send({ method: 'GET', path: '/api/projections', headers });
        const { projections } = body as {
          readonly projections: readonly { position: string; lag: number }[];
        };
        if (projections.every(({ lag }) => lag === 0)) return projections[0]!.position;
      }
    };
    const until = performance.now() + LATE_MS;
    let [before, end] = await Promise.all(builds.map(endOf));
    // Some events are recorded after the response.
    while (before !== end && performance.now() < until) [before, end] = await Promise.all(builds.map(endOf));
    this.#hasParted ||= !found.compare(`the log's end after ${after}`, answerOf(before), answerOf(end));
    if (!this.#hasParted) this.#end = before!;
  }

  async #openRecords(): Promise<void> {
    const { requests } = this.#run;
    const ids = Array.from({ length: NEW_RECORDS }, (_, index) => `${this.#name}-${index}`);
    for (const id of ids) {
      const body = JSON.stringify({
        ...requests.issue(id, 100),
        recipients: [requests.pick(['wiltshire', 'kent'])],
      });
      await this.#compared({
        method: 'POST',
        path: '/api/recommendations',
        headers: JSON_SENT,
        body,
        person: 0,
      });
    }
    requests.records = [
      ...ids,
      ...(requests.records.length === 0 ? ['730'] : requests.records.slice(0, OLD_RECORDS)),
    ];
    for (const id of requests.records) {
      const { body } = await this.#compared({
        method: 'GET',
        path: `/api/recommendations/${id}/events`,
        person: AUDITOR,
      });
      // A refusal has no items.
      const { items = [] } = body as { readonly items?: readonly { readonly eventId: string }[] };
      this.#eventIds.set(
        id,
        items.map(({ eventId }) => eventId),
      );
    }
    await this.#settle('the first issues');
  }

  async #attempt(attempt: Attempt): Promise<void> {
    const { records } = this.#run.requests;
    const person = attempt.person % PERSONS.length;
    const record = records[attempt.record % records.length]!;
    const path = `/api/recommendations/${record}`;
    const shown = (await this.#compared({ method: 'GET', path, person })).body as Partial<Shown>;
    const available = (await this.#compared({ method: 'GET', path: `${path}/commands`, person }))
      .body as Partial<Available>;
    const { version = 1, pending = { extensions: [], proposals: [], corrections: [] } } = shown;
    const allowed = (available.commands ?? []).filter((each) => each.allowed).map((each) => each.command);
    const command = commandOf(attempt, allowed);
    const eventIds = this.#eventIds.get(record) ?? [];
    const body = JSON.stringify(bodyOf(command, attempt, { records, record, eventIds, pending }));
    const headers = {
      ...JSON_SENT,
      ...(attempt.ifMatch !== 'none' && {
        'if-match': `"${attempt.ifMatch === 'stale' ? version - 1 : version}"`,
      }),
      ...(attempt.key !== null && { 'idempotency-key': `${this.#name}-${attempt.key}` }),
    };
    const request: Drawn = { method: 'POST', path: `${path}/commands/${command}`, headers, body, person };
    const answer = await this.#answered(request);
    const { events = [] } = answer.body as { readonly events?: readonly { readonly eventId: string }[] };
    this.#eventIds.set(record, [...eventIds, ...events.map(({ eventId }) => eventId)]);
    if (attempt.again) await this.#answered(request);
  }

  /** Sends a request, waits for its changes, and draws a following request from its response. */
  async #answered(drawn: Drawn): Promise<Answer> {
    if (typeof drawn.person === 'string' && !this.#cookies.has(drawn.person))
      await this.#signIn(drawn.person);
    this.#next = null;
    const answer = await this.#compared(drawn);
    await this.#settle(this.#routeOf(drawn));
    const { requests } = this.#run;
    const { nextCursor } = Object(answer.body) as { readonly nextCursor?: unknown };
    const { location, etag } = answer.headers;
    if (typeof drawn.person === 'string') {
      const html = answer.body;
      if (location?.startsWith('/sign-in') === true) this.#cookies.delete(drawn.person);
      else if (answer.status === 303) this.#next = { method: 'GET', path: location!, person: drawn.person };
      this.#page =
        typeof html === 'string' && html.startsWith('<!')
          ? { path: drawn.path, html, person: drawn.person }
          : null;
    } else if (typeof nextCursor === 'string' && requests.isSo(60)) {
      const [path, query] = drawn.path.split('?');
      const search = new URLSearchParams(query);
      search.set('cursor', nextCursor);
      this.#next = { ...drawn, path: `${path}?${search.toString()}` };
    } else if (etag !== undefined && drawn.method === 'GET' && requests.isSo(20)) {
      this.#next = { ...drawn, headers: { ...drawn.headers, 'if-none-match': etag } };
    }
    return answer;
  }

  async #signIn(person: string): Promise<void> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await this.#compared({
      method: 'POST',
      path: '/sign-in',
      headers,
      body: `person=demo-${person}&to=/`,
      person: null,
    });
    this.#cookies.set(person, (answer.headers['set-cookie'] ?? '').split(';')[0]!);
    await this.#settle('POST /sign-in');
  }
}

/** The relevant members of a record and its commands. */
interface Shown {
  readonly version: number;
  readonly pending: Surroundings['pending'];
}
interface Available {
  readonly commands: readonly { readonly command: string; readonly allowed: boolean }[];
}

const answerOf = (body: unknown): Answer => ({ status: 0, headers: {}, body });
