// Writes a release to `release/`: the package, its SBOM, the verifiers, and the digests of all. The same commit produces the same bytes.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { bundledPackages } from './bundled.mjs';

const TO = 'release';
const VERIFIERS = ['verify-source.txt', 'verify.html', 'verify.py'];
const npm = (...words) =>
  execFileSync('npm', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 28 });

rmSync(TO, { recursive: true, force: true });
mkdirSync(TO);
if (!process.argv.includes('--built')) npm('run', '--silent', 'build');
const [{ filename }] = JSON.parse(npm('pack', '--ignore-scripts', '--json', '--pack-destination', TO));
for (const name of VERIFIERS) copyFileSync(`dist/apps/verifier/${name}`, `${TO}/${name}`);
const sbom = `${filename.replace(/\.tgz$/, '')}.cdx.json`;
writeFileSync(`${TO}/${sbom}`, `${JSON.stringify(shippedOnly(JSON.parse(readSbom())), null, 2)}\n`);

const sums = [filename, sbom, ...VERIFIERS].sort().map((name) => {
  const digest = createHash('sha256')
    .update(readFileSync(`${TO}/${name}`))
    .digest('hex');
  return `${digest}  ${name}\n`;
});
writeFileSync(`${TO}/SHA256SUMS`, sums.join(''));
process.stdout.write(sums.join(''));

function readSbom() {
  return npm('sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only');
}

/** Returns the SBOM of npm without development tools, and without what differs between two runs. */
function shippedOnly({ $schema, bomFormat, specVersion, version, metadata, components, dependencies }) {
  const bundled = new Set(
    bundledPackages().map((path) => {
      const { name, version } = JSON.parse(readFileSync(`${path}/package.json`, 'utf8'));
      return `${name}@${version}`;
    }),
  );
  const isTool = ({ properties = [] }) =>
    properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true');
  const shipped = components
    .filter((each) => bundled.has(each['bom-ref']) || !isTool(each))
    .map((each) => ({ ...each, properties: undefined }));
  // npm derives the name from the folder.
  const { tools, component } = metadata;
  const docket = { ...component, name: 'docket' };
  const refs = new Set([docket, ...shipped].map((each) => each['bom-ref']));
  const tree = dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)).sort() }));
  const byRef = (one, other) => ((one['bom-ref'] ?? one.ref) < (other['bom-ref'] ?? other.ref) ? -1 : 1);
  return {
    ...{ $schema, bomFormat, specVersion, version },
    metadata: { tools, component: docket },
    components: shipped.sort(byRef),
    dependencies: tree.sort(byRef),
  };
}
