import { ownStatechart } from '../../definition.ts';
import type { DocketDefinition } from '../../definition.ts';
import { thresholds } from './deadlines.ts';
import { events } from './events.ts';
import { guards, machine } from './machine.ts';

/** The review lifecycle of an inspection recommendation, version 1: all of it that is data. */
export const definition = {
  name: 'inspection-recommendation',
  version: 1,
  machine,
  guards,
  events,
  statusRegion: 'progress',
  thresholds,
} as const satisfies DocketDefinition;

export const statechart = ownStatechart(definition);
