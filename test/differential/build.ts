import { parse } from 'csv-parse/sync';
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { readZip } from '#audit/pack/read-zip';

/** A request that is sent to both builds. Its texts are those of the earlier build's run. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body: JSON as its value, an archive as its files, anything else as text. */
  readonly body: unknown;
}

/** The headers that do not depend on the service's behaviour. */
const SILENT_HEADERS = ['date', 'content-length', 'connection', 'keep-alive'];

/** The folder of both runs, with the key, the clock and each build's files. */
interface Place {
  readonly folder: string;
  readonly clock: string;
}

/** A built checkout, with its service on a separate store. */
export class Build {
  readonly name: string;
  readonly folder: string;
  readonly #dist: string;
  readonly #env: NodeJS.ProcessEnv;
  #service: ChildProcess | null = null;
  address = '';

  constructor(name: string, checkout: string, { folder, clock }: Place) {
    this.name = name;
    this.#dist = join(resolve(checkout), 'dist/apps');
    if (!existsSync(this.#dist)) throw new Error(`${checkout} is not built: run npm run build there`);
    this.folder = join(folder, name);
    mkdirSync(this.folder);
    const inherited = Object.entries(process.env).filter(
      ([key]) => !/^(?:DOCKET_|HOST$|PORT$|INIT_CWD$)/.test(key),
    );
    this.#env = {
      ...Object.fromEntries(inherited),
      NODE_OPTIONS: `--import=${new URL('clock.mjs', import.meta.url).href}`,
      DIFFERENTIAL_CLOCK: clock,
      PORT: '0',
      DOCKET_STORE: `sqlite:${join(this.folder, 'docket.sqlite')}`,
      DOCKET_DEVELOPMENT_KEY: join(folder, 'key.jwk'),
      DOCKET_SESSION_KEY: join(folder, 'session-key.jwk'),
      DOCKET_LOG_ORIGIN: 'docket.example',
      DOCKET_LOG_LEVEL: 'fatal',
      // Sweeps would start at different times, so the test requests them.
      DOCKET_SWEEP: 'off',
      DOCKET_CHECKPOINTS: 'off',
    };
  }

  async start(): Promise<void> {
    const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
    const child = spawn(process.execPath, [join(this.#dist, 'server/src/main.js')], {
      cwd: this.folder,
      env: this.#env,
      stdio,
    });
    this.#service = child;
    for await (const line of createInterface(child.stdout)) {
      const [, address] = /^Docket is ready at (\S+)$/.exec(line) ?? [];
      if (address === undefined) continue;
      this.address = address;
      return;
    }
    throw new Error(`The service of ${this.name} ended before it was ready`);
  }

  async stop(): Promise<void> {
    const child = this.#service;
    this.#service = null;
    if (child === null || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  /** Continues with all data of another build. Both must be stopped. */
  async continueFrom(other: Build): Promise<void> {
    rmSync(this.folder, { recursive: true });
    cpSync(other.folder, this.folder, { recursive: true });
    // The signer records the store for which it signed. Its new checkpoint is added to both logs.
    await Promise.all([this, other].map((build) => build.run(['checkpoint', '--adopt'])));
  }

  /** Deletes the read models. They are projected again at the next start. */
  dropReadModels(): void {
    const files = readdirSync(this.folder).filter((name) => name.includes('read-models'));
    for (const file of files) rmSync(join(this.folder, file));
  }

  async send({ path, ...request }: Request): Promise<Answer> {
    const headers = { ...request.headers, ...(request.method === 'POST' && { origin: this.address }) };
    const answer = await fetch(this.address + path, { ...request, headers, redirect: 'manual' });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const headerList = [...answer.headers].filter(([name]) => !SILENT_HEADERS.includes(name));
    const body = this.#read(answer.headers.get('content-type') ?? '', bytes);
    return { status: answer.status, headers: Object.fromEntries(headerList), body };
  }

  /** Runs the command line to its end. */
  run(words: readonly string[]): Promise<Answer> {
    const main = join(this.#dist, 'cli/src/main.js');
    return new Promise((done) => {
      execFile(
        process.execPath,
        [main, ...words],
        { cwd: this.folder, env: this.#env, maxBuffer: 2 ** 28 },
        (error, stdout, stderr) => {
          const body = { stdout: valuesOf(this.#neutral(stdout)), stderr: this.#neutral(stderr) };
          done({ status: typeof error?.code === 'number' ? error.code : 0, headers: {}, body });
        },
      );
    });
  }

  /** Returns a text without the paths of this build's run and the digest of its pages' script. */
  #neutral(text: string): string {
    return text
      .replaceAll(this.address, 'http://SERVICE')
      .replaceAll(this.folder, 'FOLDER')
      .replaceAll(/(?<=assets\/docket-)\w+/g, 'DIGEST');
  }

  #read(type: string, bytes: Buffer): unknown {
    if (type.includes('zip')) {
      // The verifiers are programs that differ in every line.
      const read = [...readZip(bytes)].filter(([name]) => !name.startsWith('verify.'));
      const files = read.map(([name, content]) => [name, valuesOf(Buffer.from(content).toString())] as const);
      return Object.fromEntries(files);
    }
    if (type.includes('octet-stream')) return bytes.length;
    const text = this.#neutral(bytes.toString());
    if (type.includes('csv')) return parse(text, { columns: true, bom: true, relaxColumnCount: true });
    return /json/.test(type) && text !== '' ? (JSON.parse(text) as unknown) : text;
  }
}

/** Returns JSON, or one JSON value per line, as values; any other text unchanged. */
function valuesOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const lines = text.trimEnd().split('\n');
    if (!lines.every((line) => line.startsWith('{') && line.endsWith('}'))) return text;
    return lines.map((line) => JSON.parse(line) as unknown);
  }
}
