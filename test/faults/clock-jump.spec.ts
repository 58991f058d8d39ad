import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { runDocket } from '../support/command-line.ts';
import { sqliteSettings } from '../support/journey-store.ts';
import { due, issuedEvent, recordOn } from '../support/records.ts';
import { eventually } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { claimsOf, refusal, signToken, startService } from '../support/service.ts';
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
  const env = { ...sqliteSettings(folder), ...clock.env, DOCKET_CLOCK_TOLERANCE_MINUTES: '10' };
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
  const addComment = () => service.as('inspector').command('due', 'add-comment', { text: 'Seen' });
  const eventsOf = async (): Promise<readonly string[]> =>
    (await service.as('inspector').get('/api/recommendations/due/events')).json.items.map(({ type }) => type);

  it.each([
    ['forward', 1_800],
    ['back', -1_800],
  ])(
    '%s: nothing is recorded and the service is not ready until the clock is right',
    async (direction, ahead) => {
      const before = await eventsOf();
      clock.set(ahead);
      expect(await addComment()).toMatchObject(refusal(503, 'clock-jumped'));
      expect(await ready()).toMatchObject({ status: 503 });
      expect((await ready()).text).toContain(`jumped ${direction} by 30 minutes`);
      expect((await service.request('GET', '/metrics')).text).toMatch(/^docket_clock_jumped 1$/m);
      expect(await eventsOf()).toEqual(before);
      clock.set(0);
      expect(await ready()).toMatchObject({ status: 200 });
      expect(await addComment()).toMatchObject({ status: 200 });
    },
  );

  it('is refused a sweep of months ahead, and records none of their thresholds', async () => {
    const before = await eventsOf();
    clock.set(100 * DAY_S);
    const claims = { ...claimsOf(['administrator']), exp: Math.floor(Date.now() / 1_000) + 365 * DAY_S };
    const token = signToken(claims, service.secret);
    expect(await service.request('POST', '/api/sweeps', { token })).toMatchObject({ status: 202 });
    await eventually(
      () => Promise.resolve(service.stderr()),
      (log) => log.includes('The deadlines could not be swept'),
    );
    clock.set(0);
    expect(await ready()).toMatchObject({ status: 200 });
    expect(await eventsOf()).toEqual(before);
  });

  it('continues after an administrator confirms from another process that the clock is right now', async () => {
    clock.set(1_800);
    expect(await addComment()).toMatchObject(refusal(503, 'clock-jumped'));
    expect(await runDocket(['clock', '--confirm'], { folder, env })).toMatchObject({ code: 0 });
    expect(await addComment()).toMatchObject({ status: 200 });
  });
});

describeWithFaketime('an event recorded in a false future', () => {
  it('restricts no one: the record continues today, and its thresholds are recorded again on their day', async () => {
    const folder = temporaryFolder();
    const clock = new SettableClock();
    const env = { ...sqliteSettings(folder), ...clock.env };
    const run = (...words: string[]) => runDocket(words, { folder, env });
    const store = await openStore(parseStore(env['DOCKET_STORE'] ?? '', 'DOCKET_STORE'), { create: true });
    await recordOn(store, 'due', dayAhead(-1), issuedEvent(), due(dayAhead(30)));
    await store.close();

    // A log without recent events does not reveal a jump: the start on a wrong day records all events that are due by
    // then.
    clock.set(100 * DAY_S);
    expect(await run('sweep')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('3 events recorded'),
    });
    clock.set(0);

    const service = await startService({ folder, env });
    const inspector = service.as('inspector');
    expect(await inspector.command('due', 'start-progress')).toMatchObject(refusal(503, 'clock-jumped'));
    expect(await run('clock', '--confirm')).toMatchObject({ code: 0 });
    expect(await inspector.command('due', 'start-progress')).toMatchObject({ status: 200 });
    const verified = await run('verify', '--json');
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('clock-leap') });
    await service.stop();
    const recorded = async (): Promise<(string | undefined)[]> => {
      const { stdout } = await run('replay', 'due', '--json');
      return [...stdout.matchAll(/"type":"(Deadline(?:Approaching|Passed|Escalated))"/g)].map(
        ([, type]) => type,
      );
    };
    const false_ = ['DeadlineApproaching', 'DeadlinePassed', 'DeadlineEscalated'];
    expect(await run('sweep')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('0 events recorded'),
    });
    clock.set(17 * DAY_S);
    expect(await run('sweep')).toMatchObject({ code: 0 });
    expect(await run('sweep')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('0 events recorded'),
    });
    expect(await recorded()).toEqual([...false_, 'DeadlineApproaching']);
    clock.set(61 * DAY_S);
    expect(await run('sweep')).toMatchObject({ code: 0 });
    expect(await recorded()).toEqual([...false_, ...false_]);
    expect(await run('verify')).toMatchObject({ code: 0 });
  });
});
