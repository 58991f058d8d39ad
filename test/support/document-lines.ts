import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { runWarm } from './command-line.ts';
import { childEnvironment, DIST } from './service-child.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const ROOT = join(DIST, '..');

/** A fenced block of a document, and its context. */
export interface Block {
  readonly page: string;
  /** The language after the fence: `sh`, `json`, `text`, …; empty for none. */
  readonly language: string;
  readonly text: string;
  /** The reason why it is not run, from a comment on the line before; null if there is none. */
  readonly notRun: string | null;
  /** The last heading before the block. */
  readonly section: string;
}

/** Returns a page's blocks in order, without the indentation of lists. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const fenced = /(?:^[ ]*<!-- not run: ([^\n]*?) -->\n+)?^([ ]*)```(\w*)\n([^]*?)^[ ]*```$/gm;
  return [...text.matchAll(fenced)].map(
    ({ 1: notRun, 2: indent = '', 3: language = '', 4: body = '', index }) => ({
      page,
      language,
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      notRun: notRun ?? null,
      section: [...text.slice(0, index).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? '',
    }),
  );
}

/** Returns a block's lines, without trailing remarks. */
export const linesOf = ({ text }: Pick<Block, 'text'>): string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.replace(/\s+# .*$/, ''));

/** Creates a folder in which commands find an installation of the built project; its command line is `bin/docket`. */
export function installation(): string {
  const folder = temporaryFolder();
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  for (const name of ['node_modules', 'dist', 'test']) symlinkSync(join(ROOT, name), join(folder, name));
  mkdirSync(join(folder, 'bin'));
  const docket = `#!/bin/sh\nexec "${process.execPath}" "${join(DIST, 'apps/cli/src/main.js')}" "$@"\n`;
  writeFileSync(join(folder, 'bin/docket'), docket, { mode: 0o755 });
  return folder;
}

/** The folder and the store on which lines run; the default store if there is no address. */
export interface Place {
  readonly folder: string;
  readonly store?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Matches a command line of which a shell changes nothing, and which does not start the service. */
const PLAIN = /^docket (?!serve)[\w./:= -]+$/;
const START = /(?:^| )(?:npm start|docket serve)$/;

/** Runs lines as a reader of the page does, and returns their output. Stops a service when it is ready. */
export async function runLines(lines: readonly string[], { folder, store, env }: Place): Promise<string> {
  let output = '';
  for (const line of lines) {
    // The packages are already installed in the checkout.
    if (line === 'npm ci') continue;
    const settings = {
      DOCKET_LOG_LEVEL: 'warn',
      ...(store !== undefined && { DOCKET_STORE: store }),
      ...env,
    };
    const { code, stdout, stderr } = PLAIN.test(line)
      ? await runWarm(line.split(/ +/).slice(1), { folder, env: settings })
      : await runInShell(line, folder, settings);
    if (START.test(line)) {
      if (!stdout.includes('is ready at')) throw new Error(`${line} did not start:\n${stdout}${stderr}`);
    } else if (code !== 0) throw new Error(`${line} ended with ${code}:\n${stdout}${stderr}`);
    output += stdout;
  }
  return output;
}

async function runInShell(line: string, folder: string, env: Readonly<Record<string, string>>) {
  const child = spawn('bash', ['-ec', line], {
    cwd: folder,
    env: childEnvironment({
      PATH: [join(folder, 'bin'), dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
      PORT: '0',
      ...env,
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (START.test(line) && stdout.includes('is ready at')) process.kill(-(child.pid ?? 0), 'SIGTERM');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
