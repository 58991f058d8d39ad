import type { Crossed } from '#lifecycle/summary';
import type { ProjectedEvent } from '../record-row.ts';

/** Returns the threshold that an event reports as crossed; null if it reports none. */
export function crossedBy(event: ProjectedEvent): Crossed | null {
  const news = event.rules.code.dates?.news(event) ?? null;
  return news?.is === 'crossed' ? news : null;
}

/** Returns whether people are notified of a threshold: not if the date had passed when the record was first stored. */
export const isThresholdNews = (
  { nearness, dueOn }: Pick<Crossed, 'nearness' | 'dueOn'>,
  effectiveOn: string,
  cameInOn: string,
): boolean => cameInOn <= (nearness === 'near' ? dueOn : effectiveOn);
