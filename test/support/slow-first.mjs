import Sequencer from '@jest/test-sequencer';

/** Suites that start services, database servers or browsers. */
const SLOW =
  /\/(?:test\/(?:audit|contract|faults|journeys|pages|permissions)|libs\/(?:event-store|projections))\//;

/** Without timings of an earlier run, as on a clean clone, runs slow suites first, so that short ones fill the end. */
export default class SlowFirst extends Sequencer {
  sort(tests) {
    const isSlow = ({ path, duration }) => duration === undefined && SLOW.test(path);
    return super.sort(tests).toSorted((a, b) => Number(isSlow(b)) - Number(isSlow(a)));
  }
}
