import { parseHTML } from 'linkedom';

/** The members of an element that journeys read. */
export interface PageElement {
  readonly textContent: string;
  readonly tagName: string;
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

/** A page, after following redirects with 303. */
export interface OpenedPage {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** The path and query of the page. */
  readonly address: string;
  readonly title: string;
  readonly heading: string;
  find(selector: string): PageElement | null;
  all(selector: string): readonly PageElement[];
  /** Returns the words of matching elements, with white space as a reader sees it. */
  words(selector: string): readonly string[];
  /** Returns the target of the link with these words. */
  link(words: string): string;
}

/** A file sent with a form. */
interface SentFile {
  readonly field: string;
  readonly name: string;
  readonly content: string;
}

const REDIRECTS_MAX = 5;

/** A browser without scripts: it has cookies, sends its origin, follows redirects and submits forms. */
export class PageBrowser {
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();

  /** @param address the address of the service. */
  constructor(address: string) {
    this.#origin = address;
  }

  /** Signs in as a development person. */
  async signIn(person: string, to = '/'): Promise<OpenedPage> {
    return this.post('/sign-in', { person, to });
  }

  async get(path: string): Promise<OpenedPage> {
    return this.#follow(path, { method: 'GET' });
  }

  async post(path: string, fields: Readonly<Record<string, string>>): Promise<OpenedPage> {
    return this.#sendForm(path, new URLSearchParams(fields));
  }

  async follow(page: OpenedPage, words: string): Promise<OpenedPage> {
    return this.get(new URL(page.link(words), this.#origin + page.address).href.slice(this.#origin.length));
  }

  /**
   * Submits a form of a page as a browser does: with the values of its fields, overridden by `changes` (null: the field
   * is not sent), and with the button with these words, or the first one.
   */
  async submit(
    page: OpenedPage,
    selector: string,
    fieldValues: Readonly<Record<string, string | readonly string[] | null>> = {},
    button?: string,
    files: readonly SentFile[] = [],
  ): Promise<OpenedPage> {
    const form = page.find(selector);
    if (form === null) throw new Error(`${page.address} has no form ${selector}`);
    const fields = new URLSearchParams();
    for (const [name, value] of [...fieldsOf(form), ...buttonOf(form, button)])
      if (!Object.hasOwn(fieldValues, name)) fields.append(name, value);
    for (const [name, values] of Object.entries(fieldValues)) {
      if (form.querySelector(`[name="${name}"]`) === null)
        throw new Error(`${page.address}: the form has no field ${name}`);
      for (const value of [values ?? []].flat()) fields.append(name, value);
    }
    const to = new URL(form.getAttribute('action') ?? page.address, this.#origin + page.address);
    const path = to.href.slice(this.#origin.length);
    if (form.getAttribute('enctype') === 'multipart/form-data') return this.#sendFiles(path, fields, files);
    if (form.getAttribute('method') === 'post') return this.#sendForm(path, fields);
    return this.get(`${path.split('?')[0] ?? ''}?${fields.toString()}`);
  }

  async #sendForm(path: string, fields: URLSearchParams): Promise<OpenedPage> {
    return this.#follow(path, {
      method: 'POST',
      body: fields.toString(),
      headers: { origin: this.#origin, 'content-type': 'application/x-www-form-urlencoded' },
    });
  }

  async #sendFiles(path: string, fields: URLSearchParams, files: readonly SentFile[]): Promise<OpenedPage> {
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    for (const { field, name, content } of files) body.append(field, new Blob([content]), name);
    return this.#follow(path, { method: 'POST', body, headers: { origin: this.#origin } });
  }

  async #follow(path: string, init: RequestInit): Promise<OpenedPage> {
    let [to, request] = [path, init];
    for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
      const answer = await this.#send(to, request);
      if (answer.status !== 303) return pageOf(answer, to, await answer.text());
      await answer.arrayBuffer();
      const { pathname, search } = new URL(answer.headers.get('location') ?? '', this.#origin + to);
      [to, request] = [pathname + search, { method: 'GET' }];
    }
    throw new Error(`${path} leads on and on`);
  }

  async #send(path: string, { headers, ...request }: RequestInit): Promise<Response> {
    const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ');
    const answer = await fetch(this.#origin + path, {
      ...request,
      redirect: 'manual',
      headers: { ...(headers as Record<string, string> | undefined), accept: 'text/html,*/*;q=0.8', cookie },
    });
    for (const set of answer.headers.getSetCookie()) this.#keep(set);
    return answer;
  }

  #keep(set: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
    if (value === '' || /;\s*Max-Age=0/i.test(set)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

function pageOf({ status, headers }: Response, address: string, html: string): OpenedPage {
  const { document } = parseHTML(html) as unknown as { readonly document: PageElement };
  const words = (element: PageElement | null): string =>
    element?.textContent.replaceAll(/\s+/g, ' ').trim() ?? '';
  const all = (selector: string): readonly PageElement[] => [...document.querySelectorAll(selector)];
  return {
    status,
    headers,
    html,
    address,
    title: words(document.querySelector('title')),
    heading: words(document.querySelector('h1')),
    find: (selector) => document.querySelector(selector),
    all,
    words: (selector) => all(selector).map(words),
    link(text) {
      const found = all('a').filter((link) => words(link) === text);
      if (found.length !== 1)
        throw new Error(`${address} has ${found.length} links with the words "${text}"`);
      return found[0]?.getAttribute('href') ?? '';
    },
  };
}

/** Returns a form's initial values. */
function fieldsOf(form: PageElement): [string, string][] {
  const fields: [string, string][] = [];
  for (const field of form.querySelectorAll('input, select, textarea')) {
    const name = field.getAttribute('name');
    if (name === null || field.hasAttribute('disabled')) continue;
    for (const value of valuesOf(field)) fields.push([name, value]);
  }
  return fields;
}

function valuesOf(field: PageElement): string[] {
  if (field.tagName === 'TEXTAREA') return [field.textContent];
  if (field.tagName === 'SELECT') return selectedIn(field);
  const type = field.getAttribute('type') ?? 'text';
  if (type === 'submit' || type === 'file' || type === 'button') return [];
  if ((type === 'checkbox' || type === 'radio') && !field.hasAttribute('checked')) return [];
  return [field.getAttribute('value') ?? (type === 'checkbox' ? 'on' : '')];
}

function selectedIn(field: PageElement): string[] {
  const options = [...field.querySelectorAll('option')];
  const selected = options.filter((option) => option.hasAttribute('selected'));
  const chosen = selected.length > 0 || field.hasAttribute('multiple') ? selected : options.slice(0, 1);
  return chosen.map((option) => option.getAttribute('value') ?? option.textContent);
}

/** Returns the pressed button: the one with these words, or the first. */
function buttonOf(form: PageElement, words: string | undefined): [string, string][] {
  const buttons = [...form.querySelectorAll('button')];
  const button = words === undefined ? buttons[0] : buttons.find((each) => each.textContent.trim() === words);
  if (button === undefined) throw new Error(`The form has no button "${words ?? ''}"`);
  const name = button.getAttribute('name');
  return name === null ? [] : [[name, button.getAttribute('value') ?? '']];
}
