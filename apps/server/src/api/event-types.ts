import type { RecordKind } from '#lifecycle/kind';
import { lifecycles } from '#state-machines/lifecycles';
import { TRAIL_SHAPES } from '#state-machines/audit-trail-events';
import { BODY_SHAPES } from '#state-machines/body-events';
import { CHECKPOINT_SHAPES } from '#state-machines/checkpoint-events';
import { PERSON_SHAPES } from '#state-machines/person-events';
import { ISSUE_SHAPES } from '#state-machines/issue-events';
import { WEBHOOK_SHAPES } from '#state-machines/webhook-events';
import { kinds } from '#state-machines/record-streams';

/** The data of each event type in streams without a lifecycle. */
export const OTHER_SHAPES = {
  ...PERSON_SHAPES,
  ...ISSUE_SHAPES,
  ...BODY_SHAPES,
  ...WEBHOOK_SHAPES,
  ...CHECKPOINT_SHAPES,
  ...TRAIL_SHAPES,
};

/** The data of each event type in records of a kind. */
export const eventsOf = (kind: RecordKind) => lifecycles.current(kind.name).code.shapes;

/** Every event type that a log can contain. */
export const EVENT_TYPES: readonly string[] = [
  ...new Set([...Object.keys(OTHER_SHAPES), ...kinds.all.flatMap((kind) => Object.keys(eventsOf(kind)))]),
];
