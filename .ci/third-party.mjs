// Writes dist/THIRD-PARTY.txt: the licence of each package whose code the build bundled.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { bundledPackages } from './bundled.mjs';

const texts = bundledPackages().map((path) => {
  const { name, version, license } = JSON.parse(readFileSync(`${path}/package.json`, 'utf8'));
  const files = readdirSync(path).filter((file) => /^(?:licen[cs]e|notice|copying)\b/i.test(file));
  const notices = files.sort().map((file) => readFileSync(`${path}/${file}`, 'utf8').trim());
  return [`${name} ${version} (${license})`, ...notices].join('\n\n');
});
writeFileSync('dist/THIRD-PARTY.txt', `${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
