import { jest } from '@jest/globals';

const STEP_MS = 500;

/** Runs a function on a clock that advances half a second with each reading, so that waits end at once. */
export async function onHastenedClock<T>(run: () => Promise<T>): Promise<T> {
  let now = performance.now();
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => (now += STEP_MS));
  try {
    return await run();
  } finally {
    clock.mockRestore();
  }
}
