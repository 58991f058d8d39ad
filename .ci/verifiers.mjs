// Builds verify.html, one file that works from a disk, out of the verifier's own source; verify.py goes along as it is.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const FROM = 'apps/verifier/src';
const NODE = `${FROM}/node-in-browser.ts`;
const TO = 'dist/apps/verifier';

async function minified(entry) {
  const { outputFiles } = await build({
    entryPoints: [`${FROM}/${entry}`],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    platform: 'browser',
    legalComments: 'none',
    alias: { 'node:crypto': `./${NODE}` },
    inject: entry.endsWith('.ts') ? [NODE] : [],
    write: false,
  });
  // What follows is put into an element, and ends where that would.
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
// As `sha256sum -c` reads them: whoever has one out of a pack compares it with what a release says.
const sums = Object.entries(verifiers).map(
  ([name, text]) => `${createHash('sha256').update(text).digest('hex')}  ${name}\n`,
);
writeFileSync(`${TO}/SHA256SUMS`, sums.join(''));
// What `--lifecycle` of the verifiers takes: the rules that the events of a pack may follow.
const { lifecycles } = await import('#state-machines/lifecycles');
const digests = lifecycles.all.map(
  ({ reference: { digest, name, version } }) => `${digest}  ${name} ${version}\n`,
);
writeFileSync(`${TO}/LIFECYCLES`, digests.join(''));
