import '@jest/expect';
import { transformSync } from '@swc/core';
import { readFileSync } from 'node:fs';
import { createRequire, enableCompileCache, registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL, URL } from 'node:url';

const require = createRequire(import.meta.url);
const ROOT = new URL('../../', import.meta.url).href;
const SUITE = Symbol.for('docket.suite');

enableCompileCache(process.env['NODE_COMPILE_CACHE']);
process.setSourceMapsEnabled(true);

const isOurs = (url) => url.startsWith(ROOT) && !url.includes('/node_modules/') && /\.tsx?$/.test(url);

const found = new Map();
/** Whether a test module belongs to one suite: it, or a module that it imports, uses Jest's functions. */
const isAboutSuite = (path) => {
  if (!found.has(path))
    found.set(path, /from '(?:@jest\/globals|\.|#test\/)/.test(readFileSync(path, 'utf8')));
  return found.get(path);
};

/** Whether a suite needs its own instance of a module: specs, their helpers, and all modules if a spec mocks some. */
const isOfSuite = (url, importer = '') => {
  if (!isOurs(url)) return false;
  const path = fileURLToPath(url);
  const suite = globalThis[SUITE];
  if (path === suite.path) return true;
  if (!importer.includes('?suite=')) return false;
  return suite.isApart || (url.startsWith(`${ROOT}test/`) && isAboutSuite(path));
};

const inSuite = (url) => `${url}?suite=${globalThis[SUITE].number}`;

/** Returns the compiled text of syntax that Node does not support: JSX and decorators. */
const compiled = (path, source) =>
  transformSync(source, {
    filename: path,
    jsc: {
      target: 'es2024',
      parser: { syntax: 'typescript', tsx: path.endsWith('x'), decorators: true },
      transform: {
        legacyDecorator: true,
        decoratorMetadata: true,
        useDefineForClassFields: false,
        react: { runtime: 'automatic', importSource: 'preact' },
      },
    },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  }).code;

const exporting = (names, value) => ({
  format: 'module',
  source: `export const { ${names.join(', ')} } = ${value};`,
  shortCircuit: true,
});

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@jest/globals') {
      return { url: inSuite('jest:globals'), format: 'module', shortCircuit: true };
    }
    const resolved = next(specifier, context);
    if (!isOfSuite(resolved.url, context.parentURL)) return resolved;
    const isReplaced = globalThis[SUITE].modules.has(fileURLToPath(resolved.url));
    return { ...resolved, url: inSuite(resolved.url) + (isReplaced ? '&replaced' : '') };
  },
  load(url, context, next) {
    const [address] = url.split('?');
    if (address === 'jest:globals') {
      return exporting(
        Object.keys(globalThis[SUITE].globals),
        'globalThis[Symbol.for("docket.suite")].globals',
      );
    }
    if (!isOurs(address)) return next(url, context);
    const path = fileURLToPath(address);
    const source = readFileSync(path, 'utf8');
    if (url.endsWith('&replaced')) {
      const names = [...source.matchAll(/^export (?:async )?(?:const|class|function) (\w+)/gm)].map(
        ([, name]) => name,
      );
      const made = `await globalThis[Symbol.for("docket.suite")].modules.get(${JSON.stringify(path)})()`;
      return exporting(names, made);
    }
    if (!path.endsWith('x') && !/^\s*@\w/m.test(source)) return next(url, context);
    return { format: 'module', source: compiled(path, source), shortCircuit: true };
  },
});

let suites = 0;

/**
 * Loads specs with Node's own loader. The tested modules are loaded once per process, not once per spec, which saves
 * two thirds of the processor time. Jest's own virtual contexts would also run everything more slowly.
 */
export default class SpecRuntime {
  #environment;

  constructor(config, environment, resolver, transformer, sources, options, testPath) {
    this.#environment = environment;
    const isApart = sources.get(testPath).includes('jest.unstable_mockModule(');
    globalThis[SUITE] = { number: (suites += 1), isApart, modules: new Map(), globals: {}, path: testPath };
  }

  /** Each suite gets its own instance of the module with Jest's test cases, but of no other Jest module. */
  requireInternalModule(path) {
    delete require.cache[path];
    delete globalThis[Symbol.for('EVENT_HANDLERS')];
    return require(path);
  }

  setGlobalsForRuntime({ afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test }) {
    const jest = this.#jest();
    globalThis[SUITE].globals = {
      afterAll,
      afterEach,
      beforeAll,
      beforeEach,
      describe,
      expect,
      it,
      jest,
      test,
    };
  }

  #jest() {
    const { moduleMocker, fakeTimersModern: timers } = this.#environment;
    const suite = globalThis[SUITE];
    return {
      fn: (implementation) => moduleMocker.fn(implementation),
      spyOn: (...given) => moduleMocker.spyOn(...given),
      restoreAllMocks: () => moduleMocker.restoreAllMocks(),
      // Node's own modules need these.
      useFakeTimers: () => timers.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }),
      useRealTimers: () => timers.useRealTimers(),
      advanceTimersByTimeAsync: (ms) => timers.advanceTimersByTimeAsync(ms),
      runAllTimersAsync: () => timers.runAllTimersAsync(),
      resetModules: () => (suite.number = suites += 1),
      unstable_mockModule: (name, make) =>
        suite.modules.set(createRequire(suite.path).resolve(name).split('?')[0], make),
    };
  }

  unstable_shouldLoadAsEsm = () => true;

  async unstable_importModule(path) {
    // Node's own, which maps compiled code.
    Error.prepareStackTrace = undefined;
    await import(pathToFileURL(path).href);
  }

  requireModule = require;
  getSourceMaps = () => new Map();
  getAllCoverageInfoCopy = () => undefined;
  enterTestCode() {}
  leaveTestCode() {}

  teardown() {
    for (const symbol of Object.getOwnPropertySymbols(globalThis)) {
      if (symbol.description === 'JEST_STATE_SYMBOL') delete globalThis[symbol];
    }
  }
}
