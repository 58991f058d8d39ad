import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const RUNTIME = new URL('entered.mjs', import.meta.url).href;

/** Copies the compiled modules of a build, with a call of `entered` at the entry of every function. Returns the folder. */
export function instrument(root: string): string {
  const from = join(root, 'dist/modules');
  const to = join(root, 'dist/traced');
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  cpSync(join(from, 'package.json'), join(to, 'package.json'));
  for (const served of ['assets', 'swagger-ui', 'THIRD-PARTY.txt'])
    if (existsSync(join(root, 'dist', served))) symlinkSync(join('..', served), join(to, served));
  for (const part of ['apps', 'libs', 'state-machines'])
    for (const entry of readdirSync(join(from, part), { recursive: true, encoding: 'utf8' })) {
      if (!entry.endsWith('.js')) continue;
      const path = join(part, entry);
      mkdirSync(dirname(join(to, path)), { recursive: true });
      writeFileSync(
        join(to, path),
        instrumented(sourceOf(root, path), readFileSync(join(from, path), 'utf8')),
      );
    }
  return to;
}

/** Returns the source file of a compiled one. */
function sourceOf(root: string, compiled: string): string {
  const source = compiled.replace(/js$/, 'ts');
  return existsSync(join(root, source)) ? source : `${source}x`;
}

function instrumented(file: string, text: string): string {
  const insertions: { readonly at: number; readonly text: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const body = node.body;
      const call = `__entered(${JSON.stringify(file)}, ${JSON.stringify(nameOf(node))})`;
      if (ts.isBlock(body)) insertions.push({ at: body.getStart() + 1, text: `${call};` });
      else insertions.push({ at: body.getStart(), text: `(${call}, ` }, { at: body.end, text: ')' });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS));
  // Later insertions at the same place come from inner functions, and go inside the outer ones.
  let [out, done] = ['', 0];
  for (const { at, text: inserted } of insertions.toSorted((one, other) => one.at - other.at)) {
    out += text.slice(done, at) + inserted;
    done = at;
  }
  return `import { entered as __entered } from ${JSON.stringify(RUNTIME)};\n${out}${text.slice(done)}`;
}

/** Returns a function's name, or that of what it is assigned or passed to. */
function nameOf(node: ts.Node): string {
  const named = node as { readonly name?: ts.Node };
  if (ts.isConstructorDeclaration(node)) return `new ${nameOf(node.parent)}`;
  if (named.name !== undefined) return named.name.getText();
  const { parent } = node;
  if (ts.isCallExpression(parent))
    return `callback of ${parent.expression.getText().replaceAll(/\s+/g, ' ').slice(-40)}`;
  return ts.isSourceFile(parent) ? 'anonymous' : nameOf(parent);
}
