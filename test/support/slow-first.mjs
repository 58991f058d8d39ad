import Sequencer from '@jest/test-sequencer';

/** What starts services, servers of databases or browsers. */
const SLOW = /\/test\/(?:audit|contract|faults|journeys|pages|permissions)\//;

/** Where nothing is known of an earlier run, as on a clean clone, slow suites come first, so that short ones fill the end. */
export default class SlowFirst extends Sequencer {
  sort(tests) {
    const isSlow = ({ path, duration }) => duration === undefined && SLOW.test(path);
    return super.sort(tests).toSorted((a, b) => Number(isSlow(b)) - Number(isSlow(a)));
  }
}
