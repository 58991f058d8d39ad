export default {
  testMatch: ['<rootDir>/{apps,libs,state-machines,test}/**/*.spec.{ts,tsx}'],
  // Long ones run in `npm run test:long`.
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(process.env['DOCKET_TEST_LONG'] === undefined ? ['\\.long\\.spec\\.'] : []),
  ],
  injectGlobals: false,
  transform: {},
  runtime: '<rootDir>/test/support/spec-runtime.mjs',
  globalSetup: '<rootDir>/test/support/run-set-up.ts',
  globalTeardown: '<rootDir>/test/support/run-tear-down.ts',
  testEnvironment: `<rootDir>/test/support/${process.env['KURRENTDB_URL'] === undefined ? 'spec' : 'kurrentdb'}-environment.mjs`,
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  testSequencer: '<rootDir>/test/support/slow-first.mjs',
  maxWorkers: 3,
  // A worker caches loaded modules, and at its end writes its compile cache.
  workerIdleMemoryLimit: '1500MB',
  workerGracefulExitTimeout: 10_000,
  testTimeout: 60_000,
};
