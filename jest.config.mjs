/** The compiler of a test's modules: of TypeScript, with or without JSX. */
const compiled = (tsx) => [
  '@swc/jest',
  {
    jsc: {
      target: 'es2024',
      parser: { syntax: 'typescript', tsx, decorators: true },
      transform: {
        legacyDecorator: true,
        decoratorMetadata: true,
        useDefineForClassFields: false,
        react: { runtime: 'automatic', importSource: 'preact' },
      },
    },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  },
];

export default {
  testMatch: ['<rootDir>/{apps,libs,state-machines,test}/**/*.spec.{ts,tsx}'],
  // Long ones run in `npm run test:long`.
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(process.env['DOCKET_TEST_LONG'] === undefined ? ['\\.long\\.spec\\.'] : []),
  ],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: { '\\.ts$': compiled(false), '\\.tsx$': compiled(true) },
  globalSetup: '<rootDir>/test/support/run-set-up.ts',
  globalTeardown: '<rootDir>/test/support/run-tear-down.ts',
  testEnvironment:
    process.env['KURRENTDB_URL'] === undefined ? 'node' : '<rootDir>/test/support/kurrentdb-environment.mjs',
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  maxWorkers: 3,
  testTimeout: 60_000,
};
