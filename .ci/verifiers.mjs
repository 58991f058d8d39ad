// Builds verify.html, one file that works offline, from the verifier's source; copies verify.py.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { recordPackages } from './bundled.mjs';

const FROM = 'apps/verifier/src';
const NODE = `${FROM}/node-in-browser.ts`;
const TO = 'dist/apps/verifier';

async function minified(entry) {
  const { outputFiles, metafile } = await build({
    entryPoints: [`${FROM}/${entry}`],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    platform: 'browser',
    legalComments: 'none',
    alias: { 'node:crypto': `./${NODE}` },
    inject: entry.endsWith('.ts') ? [NODE] : [],
    metafile: true,
    write: false,
  });
  recordPackages(Object.keys(metafile.inputs));
  // The text is inserted into a script element, which `</script` would end.
  return outputFiles[0].text.trim().replaceAll('</script', '<\\/script');
}

const hashOf = (text) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

const [script, style] = [await minified('page.ts'), await minified('page.css')];
const page = readFileSync(`${FROM}/page.html`, 'utf8')
  .replace('{script-hash}', hashOf(script))
  .replace('{style-hash}', hashOf(style))
  .replace(/<link [^>]*page\.css[^>]*>/, () => `<style>${style}</style>`)
  .replace(/<script src="page\.ts">/, () => `<script>${script}`);
const verifiers = { 'verify.html': page, 'verify.py': readFileSync('apps/verifier/verify.py', 'utf8') };
mkdirSync(TO, { recursive: true });
for (const [name, text] of Object.entries(verifiers)) writeFileSync(`${TO}/${name}`, text);
// In the format of `sha256sum -c`, for comparing a pack's verifiers with a release's.
const sums = Object.entries(verifiers).map(
  ([name, text]) => `${createHash('sha256').update(text).digest('hex')}  ${name}\n`,
);
writeFileSync(`${TO}/SHA256SUMS`, sums.join(''));
// The values of the verifiers' option `--lifecycle`: the digests that a pack's events may name.
const { lifecycles } = await import('#state-machines/lifecycles');
const digests = lifecycles.all.map(
  ({ reference: { digest, name, version } }) => `${digest}  ${name} ${version}\n`,
);
writeFileSync(`${TO}/LIFECYCLES`, digests.join(''));
