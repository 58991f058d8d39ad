import SpecEnvironment from './spec-environment.mjs';

/** What an answer, or a program, says of a command that a KurrentDB before 25.1 refuses. */
const REFUSED = /store-incapable|appends to several streams together|MaxAppendSize/;
/** What a case that cannot run on the server throws. */
const SKIPPED = /skipped, since .*/;

const TIMEOUT_MS_MIN = 240_000;

/** Of an error as jest keeps it, alone or before where it came from, and of what caused it. */
const messageOf = (error) => {
  const [thrown] = Array.isArray(error) ? error : [error];
  return [String(thrown?.stack ?? thrown), ...(thrown?.cause ? [messageOf(thrown.cause)] : [])].join('\n');
};

/** Why a case is to be skipped that failed with an error; undefined where it is not. */
function reasonOf(message) {
  const isOlder = !(process.env['DOCKET_TEST_KURRENTDB_CALLS'] ?? '').includes('25.1');
  if (isOlder && REFUSED.test(message)) return 'skipped, since a KurrentDB before 25.1 refuses it';
  return SKIPPED.exec(message)?.[0];
}

const told = (reason, { name }) => process.stdout.write(`${reason}: ${name}\n`);

/**
 * Runs specs against the server that `KURRENTDB_URL` names. A case that fails because the server cannot do what it needs is
 * skipped, and named: also each case of a file whose set-up is refused. All have the time that lone reads take there.
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
