import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { DIST } from './service-child.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Returns the folder of a copy of the built project with lifecycles of `test/second-lifecycle`, or with only these.
 * Their names are those of folders and of the lifecycles in the list.
 */
export function builtWith(names: readonly string[], { alone = false } = {}): string {
  const folder = temporaryFolder();
  const dist = join(folder, 'dist');
  cpSync(DIST, dist, { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const imports = names.map((name) => {
    const source = readFileSync(join(ROOT, `test/second-lifecycle/${name}.ts`), 'utf8');
    const { code } = transformSync(source, { loader: 'ts', format: 'esm' });
    mkdirSync(join(dist, 'modules/state-machines', name));
    writeFileSync(join(dist, 'modules/state-machines', name, 'versions.js'), code);
    return `import { ${name} } from './${name}/versions.js';\n`;
  });
  const list = join(dist, 'modules/state-machines/lifecycles.js');
  const listed = readFileSync(list, 'utf8');
  const longer = listed.replace(/(?<=new Lifecycles\()([^)]*)(?=\))/, (before) =>
    [...(alone ? [] : [before]), ...names].join(', '),
  );
  if (longer === listed) throw new Error(`${list} is not written as it was`);
  writeFileSync(list, imports.join('') + longer);
  for (const step of ['bundle', 'charts'])
    execFileSync(process.execPath, [join(ROOT, `.ci/${step}.mjs`)], { cwd: folder });
  // Packs contain the verifiers, which are built without lifecycles.
  cpSync(join(DIST, 'apps/verifier'), join(dist, 'apps/verifier'), { recursive: true });
  return dist;
}
