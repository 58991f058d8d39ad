import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import type { FormatsPlugin } from 'ajv-formats';
import type { IncomingHttpHeaders } from 'node:http';

interface DocumentedResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly required?: boolean;
  readonly schema?: Schema;
}

export interface Operation {
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
  readonly security?: readonly unknown[];
}

/** The members of the OpenAPI document that journeys read. */
export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly webhooks: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly headers: Readonly<Record<string, unknown>>;
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes?: Readonly<Record<string, unknown>>;
  };
}

interface SeenAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

// This is a CommonJS module, which TypeScript and Node import differently.
const addFormats = addFormatsModule as unknown as FormatsPlugin;

const PROBLEM = 'application/problem+json';

/** The headers of responses that must be documented. */
const TELLING_HEADERS = [
  'etag',
  'location',
  'link',
  'retry-after',
  'content-disposition',
  'www-authenticate',
  'x-correlation-id',
];

/** Compares every response with the OpenAPI document. An undocumented status, media type or member is a fault. */
class ServiceDocument {
  readonly openApi: OpenApi;
  // Each worker compiles hundreds of schemas, and runs most of them a few times: inlining and optimising cost more than
  // they save.
  readonly #ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    inlineRefs: false,
    code: { optimize: false },
  });
  readonly #validators = new Map<string, ValidateFunction>();
  readonly #templates: readonly {
    readonly path: string;
    readonly pattern: RegExp;
    readonly literals: number;
  }[];

  constructor(openApi: OpenApi) {
    this.openApi = openApi;
    addFormats(this.#ajv);
    this.#ajv.addSchema({ $id: 'openapi', ...closed(openApi) });
    this.#templates = Object.keys(openApi.paths)
      .map((path) => ({
        path,
        pattern: new RegExp(
          `^${path
            .replaceAll('.', '\\.')
            .replace('{path}', '.+')
            .replaceAll(/\{[^}]+\}/g, '[^/]+')}$`,
        ),
        literals: path.split('/').filter((part) => !part.startsWith('{')).length,
      }))
      .sort((a, b) => b.literals - a.literals);
  }

  /** Returns the documented path of an address; undefined if there is none. */
  pathOf(address: string): string | undefined {
    const [path = ''] = address.split('?');
    return this.#templates.find(({ pattern }) => pattern.test(path))?.path;
  }

  /**
   * Throws for an undocumented part of a response.
   * @throws Error with that part.
   */
  check(method: string, address: string, answer: SeenAnswer): void {
    const fault = this.#faultOf(method.toLowerCase(), address, answer);
    if (fault === null) return;
    throw new Error(`${method} ${address} was answered with ${answer.status}, ${fault}:\n${answer.text}`);
  }

  #faultOf(method: string, address: string, answer: SeenAnswer): string | null {
    const [mediaType = ''] = (answer.headers['content-type'] ?? '').split(';');
    if (answer.status >= 400) {
      const fault = problemFault(mediaType, answer);
      const isHealth = address.startsWith('/health/');
      const isPage = mediaType === 'text/html' && !address.startsWith('/api');
      if (fault !== null && !isHealth && !isPage) return fault;
    }
    if (answer.headers['x-correlation-id'] === undefined) return 'without a correlation id';
    const path = this.pathOf(address);
    const operation = path === undefined ? undefined : this.openApi.paths[path]?.[method];
    // These are pages of the documentation, and unknown paths.
    if (path === undefined || operation === undefined) return null;
    const documented = operation.responses[String(answer.status)];
    if (documented === undefined) return `a status that ${method} ${path} does not document`;
    const headers = Object.keys(documented.headers ?? {}).map((name) => name.toLowerCase());
    const silent = TELLING_HEADERS.find((name) => name in answer.headers && !headers.includes(name));
    if (silent !== undefined) return `with the header ${silent}, which is not documented`;
    const hasBody = Object.keys(documented.content ?? {}).length > 0;
    if (!hasBody) return answer.text === '' ? null : 'with a body that is not documented';
    if (!Object.hasOwn(documented.content ?? {}, mediaType))
      return `as ${mediaType}, which is not documented`;
    if (!mediaType.includes('json')) return null;
    const pointer = [
      'paths',
      path,
      method,
      'responses',
      String(answer.status),
      'content',
      mediaType,
      'schema',
    ];
    return this.schemaFault(pointer, JSON.parse(answer.text));
  }

  /** Returns how a value violates the schema at a place of the document; null if it does not. */
  schemaFault(place: readonly string[], value: unknown): string | null {
    const reference = `openapi#/${place.map(escaped).join('/')}`;
    let validate = this.#validators.get(reference);
    if (validate === undefined) {
      validate = this.#ajv.compile({ $ref: reference });
      this.#validators.set(reference, validate);
    }
    if (validate(value)) return null;
    return `not as its schema says: ${this.#ajv.errorsText(validate.errors, { dataVar: '' })}`;
  }
}

/** The documents by build: no setting changes them, and the service computes its own at the first request. */
const documents = new Map<string, ServiceDocument>();

export async function documentOf(build: string, read: () => Promise<string>): Promise<ServiceDocument> {
  const document = documents.get(build) ?? new ServiceDocument(JSON.parse(await read()) as OpenApi);
  documents.set(build, document);
  return document;
}

const escaped = (part: string): string =>
  encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));

/** Returns the fault of a problem (RFC 9457), which must have one of Docket's types; null if it has none. */
function problemFault(mediaType: string, { status, text }: SeenAnswer): string | null {
  if (mediaType !== PROBLEM) return `as ${mediaType} and not as ${PROBLEM}`;
  const problem = JSON.parse(text) as Record<string, unknown>;
  const { type, title, detail } = problem;
  if (typeof type !== 'string' || !/^urn:docket:problem:[a-z-]+$/.test(type)) return 'without a type of ours';
  if (typeof title !== 'string' || title === '') return 'without a title';
  if (typeof detail !== 'string' || detail === '') return 'without a detail';
  if (problem['status'] !== status) return 'with another status inside';
  return null;
}

/** Returns a schema in which every object rejects undocumented members. */
function closed(value: unknown): Schema {
  return walk(value) as Schema;

  function walk(part: unknown): unknown {
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== 'object' || part === null) return part;
    const copy = Object.fromEntries(Object.entries(part).map(([name, member]) => [name, walk(member)]));
    const isObject =
      copy['type'] === 'object' || (Array.isArray(copy['type']) && copy['type'].includes('object'));
    return isObject && 'properties' in copy && !('additionalProperties' in copy)
      ? { ...copy, additionalProperties: false }
      : copy;
  }
}
