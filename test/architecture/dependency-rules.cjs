// The arrows between folders, for dependency-cruiser: `npx depcruise --config test/architecture/dependency-rules.cjs libs`.
// architecture.spec.ts runs them, and proves that each of them bites.
/* global __dirname */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const NPM = ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'];
const PURE = '^(state-machines|libs/(event-sourcing|lifecycle))/';
const SPEC = '\\.spec\\.tsx?$';

/** Files under `from` may import, of our own folders, only `allowed` (and files beside them). */
const only = (name, from, ...allowed) => ({
  name,
  severity: 'error',
  from: { path: `^${from}/`, pathNot: SPEC },
  to: {
    path: '^(apps|libs|state-machines|test)/',
    pathNot: `^(${[from, ...allowed].join('|')})/`,
  },
});

const forbid = (name, from, to) => ({ name, severity: 'error', from, to });

const ENGINE = ['libs/lifecycle', 'libs/event-sourcing'];
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

/** The packages that docs/dependencies.md lists before those for development. */
const AT_RUN_TIME = readFileSync(join(__dirname, '../../docs/dependencies.md'), 'utf8')
  .split('\n## For development')[0]
  .split('\n')
  .flatMap((line) => /^- `([^`]+)`/.exec(line)?.[1] ?? []);

module.exports = {
  forbidden: [
    only('event-sourcing-imports-nothing', 'libs/event-sourcing'),
    only('postgresql-serves-stores', 'libs/postgresql', 'libs/event-sourcing'),
    only('threads-serve-all', 'libs/threads', 'libs/event-sourcing'),
    only(
      'stores-know-no-domain',
      'libs/event-store',
      'libs/event-sourcing',
      'libs/postgresql',
      'libs/threads',
    ),
    only('engine-knows-no-lifecycle', 'libs/lifecycle', 'libs/event-sourcing'),
    only('machines-see-the-engine', 'state-machines', ...ENGINE),
    only(
      'projections-know-no-machine',
      'libs/projections',
      'libs/postgresql',
      'libs/event-sourcing',
      'libs/threads',
    ),
    only(
      'read-models-see-the-machines',
      'libs/read-models',
      ...['state-machines', 'libs/projections', 'libs/audit'],
      ...ENGINE,
    ),
    only(
      'lives-see-the-read-models',
      'libs/lives',
      ...['state-machines', 'libs/projections', 'libs/postgresql', 'libs/read-models', 'libs/audit'],
      'libs/threads',
      ...ENGINE,
    ),
    only('deadlines-stand-alone', 'libs/deadlines', ...ENGINE),
    only('audit-stands-alone', 'libs/audit', ...ENGINE),
    only('identity-stands-alone', 'libs/identity', ...ENGINE),
    only('register-format-stands-alone', 'libs/register-format', ...ENGINE),
    only('drawing-stands-alone', 'libs/statechart', ...ENGINE),
    only(
      'notifications-read-the-thresholds',
      'libs/notifications',
      'state-machines',
      'libs/projections',
      'libs/read-models',
      'libs/postgresql',
      ...ENGINE,
    ),
    only('use-cases-know-no-store', 'libs/use-cases', ...DOMAIN, ...ENGINE),
    only(
      'platform-knows-no-app',
      'libs/platform',
      'libs/event-store',
      'libs/postgresql',
      'libs/threads',
      'libs/use-cases',
      ...DOMAIN,
      ...ENGINE,
    ),
    only('verifier-sees-audit-alone', 'apps/verifier', 'libs/audit', ...ENGINE),
    forbid(
      'apps-know-no-store',
      { path: '^apps/', pathNot: SPEC },
      { path: '^libs/(event-store|postgresql|threads)/' },
    ),
    forbid(
      'apps-not-apps',
      { path: '^apps/([^/]+)/', pathNot: SPEC },
      { path: '^apps/', pathNot: '^apps/$1/' },
    ),
    forbid(
      'sources-not-tests',
      { path: '^(apps|libs|state-machines)/', pathNot: SPEC },
      { path: `^test/|${SPEC}` },
    ),
    forbid('nothing-circular', {}, { circular: true }),
    forbid('pure-core-no-node', { path: PURE, pathNot: SPEC }, { dependencyTypes: ['core'] }),
    forbid(
      'pure-core-few-packages',
      { path: PURE, pathNot: SPEC },
      {
        dependencyTypes: NPM,
        pathNot: 'node_modules/(xstate|class-validator|class-transformer|reflect-metadata)/',
      },
    ),
    forbid(
      'nest-only-at-the-edge',
      { path: '^(state-machines|libs)/', pathNot: `^libs/platform/|${SPEC}` },
      { path: '(^|/)@nestjs/' },
    ),
    forbid(
      'requests-only-at-the-edge',
      { path: '^(state-machines|libs)/', pathNot: SPEC },
      { path: '(^|/)(fastify|@fastify)/' },
    ),
    forbid(
      'controllers-translate',
      { path: '^apps/server/src/.*\\.controller\\.tsx?$' },
      // Who may do what, and what is done, is for use cases to say.
      { path: '^(state-machines/access|libs/lifecycle/src/(command-roles|handle-command|refused))\\.ts$' },
    ),
    forbid(
      'only-declared-packages',
      // The build draws the charts; the service does not.
      { path: '^(apps|libs|state-machines)/', pathNot: `^libs/statechart/src/draw-chart|${SPEC}` },
      { dependencyTypes: NPM, pathNot: `(^|/)(${AT_RUN_TIME.join('|')})(/|$)` },
    ),
    forbid('everything-resolves', {}, { couldNotResolve: true }),
  ],
  options: {
    // Types count: what a folder may not import, it may not know by name either.
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
