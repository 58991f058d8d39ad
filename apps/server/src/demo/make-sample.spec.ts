import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { openStore } from '#platform/open-store';
import { readSettings } from '#platform/settings';
import { lifecycles } from '#state-machines/lifecycles';
import { collectLog } from '#test/support/event-streams';
import { temporaryFolder } from '#test/support/temporary-folder';
import { verifyStore } from '#use-cases/log/verify-store';
import { makeSample, samples } from './make-sample.ts';

const END = '2017-01-04T09:00:00Z';

describe('the first year of the sample', () => {
  test('is stored in the order of recording, and valid', async () => {
    const folder = temporaryFolder();
    const settings = readSettings({
      DOCKET_STORE: `sqlite:${join(folder, 'docket.sqlite')}`,
      DOCKET_DEVELOPMENT_KEY: join(folder, 'key.jwk'),
    });
    const days: number[] = [];
    await makeSample(await samples(), settings, Date.parse(END), (now) => days.push(now));

    const store = await openStore(settings.store, { create: false });
    const log = await collectLog(store);
    expect(await verifyStore(store, lifecycles, [])).toMatchObject({ ok: true });
    await store.close();
    expect(log.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['BodyNamed', 'PersonSeen', 'RecommendationIssued', 'ProgressStarted']),
    );
    const recorded = log.map(({ recordedAt }) => recordedAt);
    expect(recorded).toEqual(recorded.toSorted());
    expect(recorded[0]?.slice(0, 4)).toBe('2016');
    expect(Date.parse(recorded.at(-1) ?? '')).toBeLessThan(Date.parse(END));
    expect(days.length).toBeGreaterThan(300);
  });
});
