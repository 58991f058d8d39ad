import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sqliteSettings } from '../support/journey-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { claimsOf, clientOf, refusal, signToken, startService } from '../support/service.ts';
import type { RunningService } from '../support/service.ts';

/** The library that sets the clock of a process; `.ci/run` installs it. */
const [FAKETIME] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');

/** A clock for processes, in whole seconds ahead of the real one. A process reads it each time it reads the time. */
class SettableClock {
  readonly #file = join(temporaryFolder(), 'time');

  constructor() {
    this.set(0);
  }

  set(aheadSeconds: number): void {
    writeFileSync(this.#file, `${aheadSeconds < 0 ? '-' : '+'}${Math.abs(aheadSeconds)}\n`);
  }

  /** Returns the environment of a process with this clock. The steady clock continues, as on a machine. */
  get env(): Record<string, string> {
    return {
      LD_PRELOAD: FAKETIME ?? '',
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }
}

const DAY_S = 86_400;
const dayAhead = (days: number): string =>
  new Date(Date.now() + days * DAY_S * 1_000).toISOString().slice(0, 10);

if (FAKETIME === undefined)
  process.stderr.write(
    'A clock that jumps is not tested: libfaketime is missing (apt-get install faketime)\n',
  );
const describeWithFaketime = FAKETIME === undefined ? describe.skip : describe;

describeWithFaketime('a service on a machine whose clock jumps', () => {
  const clock = new SettableClock();
  const folder = temporaryFolder();
  const env = { ...sqliteSettings(folder), ...clock.env };
  let service: RunningService;
  beforeAll(async () => {
    service = await startService({ folder, env });
    const inspector = service.as('inspector');
    await inspector.issue({ id: 'due' });
    expect(await inspector.command('due', 'set-deadline', { dueOn: dayAhead(30) })).toMatchObject({
      status: 200,
    });
  });
  afterAll(() => service.stop());

  const ready = () => service.request('GET', '/health/ready');
  /** Returns an inspector whose token is valid by each of the clock's times. */
  const inspector = () => {
    const now = Math.floor(Date.now() / 1_000);
    const claims = { ...claimsOf(['inspector']), iat: now - 3 * 3_600, exp: now + 3 * 3_600 };
    return clientOf(signToken(claims, service.secret), service.request);
  };
  const addComment = () => inspector().command('due', 'add-comment', { text: 'Seen', visibility: 'public' });
  const eventsOf = async (): Promise<readonly string[]> =>
    (await inspector().get('/api/recommendations/due/events')).json.items.map(({ type }) => type);

  it.each([
    ['forward', 7_200],
    ['back', -7_200],
  ])(
    '%s: nothing is recorded and the service is not ready until the clock is right',
    async (direction, ahead) => {
      const before = await eventsOf();
      clock.set(ahead);
      expect(await addComment()).toMatchObject(refusal(503, 'clock-jumped'));
      expect(await ready()).toMatchObject({ status: 503 });
      expect((await ready()).text).toContain(`jumped ${direction} by 120 minutes`);
      expect((await service.request('GET', '/metrics')).text).toMatch(/^docket_clock_jumped 1$/m);
      expect(await eventsOf()).toEqual(before);
      clock.set(0);
      expect(await ready()).toMatchObject({ status: 200 });
      expect(await addComment()).toMatchObject({ status: 200 });
    },
  );
});
