import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { ROOMS, roomsOf } from '../architecture/rooms.ts';

/** Prints figures about the size of the product's parts and vocabulary. */
export function printCounts(root: string): void {
  const files = execFileSync('git', ['ls-files', 'apps', 'libs', 'state-machines'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => /\.tsx?$/.test(path) && !/\.spec\.tsx?$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  const types = files.flatMap(({ path, text }) => typesIn(path, text));
  const inbox = files.filter(({ path, text }) => /inbox/i.test(path + text)).map(({ path }) => dirname(path));
  const rows: Record<string, number> = {
    'folders with files that name the inbox': new Set(inbox).size,
    'files that name dueOn': files.filter(({ text }) => /\bdueOn\b/.test(text)).length,
    'declared types': types.length,
    'of these, inline object types of three or more members': types.filter((name) => name === '').length,
    'types named …Options, …Parts or …Access': types.filter((name) => /(?:Options|Parts|Access)$/.test(name))
      .length,
  };
  const linesIn = (room: string): number =>
    files
      .filter(({ path }) => roomsOf(path)[0] === room)
      .reduce((lines, { text }) => lines + text.split('\n').length - 1, 0);
  for (const [room, { lines }] of Object.entries(ROOMS))
    rows[`lines of TypeScript in ${room}, of ${lines}`] = linesIn(room);
  for (const [what, count] of Object.entries(rows)) process.stdout.write(`${count}\t${what}\n`);
}

/** Returns the names of a file's types. Inline object types of three members or more count too, without a name. */
function typesIn(path: string, text: string): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) names.push(node.name.text);
    else if (
      ts.isTypeLiteralNode(node) &&
      !ts.isTypeAliasDeclaration(node.parent) &&
      node.members.length >= 3
    )
      names.push('');
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return names;
}
