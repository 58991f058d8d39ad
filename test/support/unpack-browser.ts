import { execFileSync } from 'node:child_process';
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib';

/** A browser, and its environment variables. */
export interface UnpackedBrowser {
  readonly executable: string;
  readonly env: Readonly<Record<string, string>>;
  /** The folder to remove afterwards; null if nothing was unpacked. */
  readonly folder: string | null;
}

/**
 * Returns the browser in `DOCKET_TEST_CHROMIUM`, or unpacks a package's browser with its libraries and font into a
 * folder, which takes two seconds once per run.
 */
export async function unpackBrowser(): Promise<UnpackedBrowser> {
  const named = process.env['DOCKET_TEST_CHROMIUM'];
  if (named !== undefined) return { executable: named, env: {}, folder: null };
  const packed = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../../bin');
  const folder = mkdtempSync(join(tmpdir(), 'docket-chromium-'));
  const executable = join(folder, 'chromium');
  untar(join(packed, 'al2023.tar.br'), folder);
  untar(join(packed, 'fonts.tar.br'), folder);
  await pipeline(
    createReadStream(join(packed, 'chromium.br')),
    createBrotliDecompress(),
    createWriteStream(executable, { mode: 0o755 }),
  );
  const cache = join(folder, 'fonts-cache');
  mkdirSync(cache);
  // The package's own file contains folders of another machine.
  const fonts = `<fontconfig><dir>${join(folder, 'fonts')}</dir><cachedir>${cache}</cachedir></fontconfig>`;
  writeFileSync(join(folder, 'fonts.conf'), `<?xml version="1.0"?>\n${fonts}\n`);
  return { executable, env: { LD_LIBRARY_PATH: join(folder, 'lib'), FONTCONFIG_PATH: folder }, folder };
}

function untar(archive: string, folder: string): void {
  execFileSync('tar', ['-x', '-C', folder], { input: brotliDecompressSync(readFileSync(archive)) });
}
