import { jest } from '@jest/globals';

const STEP_MS = 500;

/**
 * Runs something on a clock that goes on by half a second whenever it is looked at, so that whoever waits until some seconds
 * have passed has soon done so, and nothing is waited for.
 */
export async function onHastenedClock<T>(run: () => Promise<T>): Promise<T> {
  let now = performance.now();
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => (now += STEP_MS));
  try {
    return await run();
  } finally {
    clock.mockRestore();
  }
}
