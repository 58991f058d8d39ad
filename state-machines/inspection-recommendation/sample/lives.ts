import type { CastMember, Life, SampleWorld } from '../../sample.ts';
import { approver, commissionerOf, inspectors, leadOf } from './cast.ts';
import { COMMENTS, EVIDENCE, INTERNAL_COMMENTS, STATEMENTS } from './texts.ts';

/** The data of a sample record that simulated people use. */
export interface SampleRecord {
  readonly id: string;
  readonly body: string;
  /** The subject of the record, in the middle of a sentence. */
  readonly about: string;
  /** The record's inspector, and the other inspector, who can decide. */
  readonly inspector: CastMember;
  readonly second: CastMember;
}

export type LifeOf = (world: SampleWorld, record: SampleRecord) => Life;

const DAYS_OF_A_REVIEW = [60, 200] as const;

/** Returns a random text that contains the record's subject. */
const about = ({ time }: SampleWorld, { about: subject }: SampleRecord, texts: readonly string[]): string =>
  time.pick(texts).replace('{about}', subject);

/** Returns both inspectors, that of the record first. */
export function inspectorsOf(world: SampleWorld): Pick<SampleRecord, 'inspector' | 'second'> {
  const [one, other] = inspectors(world);
  return world.time.isSo(60) ? { inspector: one, second: other } : { inspector: other, second: one };
}

async function comment(world: SampleWorld, record: SampleRecord): Promise<void> {
  const { time } = world;
  const isInternal = time.isSo(15);
  const author = isInternal || time.isSo(60) ? record.inspector : leadOf(world, record.body);
  const text = about(world, record, isInternal ? INTERNAL_COMMENTS : COMMENTS);
  // Notes about a visit are often recorded days later.
  const isLate = author === record.inspector && time.isSo(30);
  await world.sendCommand(author, record.id, 'add-comment', {
    text,
    visibility: isInternal ? 'internal' : 'public',
    ...(isLate && { effectiveOn: time.dayIn(-time.between(1, 6)) }),
  });
}

async function submitEvidence(world: SampleWorld, record: SampleRecord): Promise<void> {
  const items = Array.from({ length: world.time.between(1, 3) }, () => {
    const name = world.time.pick(EVIDENCE);
    const sha256 = world.sha256(`${record.id} ${world.time.now} ${name}`);
    return { name, sha256, size: world.time.between(20_000, 3_000_000) };
  });
  const names = new Map(items.map((item) => [item.name, item]));
  await world.sendCommand(leadOf(world, record.body), record.id, 'submit-evidence', {
    items: [...names.values()],
  });
}

const statement = (world: SampleWorld, record: SampleRecord) => ({
  statement: about(world, record, STATEMENTS),
});

/** Assigns an owner and starts work. */
const startWork: LifeOf = async function* (world, record) {
  const { time } = world;
  yield time.between(10, 40);
  const owner = time.isSo(25) ? record.inspector.subject : leadOf(world, record.body).subject;
  if (time.isSo(85)) await world.sendCommand(record.inspector, record.id, 'assign-owner', { owner });
  yield time.between(10, 60);
  const { status } = await world.look(record.id);
  const effectiveOn = time.dayIn(-time.between(0, 5));
  // An imported file may have set a later status.
  if (status === 'awaiting-review')
    await world.sendCommand(record.inspector, record.id, 'start-progress', { effectiveOn });
  yield time.between(...DAYS_OF_A_REVIEW);
  await comment(world, record);
};

/** Adds at most a first step and an occasional comment. */
export const neglected: LifeOf = async function* (world, record) {
  if (world.time.isSo(50)) yield* startWork(world, record);
  for (let visits = world.time.between(0, 3); visits > 0; visits -= 1) {
    yield world.time.between(150, 420);
    await comment(world, record);
  }
};

/** Adds notes about progress at each visit. */
export const progressed: LifeOf = async function* (world, record) {
  yield* startWork(world, record);
  yield* visited(world, record);
};

export const visited: LifeOf = async function* (world, record) {
  for (let visits = world.time.between(1, 4); visits > 0; visits -= 1) {
    yield world.time.between(...DAYS_OF_A_REVIEW);
    await comment(world, record);
  }
};

/** Accepts evidence, requests closure and approves it. */
export const completed: LifeOf = async function* (world, record) {
  yield* progressed(world, record);
  yield* closed(world, record);
};

const closed: LifeOf = async function* (world, record) {
  const { time } = world;
  yield time.between(20, 120);
  await submitEvidence(world, record);
  yield time.between(5, 40);
  await world.sendCommand(record.inspector, record.id, 'accept-evidence', {
    note: 'Read, and checked against our own findings.',
  });
  yield time.between(1, 30);
  await world.sendCommand(record.inspector, record.id, 'request-closure', statement(world, record));
  yield time.between(1, 20);
  await world.sendCommand(approver(world), record.id, 'approve-closure', statement(world, record));
};

/** Rejects evidence and refuses closure at first. */
export const disputed: LifeOf = async function* (world, record) {
  const { time } = world;
  yield* startWork(world, record);
  yield time.between(20, 100);
  await submitEvidence(world, record);
  await world.beRefused(record.inspector, record.id, 'request-closure', statement(world, record));
  yield time.between(5, 40);
  await world.sendCommand(record.inspector, record.id, 'reject-evidence', {
    reason: 'This sets out plans, not actions taken.',
  });
  yield time.between(60, 200);
  await submitEvidence(world, record);
  yield time.between(5, 40);
  await world.sendCommand(record.second, record.id, 'accept-evidence', {});
  yield time.between(2, 10);
  await world.sendCommand(record.inspector, record.id, 'request-closure', statement(world, record));
  yield time.between(2, 20);
  await world.sendCommand(approver(world), record.id, 'refuse-closure', {
    reason: 'The sample covers only one district. Check another before we close this.',
  });
  yield time.between(30, 90);
  await world.sendCommand(record.inspector, record.id, 'request-closure', statement(world, record));
  yield 1;
  await world.sendCommand(record.inspector, record.id, 'withdraw-closure', {});
  yield* closed(world, record);
};

/** Requests three extensions: one is granted, one withdrawn and one refused. */
export const extended: LifeOf = async function* (world, record) {
  const { time } = world;
  yield* startWork(world, record);
  yield time.between(10, 60);
  const { deadlines } = await world.look(record.id);
  const deadline = deadlines.findLast(({ kind }) => kind === 'action');
  if (deadline === undefined) return;
  const requestExtension = async (months: number): Promise<void> => {
    const from = Math.max(Date.parse(deadline.dueOn), time.now);
    const dueOn = new Date(from + months * 30 * 86_400_000).toISOString().slice(0, 10);
    const reason = 'Staff had to be recruited for this work first.';
    await world.sendCommand(leadOf(world, record.body), record.id, 'request-extension', {
      deadlineId: deadline.id,
      dueOn,
      reason,
    });
  };
  const deadlineId = { deadlineId: deadline.id };
  await requestExtension(3);
  yield time.between(3, 20);
  await world.sendCommand(record.inspector, record.id, 'grant-extension', deadlineId);
  yield time.between(60, 160);
  await requestExtension(9);
  yield 2;
  await world.sendCommand(leadOf(world, record.body), record.id, 'withdraw-extension', deadlineId);
  yield 5;
  await requestExtension(12);
  yield time.between(3, 20);
  await world.sendCommand(record.inspector, record.id, 'refuse-extension', {
    ...deadlineId,
    reason: 'The deadline has already been extended once, and the risk to the public is too great.',
  });
  if (time.isSo(80)) yield* closed(world, record);
};

/** Closes the record without further action. */
export const letGo: LifeOf = async function* (world, record) {
  const { time } = world;
  if (time.isSo(70)) yield* progressed(world, record);
  yield time.between(30, 200);
  const reason = time.pick([
    'merged',
    'covered-by-later-inspection',
    'no-longer-applicable',
    'not-accepted',
    'withdrawn',
  ]);
  await world.sendCommand(record.inspector, record.id, 'request-closure', {
    outcome: 'no-further-action',
    reason,
    statement: 'Our regular inspections now cover this.',
  });
  yield time.between(2, 20);
  await world.sendCommand(approver(world), record.id, 'decide-no-further-action', {
    reason,
    statement: 'Our regular inspections now cover this recommendation.',
  });
};

/** Reopens a record that was closed too early. */
export const reopened: LifeOf = async function* (world, record) {
  yield* completed(world, record);
  yield world.time.between(100, 300);
  await world.sendCommand(approver(world), record.id, 'reopen', {
    reason: 'Our next inspection found that the improvement had not been sustained.',
  });
  yield* visited(world, record);
};

/** Corrects several mistakes. */
export const corrected: LifeOf = async function* (world, record) {
  const { time } = world;
  yield* startWork(world, record);
  const eventId = await world.sendCommand(record.inspector, record.id, 'add-comment', {
    text: 'The lead, whose telephone number is 01632 960001, is off sick until further notice.',
  });
  yield 1;
  await world.sendCommand(approver(world), record.id, 'redact-comment', {
    eventId,
    reason: 'This contains information about a person’s health.',
  });
  yield time.between(5, 30);
  await world.sendCommand(record.inspector, record.id, 'return-to-review', {
    reason: 'Work had not started. The plan was for something else.',
  });
  const set = await world.sendCommand(record.inspector, record.id, 'set-deadline', {
    dueOn: time.dayIn(120),
    note: 'Agreed at our visit.',
  });
  const mistyped = { eventId: set, reason: 'The month was mistyped.' };
  yield time.between(5, 30);
  await world.sendCommand(record.inspector, record.id, 'request-correction', {
    ...mistyped,
    dueOn: time.dayIn(200),
  });
  await world.sendCommand(record.second, record.id, 'refuse-correction', {
    reason: 'The letter gives a different month.',
  });
  await world.sendCommand(record.inspector, record.id, 'request-correction', {
    ...mistyped,
    dueOn: time.dayIn(150),
  });
  yield 1;
  await world.sendCommand(approver(world), record.id, 'approve-correction', {});
  const { deadlines, title } = await world.look(record.id);
  await world.sendCommand(approver(world), record.id, 'withdraw-deadline', {
    deadlineId: deadlines.at(-1)?.id ?? '',
    reason: 'The report sets its own deadline.',
  });
  await world.sendCommand(record.inspector, record.id, 'amend-text', {
    title: `${title ?? ''}, as corrected`,
    reason: 'The published report was corrected.',
  });
  await world.sendCommand(record.inspector, record.id, 'start-progress', {});
  const agreed = await world.sendCommand(record.inspector, record.id, 'set-deadline', {
    dueOn: time.dayIn(60),
  });
  await world.sendCommand(record.second, record.id, 'request-correction', {
    eventId: agreed,
    dueOn: time.dayIn(90),
    reason: 'The letter says three months.',
  });
  yield* visited(world, record);
};

/** Confirms or dismisses dates that were found in the text; some stay open. */
export const proposalsSeenTo: LifeOf = async function* (world, record) {
  const { time } = world;
  yield time.between(2, 8);
  const { pending } = await world.look(record.id);
  for (const { id: deadlineId, suggestedOn } of pending.proposals) {
    if (time.isSo(15)) continue;
    const isDismissed = suggestedOn === null || time.isSo(20);
    await (isDismissed
      ? world.sendCommand(record.inspector, record.id, 'dismiss-deadline', {
          deadlineId,
          reason: 'This date applies to another organisation.',
        })
      : world.sendCommand(record.inspector, record.id, 'confirm-deadline', {
          deadlineId,
          dueOn: suggestedOn,
        }));
  }
};

/** Publishes the response required by law, for most records. */
export const answered: LifeOf = async function* (world, record) {
  const { time } = world;
  yield time.between(20, 80);
  if (time.isSo(15)) return;
  const position = time.pick(['action-taken', 'action-proposed', 'no-action']);
  const text =
    'We welcome the report, and have asked the chief officer to report progress to us every quarter.';
  if (time.isSo(80)) {
    await world.sendCommand(commissionerOf(world, record.body), record.id, 'publish-response', {
      position,
      text,
    });
    return;
  }
  const publishedElsewhere = 'In the papers of the police and crime panel';
  await world.sendCommand(record.inspector, record.id, 'publish-response', {
    position,
    text,
    publishedElsewhere,
  });
};

/** Lives with pending work at the end: a decision on evidence, an extension or a closure, or a first step. */
export const WAITING_LIVES: readonly LifeOf[] = [
  async function* evidenceWaits(world, record) {
    yield* startRecentWork(world, record);
    await submitEvidence(world, record);
  },
  async function* extensionWaits(world, record) {
    yield* startRecentWork(world, record);
    const dueOn = world.time.dayIn(200);
    const reason = 'The supplier will deliver the new system later than agreed.';
    await world.sendCommand(leadOf(world, record.body), record.id, 'request-extension', { dueOn, reason });
  },
  async function* closureWaits(world, record) {
    yield* startRecentWork(world, record);
    await world.sendCommand(record.inspector, record.id, 'request-closure', statement(world, record));
  },
  async function* evidenceRejected(world, record) {
    yield* startRecentWork(world, record);
    await submitEvidence(world, record);
    yield 2;
    await world.sendCommand(record.second, record.id, 'reject-evidence', {
      reason: 'The minutes are from a different board.',
    });
  },
  async function* closedLately(world, record) {
    yield* startRecentWork(world, record);
    await world.sendCommand(record.inspector, record.id, 'request-closure', statement(world, record));
    yield 3;
    await world.sendCommand(approver(world), record.id, 'approve-closure', statement(world, record));
  },
  async function* notStarted(world, record) {
    yield 20;
    await comment(world, record);
  },
];

const startRecentWork: LifeOf = async function* (world, record) {
  yield 10;
  await world.sendCommand(record.inspector, record.id, 'assign-owner', { owner: record.inspector.subject });
  await world.sendCommand(record.inspector, record.id, 'start-progress', {});
  yield 35;
  await comment(world, record);
  yield 5;
};
