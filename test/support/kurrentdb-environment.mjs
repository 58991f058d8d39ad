import SpecEnvironment from './spec-environment.mjs';

/** The one message of commands that a KurrentDB before 25.1 refuses; what is too long for it must be split. */
const REFUSED = /this command appends to several streams together/;
/** The error of a test that cannot run on the server. */
const SKIPPED = /skipped, since .*/;

const TIMEOUT_MS_MIN = 240_000;

/** Returns the message of an error as Jest stores it: with or without a stack, and with its causes. */
const messageOf = (error) => {
  const [thrown] = Array.isArray(error) ? error : [error];
  return [String(thrown?.stack ?? thrown), ...(thrown?.cause ? [messageOf(thrown.cause)] : [])].join('\n');
};

/** Returns why a failed test counts as skipped; undefined if it does not. */
function reasonOf(message) {
  const isOlder = !(process.env['DOCKET_TEST_KURRENTDB_CALLS'] ?? '').includes('25.1');
  if (isOlder && REFUSED.test(message)) return 'skipped, since a KurrentDB before 25.1 refuses it';
  return SKIPPED.exec(message)?.[0];
}

const told = (reason, { name }) => process.stdout.write(`${reason}: ${name}\n`);

/**
 * Runs specs on the server that `KURRENTDB_URL` names. Tests that fail because the server lacks a feature are skipped
 * and listed, including all tests of a file whose set-up fails so. Timeouts allow for the server's slow single reads.
 */
export default class KurrentdbEnvironment extends SpecEnvironment {
  handleTestEvent(event) {
    const { name, test, hook } = event;
    super.handleTestEvent(event);
    if (name === 'hook_start') hook.timeout = Math.max(hook.timeout ?? 0, TIMEOUT_MS_MIN);
    if (name === 'test_start') test.timeout = Math.max(test.timeout ?? 0, TIMEOUT_MS_MIN);
    if (name === 'test_skip' && test.mode === 'skip')
      told('skipped, since it is for another store or machine', test);
    if (name !== 'test_done') return;
    const [reason] = test.errors.map((error) => reasonOf(messageOf(error))).filter(Boolean);
    if (reason === undefined) return;
    test.errors = [];
    test.status = 'skip';
    told(reason, test);
  }
}
