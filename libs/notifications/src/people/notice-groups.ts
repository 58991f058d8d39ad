import type { NoticeGroup } from '#state-machines/person-events';
import { lifecycles } from '#state-machines/lifecycles';

/** The groups of notices that people choose from, with their titles. */
export const GROUP_TITLES: Readonly<Record<NoticeGroup, string>> = {
  decisions: 'Requests, and the decisions on them',
  deadlines: 'Deadlines that are near or have passed',
  changes: 'Other changes to records',
};

interface NoticeKind {
  readonly title: string;
  readonly group: NoticeGroup;
}

/** The kinds of notices to people, for all kinds of records: a request or its decision, a date that was reached, or another change. */
const KINDS: ReadonlyMap<string, NoticeKind> = new Map(
  lifecycles.currents.flatMap(({ notices = {} }) =>
    Object.values(notices).map(({ kind, title, opens, answers, isOfDate }) => {
      const isRequest = opens !== undefined || answers !== undefined;
      const other = isOfDate === true ? 'deadlines' : 'changes';
      return [kind, { title, group: isRequest ? 'decisions' : other }] as const;
    }),
  ),
);

export const NOTICE_KINDS: readonly string[] = [...KINDS.keys()];

export const groupOf = (kind: string): NoticeGroup => KINDS.get(kind)?.group ?? 'changes';

/** Returns the title of a kind of notices; null if no lifecycle has it. */
export const titleOf = (kind: string): string | null => KINDS.get(kind)?.title ?? null;
