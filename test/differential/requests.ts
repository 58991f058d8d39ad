import type { JsonObject } from '#event-sourcing/envelope';
import { parseHTML } from 'linkedom';
import { PERSONS } from '../support/any-commands.ts';
import type { PageElement } from '../support/pages.ts';
import type { OpenApi, Operation, Parameter } from '../support/service-document.ts';
import type { Request } from './build.ts';

/** A request, and its sender: one of the {@link PERSONS} by index, a user of the pages by role, or null. */
export interface Drawn extends Omit<Request, 'headers'> {
  readonly person: number | string | null;
  readonly headers?: Request['headers'];
}

/** The index of a person who sees the whole log and its read models. */
export const AUDITOR = 8;
const PEOPLE = ['inspector', 'approver', 'force-lead', 'commissioner', 'auditor', 'administrator'];
const PAGES =
  '/ /recommendations /recommendations/new /deadlines /deadlines/calendar /statistics /audit /audit/log /audit/refusals /audit/accesses /account /help /accessibility /imports/new /sign-in'.split(
    ' ',
  );
/** Matches pages that would change the conditions of this run, or start long work. */
const NO_PAGES = /sign-out|verifications|rebuild|sessions|operations|minPosition|^\/api\/docs/;

const DATES = [
  '2016-06-15',
  '2026-01-01',
  '2026-03-02',
  '2026-05-30',
  '2026-07-01',
  '2027-01-31',
  '2026-02-30',
];
const INSTANTS = ['2026-03-04T12:00:00Z', '2026-04-01T00:30:00+01:00', '2026-06-01', 'yesterday'];
const WORDS = [
  'plan',
  'wiltshire',
  'kent',
  'none',
  'ann',
  'dan',
  'a word',
  '"action plan"',
  '2',
  'x'.repeat(30),
  'é',
  '',
];
/** Values of parameters by name, if the schema only declares a text. */
const BY_NAME: Readonly<Record<string, readonly string[]>> = {
  recipient: ['wiltshire', 'kent', 'none', 'essex', 'Wiltshire Police'],
  owner: ['ann', 'cat', 'none', 'demo-inspector', 'nobody-known'],
  issue: ['pub-2026', 'none'],
  from: [...DATES, 'v1', 'v3', '1', 'v99'],
  to: [...DATES, ...INSTANTS, 'v2', 'v5', '9'],
  subject: ['ann', 'dan', 'demo-inspector'],
  actor: ['ann', 'cat', 'demo-inspector'],
  type: ['CommentAdded', 'RecommendationIssued', 'Nothing'],
  code: ['invalid-payload', 'command-not-allowed', 'separation-of-duties'],
  kind: ['recommendation', 'letter'],
  recordKind: ['recommendation', 'letter'],
  withhold: ['internal', '1:/data/text=FOI.s31', '2:/data=x'],
  sort: ['title', '-updatedOn', 'dueOn', 'nothing'],
  name: ['register', 'deadlines', 'nothing'],
  path: ['0/000', '0/000.p/5', 'x'],
  index: ['0', '7', '999999'],
  size: ['1', '9', '999999'],
  since: ['1', '4'],
};
/** Parameters with which a request would wait or never end. */
const LEFT_OUT = ['minPosition', 'cursor'];
const NEVER_ENDS = 'text/event-stream';
/** Paths whose responses depend on the process. */
const OF_THE_PROCESS = [
  '/metrics',
  '/api/operations',
  '/health/ready',
  '/api/audit/verifications',
  '/api/docs',
];

/** Generates requests, which are the same for the same numbers. */
export class Requests {
  readonly #random: () => number;
  readonly #reads: readonly (readonly [string, Operation])[];
  records: readonly string[] = [];

  constructor({ paths }: OpenApi, random: () => number) {
    this.#random = random;
    this.#reads = Object.entries(paths).flatMap(([path, { get }]) =>
      get === undefined || OF_THE_PROCESS.includes(path) ? [] : [[path, get] as const],
    );
  }

  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  isSo(percent: number): boolean {
    return this.#random() * 100 < percent;
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)] as Value;
  }

  person(): number | null {
    return this.isSo(2) ? null : this.below(PERSONS.length);
  }

  /** Returns a documented read. */
  read(): Drawn {
    const [template, { parameters = [], responses }] = this.pick(this.#reads);
    const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => this.#inPath(name));
    const query = parameters
      .filter(({ in: where, name }) => where === 'query' && !LEFT_OUT.includes(name))
      .filter(({ required }) => required === true || this.isSo(18))
      .flatMap((parameter) => this.#values(parameter).map((value) => [parameter.name, value]));
    const types = Object.keys(responses['200']?.content ?? {}).filter((type) => type !== NEVER_ENDS);
    const search = new URLSearchParams(query).toString();
    return {
      method: 'GET',
      path: search === '' ? path : `${path}?${search}`,
      headers: types.length === 0 ? {} : { accept: this.pick(types) },
      person: this.person(),
    };
  }

  #inPath(name: string): string {
    if (name === 'id') return this.isSo(5) ? 'not-there' : this.pick(this.records);
    return this.pick(BY_NAME[name] ?? WORDS);
  }

  #values({ name, schema = {} }: Parameter): string[] {
    const { type, items } = schema as { type?: string; items?: object };
    if (type !== 'array') return [this.#value(name, schema)];
    return Array.from({ length: 1 + this.below(2) }, () => this.#value(name, items ?? {}));
  }

  #value(name: string, schema: object): string {
    if (this.isSo(3)) return this.pick(WORDS);
    const { type, enum: values, format } = schema as { type?: string; enum?: string[]; format?: string };
    if (values !== undefined) return this.pick(values);
    if (BY_NAME[name] !== undefined) return this.pick(BY_NAME[name]);
    if (type === 'boolean') return this.pick(['true', 'false']);
    if (type === 'integer') return String(this.pick([1, 2, 5, 50, 200, 0]));
    if (format === 'date' || /On$|From$|To$/.test(name)) return this.pick(DATES);
    if (/At$/.test(name)) return this.pick([...INSTANTS, ...DATES]);
    return this.pick(WORDS);
  }

  /** Returns a request that changes something. */
  write(number: number): Drawn {
    const json = (path: string, body: JsonObject): Drawn => ({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      person: this.person(),
    });
    const others: (() => Drawn)[] = [
      () => json('/api/recommendations', this.issue(`w-${number}`)),
      () => this.#import(`w-${number}`),
      () =>
        json('/api/searches', {
          name: this.pick(['Mine', 'Late', '']),
          query: this.pick(['status=complete', 'q=plan', 'x=y']),
        }),
      () =>
        json(
          '/api/calendar-links',
          this.pick([{}, { recipient: 'kent' }, { kind: 'action' }, { state: 'gone' }]),
        ),
      () => json('/api/people', { subject: this.pick(['zoe', 'ann', 'a b']), name: 'Zoe Marsh' }),
      () => ({ ...json('/api/audit/checkpoints', {}), person: this.pick([0, 8]) }),
      () => ({
        method: 'DELETE',
        path: `/api/people/${this.pick(['zoe', 'joe', 'unknown'])}/name`,
        person: this.pick([0, 8]),
      }),
    ];
    return this.pick(others)();
  }

  issue(id: string, valid = 75): JsonObject {
    const usual: JsonObject = {
      id,
      title: `Recommendation ${id}`,
      text: this.pick([
        'Publish a plan by 30 June 2026.',
        'Within six months of publication every force should train its officers.',
        'Act.',
      ]),
      recipients: this.pick([['wiltshire'], ['kent'], ['wiltshire', 'kent']]),
      report: { name: 'Regional Units', publishedOn: '2026-01-06' },
      ...(this.isSo(50) && { responseRequired: true }),
      ...(this.isSo(50) && { deadlines: [{ dueOn: this.pick(['2026-06-30', '2026-09-30', '2027-03-31']) }] }),
    };
    const broken: JsonObject[] = [
      { title: ' ' },
      { recipients: [] },
      { unheardOf: 1 },
      { deadlines: [{ dueOn: '2026-02-30' }] },
      { id: this.records[0] ?? 'x' },
      { text: 7 },
    ];
    return this.isSo(valid) ? usual : { ...usual, ...this.pick(broken) };
  }

  #import(id: string): Drawn {
    const blocks = [
      '[on]1st June 2016 [comment]A word.[/comment][/on]',
      '[on]2 July 2017 [status]Complete[/status][/on]',
      '[on]3/4/2018 [status]Being progressed[/status][/on]',
      '[on]31st June 2016 [comment]Odd',
      '[on]1st May 2031 [comment]Later.[/comment][/on]',
    ];
    const title = this.isSo(50) ? `A title (${id})` : `A title (${this.pick(this.records)})`;
    const body = `${title}\n\nA text, by 30 June 2026.\n\n${blocks.filter(() => this.isSo(40)).join('\n\n')}`;
    const query = [
      ['recipient', 'kent'],
      ['dryRun', 'true'],
    ].filter(() => this.isSo(25));
    const path = `/api/imports?${new URLSearchParams(query).toString()}`;
    return {
      method: 'POST',
      path,
      headers: { 'content-type': 'text/plain' },
      body: this.isSo(8) ? 'Dear all,' : body,
      person: this.pick([0, 0, 2, 8, 3]),
    };
  }

  /** Returns a link or a form of the open page, or another page. */
  page(open: { readonly path: string; readonly html: string; readonly person: string } | null): Drawn {
    if (open === null || this.isSo(15)) {
      const record = `/recommendations/${this.pick(this.records)}`;
      const path = this.pick([...PAGES, record, `${record}/history`, `${record}/pack`]);
      return { method: 'GET', path, person: this.pick(PEOPLE) };
    }
    const { document } = parseHTML(open.html) as unknown as { readonly document: PageElement };
    const forms = [...document.querySelectorAll('main form')].filter(
      (form) => !NO_PAGES.test(form.getAttribute('action') ?? '') && form.getAttribute('enctype') === null,
    );
    if (forms.length > 0 && this.isSo(35)) return this.#sent(this.pick(forms), open);
    const links = [...document.querySelectorAll('a')].map((link) => link.getAttribute('href') ?? '');
    const ours = [...links.filter((href) => href.startsWith('/') && !NO_PAGES.test(href)), '/'];
    return { method: 'GET', path: this.pick(ours), person: open.person };
  }

  /** Returns a submitted form with some changed fields. */
  #sent(form: PageElement, { path, person }: { readonly path: string; readonly person: string }): Drawn {
    const sent = new URLSearchParams(this.#typed(form)).toString();
    const to = form.getAttribute('action') ?? path;
    if (form.getAttribute('method') !== 'post')
      return { method: 'GET', path: `${to.split('?')[0]}?${sent}`, person };
    return {
      method: 'POST',
      path: to,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: sent,
      person,
    };
  }

  #typed(form: PageElement): [string, string][] {
    const fields = [...form.querySelectorAll('input, textarea, select')].filter((field) =>
      field.hasAttribute('name'),
    );
    return fields.flatMap((field): [string, string][] => {
      const name = field.getAttribute('name')!;
      const type = field.getAttribute('type') ?? 'text';
      const value = field.getAttribute('value') ?? field.textContent;
      if (type === 'radio' || type === 'checkbox') return this.isSo(40) ? [[name, value]] : [];
      if (field.tagName === 'SELECT')
        return [[name, this.pick([...field.querySelectorAll('option')]).getAttribute('value') ?? '']];
      if (type === 'hidden' || this.isSo(25)) return [[name, value]];
      const numbers: Readonly<Record<string, readonly string[]>> = {
        day: ['3', '30', '31'],
        month: ['4', '12', '13'],
        year: ['2025', '2026', '2028'],
      };
      return [[name, this.pick(numbers[name.split('-').at(-1) ?? ''] ?? WORDS)]];
    });
  }
}
