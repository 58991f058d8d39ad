import { TestEnvironment } from 'jest-environment-node';

/** What an answer, or a program, says of a command that a KurrentDB before 25.1 refuses. */
const REFUSED = /store-incapable|appends to several streams together|MaxAppendSize/;

/** Of an error as jest keeps it: alone, or before where it came from. */
const messageOf = (error) => {
  const [thrown] = Array.isArray(error) ? error : [error];
  return String(thrown?.stack ?? thrown);
};

/**
 * Runs specs against the server that `KURRENTDB_URL` names. A case that fails because a server before 25.1 refuses a command is
 * skipped, and named: also each case of a file whose set-up is refused.
 */
export default class KurrentdbEnvironment extends TestEnvironment {
  handleTestEvent = ({ name, test }) => {
    const isOlder = !(process.env['DOCKET_TEST_KURRENTDB_CALLS'] ?? '').includes('25.1');
    if (name !== 'test_done' || !isOlder || !test.errors.some((error) => REFUSED.test(messageOf(error))))
      return;
    test.errors = [];
    test.status = 'skip';
    process.stdout.write(`skipped, since a KurrentDB before 25.1 refuses it: ${test.name}\n`);
  };
}
