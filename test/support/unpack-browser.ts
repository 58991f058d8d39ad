import { execFileSync } from 'node:child_process';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib';

/** Installed packages are removed together with it. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));

/** A browser, and its environment variables. */
export interface UnpackedBrowser {
  readonly executable: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Returns the browser in `DOCKET_TEST_CHROMIUM`, or that of a package, whose browser, libraries and font the first run
 * unpacks.
 */
export async function unpackBrowser(): Promise<UnpackedBrowser> {
  const named = process.env['DOCKET_TEST_CHROMIUM'];
  if (named !== undefined) return { executable: named, env: {} };
  const packed = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '../../bin');
  const { version } = JSON.parse(readFileSync(join(packed, '../package.json'), 'utf8')) as {
    version: string;
  };
  const folder = join(CACHE, `chromium-${version}`);
  if (!existsSync(folder)) await unpackInto(folder, packed);
  return {
    executable: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'lib'), FONTCONFIG_PATH: folder },
  };
}

async function unpackInto(folder: string, packed: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const made = mkdtempSync(`${folder}-`);
  untar(join(packed, 'al2023.tar.br'), made);
  untar(join(packed, 'fonts.tar.br'), made);
  await pipeline(
    createReadStream(join(packed, 'chromium.br')),
    createBrotliDecompress(),
    createWriteStream(join(made, 'chromium'), { mode: 0o755 }),
  );
  mkdirSync(join(made, 'fonts-cache'));
  // The package's own file contains folders of another machine.
  const fonts = `<fontconfig><dir>${join(folder, 'fonts')}</dir><cachedir>${join(folder, 'fonts-cache')}</cachedir></fontconfig>`;
  writeFileSync(join(made, 'fonts.conf'), `<?xml version="1.0"?>\n${fonts}\n`);
  try {
    renameSync(made, folder);
  } catch (error) {
    // Another run was faster.
    rmSync(made, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}

function untar(archive: string, folder: string): void {
  execFileSync('tar', ['-x', '-C', folder], { input: brotliDecompressSync(readFileSync(archive)) });
}
