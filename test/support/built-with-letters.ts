import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { DIST } from './service-child.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The built project with one more lifecycle, letters, or with that one alone: its folder, and one line in the list. */
export function builtWithLetters({ alone = false } = {}): string {
  const folder = temporaryFolder();
  const dist = join(folder, 'dist');
  cpSync(DIST, dist, { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const source = readFileSync(join(ROOT, 'test/second-lifecycle/letters.ts'), 'utf8');
  const { code } = transformSync(source, { loader: 'ts', format: 'esm' });
  mkdirSync(join(dist, 'modules/state-machines/letter'));
  writeFileSync(join(dist, 'modules/state-machines/letter/versions.js'), code);
  const list = join(dist, 'modules/state-machines/lifecycles.js');
  const listed = readFileSync(list, 'utf8').replace(
    '(...recommendations)',
    alone ? '(letters)' : '(...recommendations, letters)',
  );
  if (!listed.includes('letters')) throw new Error(`${list} is not written as it was`);
  writeFileSync(list, `import { letters } from './letter/versions.js';\n${listed}`);
  execFileSync(process.execPath, [join(ROOT, '.ci/bundle.mjs')], { cwd: folder });
  return dist;
}
