import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';

/** A module's URL in Node's stack traces, with the suite that loaded it. */
const ADDRESS = /file:\/\/(\/[^?\s)]*?)(?:\?suite=[\d&a-z]+)?(?=:\d+:\d+)/g;

const withPaths = (thrown) => {
  if (thrown instanceof Error) thrown.stack = String(thrown.stack).replace(ADDRESS, '$1');
};

/** Runs suites in the process itself, and restores the changes that a suite makes to it. */
export default class SpecEnvironment {
  global = globalThis;
  #before = { env: { ...process.env }, exit: process.exit, exitCode: process.exitCode, console };

  constructor({ projectConfig }) {
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  handleTestEvent({ name, test }) {
    if (name === 'test_done') test.errors.flat().forEach(withPaths);
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return null;
  }

  setup() {}

  teardown() {
    this.moduleMocker.restoreAllMocks();
    this.fakeTimersModern.dispose();
    const { env, exit, exitCode } = this.#before;
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
    Object.assign(process.env, env);
    Object.assign(process, { exit, exitCode });
    globalThis.console = this.#before.console;
  }
}
