// Builds verify.html, one file that works offline, from the verifier's source; copies verify.py; writes the source of verify.html as
// one text.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { packagesOf, recordPackages } from './bundled.mjs';

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
  const files = Object.keys(metafile.inputs);
  recordPackages(files);
  // The text is inserted into a script element, which `</script` would end.
  return { text: outputFiles[0].text.trim().replaceAll('</script', '<\\/script'), files };
}

const hashOf = (text) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

const [page, styles] = [await minified('page.ts'), await minified('page.css')];
const [script, style] = [page.text, styles.text];
const html = readFileSync(`${FROM}/page.html`, 'utf8')
  .replace('{script-hash}', hashOf(script))
  .replace('{style-hash}', hashOf(style))
  .replace(/<link [^>]*page\.css[^>]*>/, () => `<style>${style}</style>`)
  .replace(/<script src="page\.ts">/, () => `<script>${script}`);
const verifiers = { 'verify.html': html, 'verify.py': readFileSync('apps/verifier/verify.py', 'utf8') };
mkdirSync(TO, { recursive: true });
const ownFiles = [...page.files, ...styles.files, `${FROM}/page.html`].filter(
  (file) => !file.includes('node_modules/'),
);
const packages = packagesOf(page.files).map((path) => {
  const { name, version } = JSON.parse(readFileSync(`${path}/package.json`, 'utf8'));
  return `${name} ${version}`;
});
const source = [
  'The source of verify.html. The build bundles these files with these packages of npm:',
  ...packages,
  ...ownFiles.sort().map((file) => `\n${'='.repeat(20)} ${file}\n\n${readFileSync(file, 'utf8').trimEnd()}`),
];
writeFileSync(`${TO}/verify-source.txt`, `${source.join('\n')}\n`);
for (const [name, text] of Object.entries(verifiers)) writeFileSync(`${TO}/${name}`, text);
// In the format of `sha256sum -c`, for comparing a pack's verifiers with a release's.
const sums = Object.entries(verifiers).map(
  ([name, text]) => `${createHash('sha256').update(text).digest('hex')}  ${name}\n`,
);
writeFileSync(`${TO}/SHA256SUMS`, sums.join(''));
