import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cruise } from 'dependency-cruiser';
import type { ICruiseOptions, ICruiseResult, IResolveOptions } from 'dependency-cruiser';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = ['apps', 'libs', 'state-machines'];

const rules = createRequire(import.meta.url)('./dependency-rules.cjs') as {
  forbidden: NonNullable<ICruiseOptions['ruleSet']>['forbidden'];
  options: ICruiseOptions & { enhancedResolveOptions: Partial<IResolveOptions> };
};

async function cruised(baseDir: string, folders: string[]): Promise<ICruiseResult> {
  const { enhancedResolveOptions, ...options } = rules.options;
  const ruleSet = { forbidden: rules.forbidden! };
  const { output } = await cruise(
    folders,
    { ...options, baseDir, ruleSet, validate: true },
    enhancedResolveOptions,
  );
  return output as ICruiseResult;
}

const violationsOf = ({ summary }: ICruiseResult): string[] =>
  summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`).sort();

/** Writes files into a new folder, and cruises them. */
async function cruisedFiles(files: Readonly<Record<string, string>>): Promise<ICruiseResult> {
  const directory = await mkdtemp(join(tmpdir(), 'docket-architecture-'));
  try {
    for (const [path, text] of Object.entries({ ...PACKAGES, ...files })) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
    }
    const folders = [...SOURCES, 'test'].filter((folder) =>
      Object.keys(files).some((path) => path.startsWith(`${folder}/`)),
    );
    return await cruised(directory, folders);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const declared = ['@nestjs/common', 'fastify', 'xstate', 'class-validator', 'class-transformer', 'jose'];
const PACKAGES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [...declared, 'fast-check', 'undeclared'].flatMap((name) => [
      [`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' })],
      [`node_modules/${name}/index.js`, 'module.exports = {};\n'],
    ]),
  ),
  'package.json': JSON.stringify({
    type: 'module',
    dependencies: Object.fromEntries(declared.map((name) => [name, '1.0.0'])),
    devDependencies: { 'fast-check': '1.0.0' },
  }),
};

/** The folders that each folder may import: the transitive closure of the arrows in architecture.md. */
const ENGINE = ['libs/event-sourcing', 'libs/lifecycle'];
const DOMAIN = [
  'state-machines',
  'libs/projections',
  'libs/read-models',
  'libs/lives',
  'libs/deadlines',
  'libs/audit',
  'libs/identity',
  'libs/register-format',
  'libs/statechart',
  'libs/notifications',
];
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'libs/event-sourcing': [],
  'libs/lifecycle': ['libs/event-sourcing'],
  'libs/postgresql': ['libs/event-sourcing'],
  'libs/threads': ['libs/event-sourcing'],
  'libs/event-store': ['libs/event-sourcing', 'libs/postgresql', 'libs/threads'],
  'state-machines': ENGINE,
  'libs/projections': ['libs/event-sourcing', 'libs/postgresql', 'libs/threads'],
  'libs/read-models': [...ENGINE, 'state-machines', 'libs/projections', 'libs/audit'],
  'libs/lives': [
    ...ENGINE,
    ...[
      'state-machines',
      'libs/projections',
      'libs/postgresql',
      'libs/read-models',
      'libs/audit',
      'libs/threads',
    ],
  ],
  'libs/deadlines': ENGINE,
  'libs/audit': ENGINE,
  'libs/identity': ENGINE,
  'libs/register-format': ENGINE,
  'libs/statechart': ENGINE,
  'libs/notifications': [
    ...ENGINE,
    'state-machines',
    'libs/projections',
    'libs/read-models',
    'libs/postgresql',
  ],
  'libs/use-cases': [...ENGINE, ...DOMAIN],
  'libs/platform': [
    ...ENGINE,
    ...DOMAIN,
    'libs/use-cases',
    'libs/event-store',
    'libs/postgresql',
    'libs/threads',
  ],
  'apps/server': [...ENGINE, ...DOMAIN, 'libs/use-cases', 'libs/platform'],
  'apps/scheduler': [...ENGINE, ...DOMAIN, 'libs/use-cases', 'libs/platform'],
  'apps/cli': [...ENGINE, ...DOMAIN, 'libs/use-cases', 'libs/platform'],
  'apps/verifier': [...ENGINE, 'libs/audit'],
};

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Returns the files below some folders of the repository, with paths from its root. */
function filesIn(folders: readonly string[], name = /\.(ts|tsx|mts|cts|js|mjs|cjs)$/): SourceFile[] {
  return folders
    .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('node_modules'))
    .map((path) => ({ path: path.slice(ROOT.length + 1), text: readFileSync(path, 'utf8') }));
}

describe('the arrows between folders', () => {
  let result: ICruiseResult;

  beforeAll(async () => {
    result = await cruised(ROOT, SOURCES);
  }, 120_000);

  test('are read from the sources at all', () => {
    // With TypeScript 7 dependency-cruiser reads nothing, and reports no error.
    expect(result.summary.totalCruised).toBeGreaterThan(20);
    const arrows = result.modules.flatMap(({ source, dependencies }) =>
      dependencies.map(({ resolved }) => `${source} -> ${resolved}`),
    );
    expect(arrows).toEqual(
      expect.arrayContaining([
        'libs/lifecycle/src/handle-command.ts -> libs/event-sourcing/src/event-store.ts',
        'libs/event-store/src/memory-event-store.ts -> libs/event-sourcing/src/envelope.ts',
        // These are only imports of types.
        'state-machines/inspection-recommendation/v1/machine.ts -> libs/lifecycle/src/lifecycle-definition.ts',
        'libs/identity/src/tokens.ts -> crypto',
        expect.stringMatching(/^libs\/lifecycle\/src\/deciding-machine\.ts -> node_modules\/xstate\//),
      ]),
    );
    const read = new Set(result.modules.map(({ source }) => source));
    expect(filesIn(SOURCES, /\.tsx?$/).filter(({ path }) => !read.has(path))).toEqual([]);
  });

  test('point as the architecture says', () => {
    expect(violationsOf(result)).toEqual([]);
  });

  test('are laid down for every folder there is', () => {
    const folders = ['apps', 'libs'].flatMap((top) =>
      readdirSync(join(ROOT, top), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `${top}/${name}`),
    );
    expect(folders.filter((folder) => !(folder in MAY_IMPORT))).toEqual([]);
  });
});

describe('the rules', () => {
  const folders = Object.keys(MAY_IMPORT);
  const inside = (folder: string) =>
    folder === 'state-machines' ? `${folder}/a-lifecycle/v1` : `${folder}/src`;
  const targetIn = (folder: string) => `${inside(folder)}/target.ts`;
  const sourceIn = (from: string, suffix: string) => `${inside(from)}/imports${suffix}`;
  const biting = new Set<string>();
  let refused: Set<string>;

  /** Every folder imports every other one: a value, a type, and both from a spec. */
  beforeAll(async () => {
    const files: Record<string, string> = {};
    for (const from of folders) {
      files[targetIn(from)] = 'export type Target = string;\nexport const target = 1;\n';
      const importAll = (suffix: string, statement: (at: number) => string) => {
        const up = '../'.repeat(inside(from).split('/').length);
        const lines = folders.map((to, at) => `${statement(at)} from '${up}${targetIn(to)}';\n`);
        files[sourceIn(from, suffix)] = lines.join('');
      };
      importAll('.ts', (at) => `export { target as target${at} }`);
      importAll('-type.ts', (at) => `export type { Target as Target${at} }`);
      importAll('.spec.ts', () => 'export *');
    }
    const { summary } = await cruisedFiles(files);
    refused = new Set(summary.violations.map(({ from, to }) => `${from} -> ${to}`));
    for (const { rule } of summary.violations) biting.add(rule.name);
  }, 120_000);

  test.each(folders)('let %s import exactly what the architecture allows', (from) => {
    const allowed = (suffix: string) =>
      folders.filter((to) => !refused.has(`${sourceIn(from, suffix)} -> ${targetIn(to)}`));
    const expected = folders.filter((to) => to === from || MAY_IMPORT[from]!.includes(to));
    expect(allowed('.ts')).toEqual(expected);
    expect(allowed('-type.ts')).toEqual(expected);
    expect(allowed('.spec.ts')).toEqual(folders);
  });

  const cases: [name: string, rules: string[], files: Record<string, string>][] = [
    [
      'the engine importing node:',
      ['pure-core-no-node'],
      { 'libs/lifecycle/src/a.ts': "import 'node:crypto';\n" },
    ],
    [
      'the port importing a type of node:',
      ['pure-core-no-node'],
      { 'libs/event-sourcing/src/a.ts': "export type { Hash } from 'node:crypto';\n" },
    ],
    [
      'a machine importing node: without the prefix',
      ['pure-core-no-node'],
      { 'state-machines/a/v1/a.ts': "import 'fs';\n" },
    ],
    [
      'the engine loading node: without an import',
      ['pure-core-no-node'],
      { 'libs/lifecycle/src/a.ts': "export const crypto = process.getBuiltinModule('node:crypto');\n" },
    ],
    [
      'a machine importing a package that the domain does without',
      ['pure-core-few-packages'],
      { 'state-machines/a/v1/a.ts': "import 'jose';\n" },
    ],
    [
      'the engine importing a package that the domain does without',
      ['pure-core-few-packages'],
      { 'libs/lifecycle/src/a.ts': "import 'jose';\n" },
    ],
    [
      'a use case importing Nest',
      ['nest-only-at-the-edge'],
      { 'libs/use-cases/src/a.ts': "import '@nestjs/common';\n" },
    ],
    [
      'the engine importing Nest',
      ['nest-only-at-the-edge', 'pure-core-few-packages'],
      { 'libs/lifecycle/src/a.ts': "import '@nestjs/common';\n" },
    ],
    [
      'a use case importing a request',
      ['requests-only-at-the-edge'],
      { 'libs/use-cases/src/a.ts': "import type {} from 'fastify';\n" },
    ],
    [
      'a controller looking at what a person may see',
      ['controllers-translate'],
      {
        'apps/server/src/api/a.controller.ts': "import '../../../../state-machines/access.ts';\n",
        'apps/server/src/api/a.ts': "import '../../../../state-machines/access.ts';\n",
        'state-machines/access.ts': 'export const access = 1;\n',
      },
    ],
    [
      'a controller handling a command',
      ['controllers-translate'],
      {
        'apps/server/src/api/a.controller.ts': "import '../../../../libs/lifecycle/src/handle-command.ts';\n",
        'libs/lifecycle/src/handle-command.ts': 'export const handle = 1;\n',
      },
    ],
    [
      'a circle',
      ['nothing-circular'],
      {
        'libs/audit/src/a.ts': "import './b.ts';\n",
        'libs/audit/src/b.ts': "import './c.ts';\n",
        'libs/audit/src/c.ts': "import './a.ts';\n",
      },
    ],
    [
      'a source importing a development package',
      ['only-declared-packages'],
      { 'libs/audit/src/a.ts': "import 'fast-check';\n" },
    ],
    [
      'a source importing a package that is not declared',
      ['only-declared-packages'],
      { 'libs/audit/src/a.ts': "import 'undeclared';\n" },
    ],
    [
      'a source importing what is not there',
      ['everything-resolves'],
      { 'libs/audit/src/a.ts': "import './absent.ts';\n" },
    ],
    [
      'an app importing a test',
      ['sources-not-tests'],
      {
        'apps/server/src/a.ts': "import '../../../test/support/b.ts';\n",
        'test/support/b.ts': 'export const b = 1;\n',
      },
    ],
    [
      'a source importing a spec',
      ['sources-not-tests'],
      {
        'libs/audit/src/a.ts': "import './b.spec.ts';\n",
        'libs/audit/src/b.spec.ts': 'export const b = 1;\n',
      },
    ],
    [
      'import() in the middle of a function',
      ['stores-know-no-domain'],
      {
        'libs/event-store/src/a.ts': "export const later = () => import('../../lifecycle/src/b.ts');\n",
        'libs/lifecycle/src/b.ts': 'export const b = 1;\n',
      },
    ],
  ];

  test.each(cases)('report %s', async (_, expected, files) => {
    const { summary } = await cruisedFiles(files);
    expect(summary.violations.map(({ rule }) => rule.name).sort()).toEqual(expected);
    for (const { rule } of summary.violations) biting.add(rule.name);
  });

  test('allow packages and node: where they belong', async () => {
    const result = await cruisedFiles({
      'apps/server/src/a.ts': "import 'node:fs';\nimport '@nestjs/common';\nimport 'jose';\n",
      'libs/platform/src/a.ts': "import 'node:fs';\nimport '@nestjs/common';\n",
      'libs/identity/src/a.ts': "import 'node:crypto';\nimport 'jose';\n",
      'libs/identity/src/a.spec.ts': "import 'fast-check';\n",
      'libs/lifecycle/src/a.ts': "import 'xstate';\nimport 'class-validator';\nimport 'class-transformer';\n",
      'state-machines/a/v1/a.spec.ts': "import 'node:crypto';\nimport 'fast-check';\n",
    });
    expect(violationsOf(result)).toEqual([]);
    expect(result.modules.filter(({ source }) => source.includes('node_modules'))).toHaveLength(6);
  });

  // This test is last, because the other tests record which rules have failed.
  test('are all proved to bite by the cases above', () => {
    expect([...biting].sort()).toEqual(rules.forbidden!.map(({ name }) => name).sort());
  });
});

describe('files', () => {
  const sources = filesIn(SOURCES, /\.tsx?$/).filter(({ path }) => !/\.spec\.tsx?$/.test(path));

  const statementsOf = ({ path, text }: SourceFile) =>
    ts.createSourceFile(path, text, ts.ScriptTarget.Latest).statements;

  const roomOf = (path: string): string =>
    /^(?:apps|libs)\/([^/]+)/.exec(path)?.[1] ?? (path.split('/')[0] as string);

  /** Returns the modules that a file imports by path from another folder, or by alias from its own. */
  const namedWrongly = ({ path, text }: SourceFile): string[] =>
    ts
      .preProcessFile(text, true, true)
      .importedFiles.map(({ fileName }) => fileName)
      .filter((name) =>
        name.startsWith('.')
          ? roomOf(join(dirname(path), name)) !== roomOf(path)
          : name.startsWith(`#${roomOf(path)}/`),
      );

  /** Matches most files that define something, which spares parsing them. */
  const DEFINES = /^(?:export )?(?:async |abstract )*(?:const|class|function|interface) /m;

  /** Returns whether a file only re-exports. */
  const onlyHandsOn = (file: SourceFile) =>
    !DEFINES.test(file.text) &&
    statementsOf(file).every(
      (statement) =>
        ts.isImportDeclaration(statement) ||
        ts.isExportDeclaration(statement) ||
        ts.isExportAssignment(statement),
    );

  const LINES_MIN = 10;

  /** Returns the number of lines with code, which are counted up to the least that a file has. */
  const linesOfCode = ({ text }: SourceFile): number => {
    const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text);
    const starts = new Set<number>();
    let [line, counted] = [1, 0];
    // Tokens come in the order of the text.
    const lineAt = (offset: number) => {
      for (; counted < offset; counted++) if (text[counted] === '\n') line++;
      return line;
    };
    while (starts.size < LINES_MIN && scanner.scan() !== ts.SyntaxKind.EndOfFileToken) {
      const first = lineAt(scanner.getTokenStart());
      const last = lineAt(scanner.getTokenEnd());
      for (let each = first; each <= last; each++) starts.add(each);
    }
    return starts.size;
  };

  /** Matches names of one lifecycle, of its law, or of the people in it. */
  const OF_A_LIFECYCLE =
    /london|threshold|recipient|recommendation|inspector|approver|commissioner|deadline|evidence|closure/i;

  test('of the engine name nothing that is of one lifecycle', () => {
    const found = ['// In London.', "code: 'deadline-passed'", 'the closure, on', 'thresholds: {}'];
    expect(found.filter((text) => !OF_A_LIFECYCLE.test(text))).toEqual([]);
    const engine = sources.filter(({ path }) => path.startsWith('libs/lifecycle/src/'));
    expect(engine.length).toBeGreaterThan(15);
    const named = engine.flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, index) =>
          OF_A_LIFECYCLE.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [],
        ),
    );
    expect(named).toEqual([]);
  });

  /**
   * Matches the code that may depend on one lifecycle: its folder, the list of lifecycles, and the importer of the
   * register's format.
   */
  const MAY_KNOW =
    /^(state-machines\/((?!capabilities\/)[^/]+\/|lifecycles\.ts$)|libs\/use-cases\/src\/register-files\/)/;
  const OF_ONE = /['"]#state-machines\/(?!capabilities\/)[a-z-]+\//;
  const BESIDE_ONE = /['"]\.{1,2}\/(?!capabilities\/)[a-z-]+\//;

  /** Returns the files that depend on one lifecycle but must not. */
  const knowingOne = (files: readonly SourceFile[]): string[] =>
    files
      .filter(({ path }) => !MAY_KNOW.test(path))
      .filter(
        ({ path, text }) =>
          OF_ONE.test(text) || (path.startsWith('state-machines/') && BESIDE_ONE.test(text)),
      )
      .map(({ path }) => path);

  test('outside of a lifecycle, the list and the importer import nothing of one of them', () => {
    const one = "import '#state-machines/letter/versions';\n";
    expect(knowingOne([{ path: 'libs/a/src/b.ts', text: one }])).toHaveLength(1);
    expect(
      knowingOne([{ path: 'libs/a/src/b.ts', text: "import '#state-machines/capabilities/a';\n" }]),
    ).toEqual([]);
    const beside = "import '../letter/v1/a.ts';\n";
    expect(knowingOne([{ path: 'state-machines/capabilities/b.ts', text: beside }])).toHaveLength(1);
    expect(knowingOne([{ path: 'state-machines/b.ts', text: "import './letter/kind.ts';\n" }])).toHaveLength(
      1,
    );
    expect(knowingOne([{ path: 'state-machines/letter/v1/b.ts', text: beside }])).toEqual([]);
    expect(knowingOne(sources)).toEqual([]);
  });

  test('are not barrels', () => {
    expect(onlyHandsOn({ path: 'a.ts', text: "export * from './b.ts';\n" })).toBe(true);
    expect(onlyHandsOn({ path: 'a.ts', text: "import { b } from './b.ts';\nexport { b };\n" })).toBe(true);
    expect(onlyHandsOn({ path: 'a.ts', text: "import { b } from './b.ts';\nb();\n" })).toBe(false);
    expect(sources.filter(onlyHandsOn).map(({ path }) => path)).toEqual([]);
  });

  test('import those of other rooms by name, and those of their own by a relative path', () => {
    expect(namedWrongly({ path: 'libs/a/src/b.ts', text: "import '../../c/src/d.ts';\n" })).toEqual([
      '../../c/src/d.ts',
    ]);
    expect(namedWrongly({ path: 'libs/a/src/b.ts', text: "await import('#a/d');\n" })).toEqual(['#a/d']);
    expect(namedWrongly({ path: 'libs/a/src/b.ts', text: "import '#c/d';\nimport './e.ts';\n" })).toEqual([]);
    const wrong = filesIn([...SOURCES, 'test'], /\.tsx?$/).flatMap((file) =>
      // Imports in this file's test cases do not count.
      file.path === 'test/architecture/architecture.spec.ts'
        ? []
        : namedWrongly(file).map((name) => `${file.path}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test('have ten lines of code at least', () => {
    expect(linesOfCode({ path: 'a.ts', text: '// one\n\n/* two\n three */\nconst a = `x\ny`;\n' })).toBe(2);
    // Scripts check the version of Node before they import other modules.
    const scripts = readFileSync(join(ROOT, 'package.json'), 'utf8');
    const isStarted = ({ path }: SourceFile) => scripts.includes(`dist/${path.replace(/\.ts$/, '.js')}`);
    // These are the list of lifecycles, and each folder's entry for it.
    const isList = ({ path }: SourceFile) => /^state-machines\/(lifecycles|[^/]+\/versions)\.ts$/.test(path);
    const short = sources.filter(
      (file) => linesOfCode(file) < LINES_MIN && !isStarted(file) && !isList(file),
    );
    expect(short.map(({ path }) => path).filter((path) => !path.endsWith('.d.ts'))).toEqual([]);
  });

  const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;
  const EMPTY_WORD = /^(utils?|helpers?|managers?|common|data|process(es)?)$/;
  const badlyNamed = (path: string): boolean =>
    path
      .split(/[/.]/)
      .some(
        (part) =>
          part !== 'd' && (!KEBAB.test(part) || part.split('-').some((word) => EMPTY_WORD.test(word))),
      );

  test('are named in kebab-case, by their purpose', () => {
    const bad = ['libs/a/src/aB.ts', 'libs/a/src/a_b.ts', 'libs/common/src/a.ts', 'libs/a/src/date-utils.ts'];
    const good = ['apps/server/src/api/recommendations.controller.ts', 'libs/a/src/check-database.spec.ts'];
    expect([...bad, ...good].filter(badlyNamed)).toEqual(bad);
    const named = filesIn([...SOURCES, 'test']).map(({ path }) => path);
    expect(named.filter(badlyNamed)).toEqual([]);
  });

  test('of the domain know no surroundings', () => {
    const reading = /\bcrypto\b|\bprocess\b|\bglobalThis\b/;
    const domain = sources.filter(({ path }) => path.startsWith('state-machines/'));
    expect(domain.length).toBeGreaterThan(5);
    expect(domain.filter(({ text }) => reading.test(withoutComments(text))).map(({ path }) => path)).toEqual(
      [],
    );
  });

  /** Matches code that reads the clock, sets a timer, or draws a random number. */
  const TIME =
    /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|(?<![.\w])set(Timeout|Interval)\b|\buptime\(/;
  const CHANCE = /\bMath\.random\b|\brandom(UUID|Bytes|Int|FillSync)\b|\bgetRandomValues\b/;
  /** Matches code for the browser, where no caller can pass a clock. */
  const IN_A_BROWSER = /^apps\/(verifier|server\/src\/web\/browser)\//;

  /** Matches entry points and their own logs, which read the machine's wall clock and pass it on. */
  const AT_THE_EDGE =
    /^apps\/(cli|server\/src\/(client-errors|demo|demonstrate))|^libs\/(platform\/src\/(log|witness)\/|projections\/src\/rebuild)|\/steady-clock\.ts$/;
  /** Matches code that draws random numbers, seals in a thread, names files, processes or locks, or makes keys. */
  const NAMED_BY_CHANCE = /\/(new-file|random|development-key|checkpoint-memory|seal|stored-event)\.ts$/;

  const reading = (what: RegExp): string[] =>
    sources
      .filter(({ path, text }) => !IN_A_BROWSER.test(path) && what.test(withoutComments(text)))
      .map(({ path }) => path)
      .sort();

  test('read the time in one place, and draw numbers in one', () => {
    const read = [
      'Date.now()',
      'new Date()',
      'setTimeout(done, 5)',
      "import { setTimeout as sleep } from 'a'",
    ];
    expect(read.filter((text) => !TIME.test(text))).toEqual([]);
    expect(
      ['server.setTimeout(5)', 'new Date(now)', 'setImmediate'].filter((text) => TIME.test(text)),
    ).toEqual([]);
    // Only the machine's uptime includes its sleep. The core must read nothing of its environment.
    expect(reading(TIME)).toEqual(['libs/event-sourcing/src/clock.ts', 'libs/platform/src/steady-clock.ts']);
    expect(reading(CHANCE)).toEqual(['libs/event-sourcing/src/random.ts']);
  });

  test('are handed the time that they record, and the chance that they draw ids from', () => {
    const elsewhere = (what: RegExp, allowed: RegExp) => reading(what).filter((path) => !allowed.test(path));
    // These are durations of the machine, a thread or a server, independent of the service's clock.
    expect(elsewhere(/\bsystemClock\.now\b/, AT_THE_EDGE)).toEqual([]);
    const named = new RegExp(`${AT_THE_EDGE.source}|${NAMED_BY_CHANCE.source}`);
    expect(elsewhere(/\bsystemRandom\b(?!\.fraction| \})/, named)).toEqual([]);
  });

  test('read an event by its type, and not by a text or a claim', () => {
    const claimed = /\bdata\[['"`]|\bdata(?:\s+as\b|\)\s+as\b)/;
    const bad = ["data['owner'] as string", 'data as unknown as Owner', '(event.data) as Owner'];
    expect(bad.filter((text) => claimed.test(text))).toEqual(bad);
    expect(
      ["type === 'OwnerAssigned' && data.owner", 'data[member]'].filter((text) => claimed.test(text)),
    ).toEqual([]);
    // A store reads records of its server, whose data are not events.
    const readers = sources.filter(({ path }) => !path.startsWith('libs/event-store/'));
    expect(readers.length).toBeGreaterThan(200);
    const claiming = readers.filter(({ text }) => claimed.test(withoutComments(text)));
    expect(claiming.map(({ path }) => path)).toEqual([]);
  });

  const withoutComments = (text: string) => text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '');
});

describe('dependencies', () => {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  ) as Record<string, Record<string, string>>;
  const packages = { ...dependencies, ...devDependencies };

  test('are pinned to one version', () => {
    const loose = Object.entries(packages).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  test('are each named in docs/dependencies.md by one line that says why, and nothing else is', () => {
    const lines = readFileSync(join(ROOT, 'docs/dependencies.md'), 'utf8').split('\n');
    const entries = lines
      .map((line) => /^- `([^`]+)`: \S.{10,}$/.exec(line)?.[1])
      .filter((name) => name !== undefined);
    expect(entries.sort()).toEqual(Object.keys(packages).sort());
  });
});
