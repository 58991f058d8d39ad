import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { recommendations } from '#state-machines/inspection-recommendation/versions';

const ROOT = join(import.meta.dirname, '../..');

/** The types of events, commands, regions and statuses in the definition of version 1. */
const NAMES: ReadonlySet<string> = new Set(
  recommendations.flatMap(({ definition, commands }) => [
    ...Object.keys(definition.events),
    ...Object.keys(commands),
    ...Object.keys(definition.machine.states),
    ...Object.keys(definition.machine.states[definition.statusRegion]?.states ?? {}),
  ]),
);

/** Matches names that no English sentence contains by chance, which also count within longer texts. */
const DISTINCT = new RegExp(
  `(?<![\\w-])(?:${[...NAMES]
    .filter((name) => /-|[a-z][A-Z]/.test(name))
    .toSorted((one, other) => other.length - one.length)
    .join('|')
    .replaceAll('.', String.raw`\.`)})(?![\\w-])`,
  'g',
);

const ANY_NAME = new RegExp([...NAMES].join('|').replaceAll('.', String.raw`\.`));

const textOf = (node: ts.Node): string | null =>
  ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
    ? node.text
    : null;

/** Returns whether an identifier is the name of a property that is read, assigned, declared or destructured. */
function isPropertyName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isBindingElement(parent))
    return ts.isObjectBindingPattern(parent.parent) && (parent.propertyName ?? parent.name) === node;
  return (
    (ts.isPropertyAccessExpression(parent) ||
      ts.isObjectLiteralElementLike(parent) ||
      ts.isTypeElement(parent) ||
      ts.isClassElement(parent)) &&
    parent.name === node
  );
}

/** Returns the names that a file contains as literals or property names, without duplicates. */
function namesIn(path: string, text: string): readonly string[] {
  return foundIn(path, text, ANY_NAME, function* (node) {
    const said = textOf(node);
    if (said !== null && NAMES.has(said)) yield said;
    for (const [name] of said?.matchAll(DISTINCT) ?? []) yield name;
    for (const [, name = ''] of said?.matchAll(/'([\w.-]+)'/g) ?? []) if (NAMES.has(name)) yield name;
    if (ts.isIdentifier(node) && NAMES.has(node.text) && isPropertyName(node)) yield node.text;
  });
}

/**
 * Returns the names of stores in a file's literals, texts and imports, without the endings of file and package names.
 */
const storesIn = (path: string, text: string): readonly string[] =>
  foundIn(path, text, /sqlite|postgres|kurrentdb/i, function* (node) {
    for (const [name] of textOf(node)?.matchAll(/(?<![\w.-])(?:sqlite|postgres(?:ql)?|kurrentdb)(?!\w)/gi) ??
      [])
      yield name.toLowerCase();
  });

/** Returns what a file's nodes contain; parses only files that mention any of it. */
function foundIn(
  path: string,
  text: string,
  mention: RegExp,
  names: (node: ts.Node) => Iterable<string>,
): readonly string[] {
  if (!mention.test(text)) return [];
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    for (const name of names(node)) found.add(name);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return [...found].sort();
}

/**
 * Matches the code that may contain these names: the lifecycle, its capabilities, and the importer of the register's
 * format.
 */
const MAY_NAME = /^(state-machines\/[^/]+\/|libs\/use-cases\/src\/register-files\/|libs\/register-format\/)/;

/** Matches the stores' own folders, the lists of stores and of databases, and the opening of read models on either. */
const MAY_NAME_STORES =
  /^libs\/(?:postgresql\/|(?:event-store|projections)\/src\/(?:sqlite|postgresql|kurrentdb)\/|platform\/src\/stores\.ts|projections\/src\/(?:database-address|databases|memory-tables|open-read-models)\.ts)/;

function foundOutside(mayName: RegExp, names: typeof namesIn): Readonly<Record<string, readonly string[]>> {
  const files = ['apps', 'libs', 'state-machines']
    .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.spec\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
    .filter((path) => !mayName.test(path) && !path.includes('node_modules'));
  expect(files.length).toBeGreaterThan(400);
  return Object.fromEntries(
    files
      .map((path) => [path, names(path, readFileSync(join(ROOT, path), 'utf8'))] as const)
      .filter(([, found]) => found.length > 0),
  );
}

/** The allowed occurrences with another meaning. */
const ALLOWED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'how far a long task has come': {
    'apps/cli/src/copying.ts': ['progress'],
    'apps/cli/src/terminal.ts': ['progress'],
    'apps/cli/src/verbs/import.ts': ['progress'],
    'apps/cli/src/verbs/pack.ts': ['progress'],
    'apps/cli/src/verbs/rebuild.ts': ['progress'],
    'apps/cli/src/verbs/verify.ts': ['progress'],
    'apps/server/src/api/schemas.ts': ['progress'],
    'apps/server/src/web/problem-page.tsx': ['progress'],
    'libs/event-store/src/sqlite/backup.ts': ['progress'],
    'libs/lifecycle/src/refused.ts': ['progress'],
    'libs/use-cases/src/problems.ts': ['progress'],
  },
  'whether a request has arrived, or an answer was sent, as a whole': {
    'apps/server/src/late-requests.ts': ['complete'],
  },
  'what an event submits, as the API names it in every line of a history': {
    'apps/server/src/web/commands/choose-first.tsx': ['evidence'],
    'apps/server/src/web/record/entry-view.tsx': ['evidence'],
    'libs/use-cases/src/audit/record-for-people.ts': ['evidence'],
    'state-machines/record-view.ts': ['evidence'],
  },
  'where a page has what was submitted, as its address says it': {
    'apps/server/src/web/record/print-view.tsx': ['evidence'],
    'apps/server/src/web/record/record-view.tsx': ['evidence'],
  },
  'the event by which every stream names what is erased, which the port declares': {
    'libs/event-sourcing/src/erasure.ts': ['CommentRedacted'],
  },
};

const STORES_ALLOWED: typeof ALLOWED = {
  'what help tells of them': {
    'apps/cli/src/docket.ts': ['kurrentdb', 'postgresql', 'sqlite'],
    'apps/cli/src/verbs/backup.ts': ['sqlite'],
    'apps/cli/src/verbs/copy.ts': ['kurrentdb'],
    'apps/cli/src/verbs/restore.ts': ['kurrentdb'],
  },
  'a small file that is no store': {
    'libs/platform/src/checkpoints/checkpoint-memory.ts': ['sqlite'],
  },
  'the threads that read pages of a file': {
    'libs/platform/src/log-page-threads.ts': ['sqlite'],
    'libs/platform/src/log-page-worker.ts': ['sqlite'],
  },
};

test('the scan finds names as literals, within texts and as properties, and not in comments', () => {
  const bad: readonly (readonly [string, string])[] = [
    ["if (type === 'EvidenceAccepted') accept();", 'EvidenceAccepted'],
    ['const to = `/x/commands/add-comment?y=${z}`;', 'add-comment'],
    ['const { closure } = pending;', 'closure'],
    ['const { closure: waits } = pending;', 'closure'],
    ['pending.closure?.outcome;', 'closure'],
    ["state['progress'];", 'progress'],
    ['const row = { complete: 1 };', 'complete'],
    ['interface Row { readonly evidence: string }', 'evidence'],
    ['const view = <Button command="reopen" />;', 'reopen'],
    ["sql`case when kind = 'response' then ${a} end`;", 'response'],
    ["const moves = { 'StatusRecorded.complete': 1 };", 'StatusRecorded.complete'],
  ];
  for (const [text, name] of bad) expect([text, namesIn('a.tsx', text)]).toEqual([text, [name]]);
  for (const text of ['// EvidenceAccepted', "const a = 'no evidence';", 'const closure = 1; use(closure);'])
    expect([text, namesIn('a.tsx', text)]).toEqual([text, []]);
});

test('the scan finds stores by imports and comparisons, and not in comments and other names', () => {
  for (const text of [
    "import { a } from '#event-store/kurrentdb/a';",
    "kind === 'sqlite';",
    'const a = `sqlite:${b}`;',
  ])
    expect([text, storesIn('a.ts', text).length]).toEqual([text, 1]);
  for (const text of [
    '// sqlite',
    "import 'better-sqlite3';",
    "const a = 'SQLITE_BUSY';",
    "const a = 'data/a.sqlite';",
  ])
    expect([text, storesIn('a.ts', text)]).toEqual([text, []]);
});

const sorted = (allowed: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>) => {
  const known: Record<string, string[]> = {};
  for (const places of Object.values(allowed))
    for (const [path, names] of Object.entries(places)) (known[path] ??= []).push(...names);
  return Object.fromEntries(Object.entries(known).map(([path, names]) => [path, names.sort()]));
};

test('no name of the lifecycle of recommendations occurs outside of it', () => {
  expect(foundOutside(MAY_NAME, namesIn)).toEqual(sorted(ALLOWED));
});

test('no store is named outside of its entry and its folders', () => {
  expect(foundOutside(MAY_NAME_STORES, storesIn)).toEqual(sorted(STORES_ALLOWED));
});
