import type { CommandTable } from './decide.ts';
import { labelOf } from './fields.ts';
import type { RecordKind } from './kind.ts';
import type { LifecycleCode } from './lifecycle-definition.ts';

/** The groups of queues on the work page. */
export type QueueGroup = 'decide' | 'look-after' | 'by-date';

/** A work queue for some roles. It contains the records that meet all of these conditions. */
export interface Queue {
  readonly title: string;
  readonly group: QueueGroup;
  readonly roles: readonly string[];
  /** True if closed records are included. */
  readonly ofClosed?: true;
  /**
   * True for a decision queue. People of a body do not see records without a body in it, because the request may be
   * their own.
   */
  readonly decides?: true;
  /** The required states by region. */
  readonly state?: Readonly<Record<string, string>>;
  /** The name of the open request in the summary. */
  readonly waits?: string;
  /** The requester: only me, only others, or at least one other person. */
  readonly by?: 'me' | 'others' | 'another';
  readonly owner?: 'me' | 'none';
  readonly body?: 'none';
  readonly answer?: 'due';
  /** The earliest due date of the record itself: passed, long passed, or within a number of days. */
  readonly date?: 'over' | 'long-over' | { readonly withinDays: number };
  readonly closedWithinDays?: number;
}

/** The queues of a kind by name, in display order. */
export type Queues = Readonly<Record<string, Queue>>;

/** Returns the queues of records without an owner, for those who may assign one, and the queues of records by owner. */
export const queuesOfOwners = (namedBy: readonly string[], owners: readonly string[]) =>
  ({
    'without-owner': { title: 'Without an owner', group: 'look-after', roles: namedBy, owner: 'none' },
    mine: { title: 'Owned by you', group: 'look-after', roles: owners, owner: 'me' },
  }) as const satisfies Queues;

/** Returns the queues of late and due records. A record closed by a claim stays late until the claim is confirmed. */
export const queuesOfDates = (roles: readonly string[]) =>
  ({
    overdue: { title: 'Overdue', group: 'by-date', roles, ofClosed: true, date: 'over' },
    'due-30': { title: 'Due within 30 days', group: 'by-date', roles, date: { withinDays: 30 } },
    'due-90': { title: 'Due within 90 days', group: 'by-date', roles, date: { withinDays: 90 } },
  }) as const satisfies Queues;

/** Returns the queues for a lifecycle that declares none: decisions, owners, answers and dates, if it has them. */
export function plainQueues(
  { roles }: RecordKind,
  { summary, texts }: Pick<LifecycleCode, 'summary' | 'texts'>,
  commands: CommandTable<never>,
): Queues {
  const { staff, body } = roles;
  const all = [...staff, ...body];
  const hasOwner = Object.values(texts?.at ?? {}).some((kinds) => Object.values(kinds).includes('owner'));
  const waits = Object.entries(summary?.waits ?? {}).map(([name, { decidedBy }]): [string, Queue] => {
    const deciding = all.filter((role) =>
      decidedBy?.some((command) => commands[command]?.roles.includes(role)),
    );
    const roles = decidedBy === undefined ? staff : deciding;
    return [name, { title: labelOf(name), group: 'decide', roles, decides: true, waits: name, by: 'others' }];
  });
  return {
    ...Object.fromEntries(waits),
    ...(hasOwner && queuesOfOwners(all, all)),
    ...(summary?.answer !== undefined && {
      'answers-due': {
        ...{
          title: 'Answers due',
          group: 'look-after',
          roles: body.length > 0 ? body : staff,
          answer: 'due',
        },
        ofClosed: true,
      },
    }),
    ...(summary?.dates !== undefined && queuesOfDates(all)),
  };
}
