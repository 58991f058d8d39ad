import { copyStore } from '#use-cases/log/copy-store';
import type { RecordKind } from '#lifecycle/kind';
import { openNode } from '#platform/node';
import { openStore } from '#platform/open-store';
import { readSettings } from '#platform/settings';
import type { Settings } from '#platform/settings';
import { lifecycles } from '#state-machines/lifecycles';
import type { Sample } from '#state-machines/sample';
import { LiveWorld } from './sample-world.ts';
import type { SampleParts } from './sample-world.ts';
import { SimulatedTime } from './simulated-time.ts';

/** Returns the samples of the lifecycles that define one. */
export const samples = async (): Promise<readonly LivedSample[]> =>
  Promise.all(
    lifecycles.currents.flatMap(({ kind, sample }) =>
      sample === undefined ? [] : sample().then((found) => ({ kind, sample: found })),
    ),
  );

interface LivedSample {
  readonly kind: RecordKind;
  readonly sample: Sample;
}

const FROM = '2016-01-04T09:00:00Z';
const SEED = 730;

/**
 * Runs the samples from 2016 to `end` in simulated time.
 * @param end in milliseconds since 1970.
 */
export async function liveThrough(
  lived: readonly LivedSample[],
  parts: SampleParts,
  end: number,
  onDay: (now: number) => void,
): Promise<void> {
  const time = new SimulatedTime(FROM, end, SEED);
  for (const { kind, sample } of lived) {
    const world = new LiveWorld(parts, kind, time);
    await world.prepare(sample);
    sample.begin(world);
  }
  await time.pass(onDay);
}

/**
 * Generates the samples in an in-memory store and copies it to the target. Thousands of commands would be
 * slow with a sync to disk for each.
 */
export async function makeSample(
  lived: readonly LivedSample[],
  { store: address, developmentKey }: Settings,
  end: number,
  onDay: (now: number) => void,
): Promise<void> {
  const settings = readSettings({ DOCKET_STORE: 'memory:', DOCKET_DEVELOPMENT_KEY: developmentKey });
  const fail = (message: string): never => {
    throw new Error(message);
  };
  const none = () => undefined;
  const reports = {
    onError: fail,
    onProjectorError: fail,
    onFailure: fail,
    onWarning: none,
    onSwept: none,
    onDelivery: none,
  };
  const node = await openNode(settings, reports, {
    http: true,
    project: true,
    sweep: null,
    checkpoints: null,
    notify: false,
  });
  try {
    await liveThrough(lived, node.http, end, onDay);
    const target = await openStore(address, { create: true });
    try {
      const { ok } = await copyStore(node.store, target);
      if (!ok) throw new Error('The copy of the sample is not identical');
    } finally {
      await target.close();
    }
  } finally {
    await node.close();
  }
}
