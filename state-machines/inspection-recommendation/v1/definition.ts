import { definitionsOf } from '#lifecycle/lifecycle-definition';
import { statechartOf } from '#lifecycle/statechart';
import { recommendation } from '../kind.ts';
import { thresholds } from '../../capabilities/deadlines.ts';
import { events } from './events.ts';
import { guards, machine } from './machine.ts';

/** The review lifecycle of an inspection recommendation, version 1, as data. */
export const definition = {
  name: recommendation.name,
  version: 1,
  machine,
  guards,
  events: definitionsOf(events),
  statusRegion: 'progress',
  thresholds,
} as const;

export const statechart = statechartOf(definition);
