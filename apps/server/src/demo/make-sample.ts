import { copyStore } from '#use-cases/log/copy-store';
import { openNode } from '#platform/node';
import { openStore } from '#platform/open-store';
import { readSettings } from '#platform/settings';
import type { Settings } from '#platform/settings';
import { lately, oldRecords, reports, sweeps } from './sample-reports.ts';
import { SampleWorld } from './sample-world.ts';
import type { SampleParts } from './sample-world.ts';
import { SimulatedTime } from './simulated-time.ts';

const FROM = '2016-01-04T09:00:00Z';
const SEED = 730;
const DAY_MS = 86_400_000;
/** How long before the end that is issued which lies on people's desks. */
const LATELY_DAYS = 65;

/**
 * Lets the years since 2016 pass, in which a few hundred recommendations are issued, and people do with them what they do.
 * @param end the moment at which they have passed, in milliseconds since 1970.
 */
export async function liveThrough(
  parts: SampleParts,
  end: number,
  onDay: (now: number) => void,
): Promise<void> {
  const time = new SimulatedTime(FROM, end, SEED);
  const world = new SampleWorld(parts, time);
  await world.nameBodies();
  await world.enterLeads();
  time.begin(oldRecords(world));
  time.begin(reports(world), 90);
  time.begin(sweeps(world), 1);
  time.begin(lately(world), (end - time.now) / DAY_MS - LATELY_DAYS);
  await time.pass(onDay);
}

/**
 * Makes a store that holds the sample: in memory, where nothing has to be on disk for each of its thousands of commands, and
 * copied from there.
 */
export async function makeSample(
  { store: address, developmentKey }: Settings,
  end: number,
  onDay: (now: number) => void,
): Promise<void> {
  const settings = readSettings({ DOCKET_STORE: 'memory:', DOCKET_DEVELOPMENT_KEY: developmentKey });
  const fail = (message: string): never => {
    throw new Error(message);
  };
  const none = () => undefined;
  const told = {
    onError: fail,
    onProjectorError: fail,
    onFailure: fail,
    onWarning: none,
    onSwept: none,
    onDelivery: none,
  };
  const node = await openNode(settings, told, {
    http: true,
    project: true,
    sweep: null,
    checkpoints: null,
    notify: false,
  });
  try {
    await liveThrough(node.http, end, onDay);
    const target = await openStore(address, { create: true });
    try {
      const { ok } = await copyStore(node.store, target);
      if (!ok) throw new Error('The sample was not copied as it is');
    } finally {
      await target.close();
    }
  } finally {
    await node.close();
  }
}
