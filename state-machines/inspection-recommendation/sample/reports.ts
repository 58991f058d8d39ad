import type { Life, Sample, SampleWorld } from '../../sample.ts';
import { approver, inspectors, leadOf, SAMPLE_BODIES } from './cast.ts';
import {
  answered,
  completed,
  corrected,
  disputed,
  extended,
  inspectorsOf,
  letGo,
  neglected,
  progressed,
  proposalsSeenTo,
  reopened,
  visited,
  WAITING_LIVES,
} from './lives.ts';
import type { LifeOf, SampleRecord } from './lives.ts';
import { COMMENTS, FIRE_THEMES, OLD_HISTORIES, POLICE_THEMES, REPORTS } from './texts.ts';
import type { Theme } from './texts.ts';

const DAYS_OF_A_MONTH = 30;
const SWEEP_DAYS = 28;
/** The reference that follows that of record 730. */
const FIRST_REFERENCE = 731;
/** The number of records from register files, and their first reference. */
const OLD_RECORDS = 24;
const FIRST_OLD_REFERENCE = 604;

/** The number of records for each life. */
const LIVES: readonly (readonly [LifeOf, number])[] = [
  [neglected, 8],
  [progressed, 12],
  [completed, 40],
  [disputed, 8],
  [extended, 10],
  [letGo, 7],
  [reopened, 5],
  [corrected, 5],
  [superseded, 5],
];
const ANY_LIFE: readonly LifeOf[] = LIVES.flatMap(([life, count]) =>
  Array.from({ length: count }, () => life),
);

/** Supersedes the record by a recommendation of a later inspection. */
async function* superseded(world: SampleWorld, record: SampleRecord): Life {
  for (let looks = 0; looks < 12; looks += 1) {
    yield world.time.between(60, 120);
    const by = world.newest.get(record.body);
    if (by === undefined || by === record.id) continue;
    const { status } = await world.look(by);
    if (status !== 'awaiting-review' && status !== 'being-progressed') continue;
    const statement = 'Our new recommendation covers this and goes further.';
    await world.sendCommand(record.inspector, record.id, 'request-closure', {
      outcome: 'superseded',
      supersededBy: by,
      statement: 'Our later inspection made the same recommendation again.',
    });
    await world.sendCommand(approver(world), record.id, 'supersede', { by, statement });
    return;
  }
}

/** Issues the reports of all years, in order. */
async function* reports(world: SampleWorld): Life {
  const { time } = world;
  for (let reference = FIRST_REFERENCE; ;) {
    const isFire = time.isSo(12);
    const themes = isFire ? FIRE_THEMES : POLICE_THEMES;
    const first = time.between(0, themes.length);
    const report = reportOf(world);
    for (let count = 0; count < 2; count += 1) {
      const theme = themes[(first + count) % themes.length] as Theme;
      await issue(world, { theme, report, reference: String(reference), isFire });
      reference += 1;
    }
    yield time.between(70, 130);
  }
}

const reportOf = ({ time }: SampleWorld) => {
  const publishedOn = time.dayIn(-time.between(0, 4));
  return { name: `${time.pick(REPORTS)} ${publishedOn.slice(0, 4)}`, publishedOn };
};

interface Issue {
  readonly theme: Theme;
  readonly report: ReturnType<typeof reportOf>;
  readonly reference: string;
  readonly isFire: boolean;
}

async function issue(world: SampleWorld, { theme, report, reference, isFire }: Issue): Promise<void> {
  const { time } = world;
  const { inspector, second } = inspectorsOf(world);
  const responseRequired = !isFire && time.isSo(25);
  const recipients = someBodies(world, isFire);
  const ids = await world.issue(inspector, {
    id: reference,
    title: theme.title,
    text: textOf(theme, world, monthsOn(world, time.between(4, 16))),
    recipients,
    report,
    responseRequired,
  });
  for (const id of ids) {
    const body = recipients.length === 1 ? (recipients[0] as string) : id.slice(reference.length + 1);
    const record = { id, body, about: theme.about, inspector, second };
    world.newest.set(body, id);
    time.begin(proposalsSeenTo(world, record));
    time.begin(time.pick(ANY_LIFE)(world, record));
    if (responseRequired) time.begin(answered(world, record));
  }
}

const textOf = ({ texts }: Theme, { time, longDate }: SampleWorld, date: string): string =>
  time.pick(texts).replace('{date}', longDate(date));

/** Returns the last day of a month in the future. */
function monthsOn({ time }: SampleWorld, months: number): string {
  const now = new Date(time.now);
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months + 1, 0))
    .toISOString()
    .slice(0, 10);
}

function someBodies({ time }: SampleWorld, isFire: boolean): readonly string[] {
  const kind = isFire ? 'fire-service' : 'police-force';
  const left = SAMPLE_BODIES.filter((body) => body.kind === kind).map(({ slug }) => slug);
  const count = time.isSo(40) ? 1 : time.between(2, Math.min(left.length, 9) + 1);
  return Array.from({ length: count }, () => left.splice(time.between(0, left.length), 1)[0] as string);
}

/** Imports the records of an earlier register. */
async function* oldRecords(world: SampleWorld): Life {
  const { time } = world;
  for (let count = 0; count < OLD_RECORDS; count += 1) {
    const theme = POLICE_THEMES[count % POLICE_THEMES.length] as Theme;
    const history = OLD_HISTORIES[count % OLD_HISTORIES.length] as readonly string[];
    const body = SAMPLE_BODIES[count % SAMPLE_BODIES.length]?.slug ?? '';
    const { inspector, second } = inspectorsOf(world);
    const reference = FIRST_OLD_REFERENCE + count * 5;
    const file = oldFile(world, theme, reference, history);
    // Some files do not contain the body.
    const hasNoBody = count % 8 === 5;
    const id = await world.importFile(inspector, file, hasNoBody ? null : body);
    const record = { id, body, about: theme.about, inspector, second };
    if (hasNoBody && count < OLD_RECORDS / 2) time.begin(foundBody(world, record), 20);
    else if (!hasNoBody && isOpen(history))
      time.begin(time.pick([visited, letGo, visited])(world, record), 30);
    yield time.between(1, 4);
  }
}

const isOpen = (history: readonly string[]): boolean => /^(?:awaiting|being)/.test(history.at(-1) ?? '');

async function* foundBody(world: SampleWorld, record: SampleRecord): Life {
  await world.sendCommand(record.inspector, record.id, 'assign-recipient', { recipient: record.body });
  yield* visited(world, record);
}

function oldFile(world: SampleWorld, theme: Theme, reference: number, history: readonly string[]): string {
  const { time } = world;
  const months = history.length * 5 + 2;
  const dayOf = (index: number): string =>
    world.registerDate(time.dayIn((index * 5 - months) * DAYS_OF_A_MONTH));
  const entries = history.map((status, index) => `[on]${dayOf(index)} [status]${status}[/status][/on]`);
  const words = time.pick(COMMENTS).replace('{about}', theme.about);
  const comment = `[on]${dayOf(history.length - 1)} [comment]\n\n${words}\n\n[/comment][/on]`;
  const text = textOf(theme, world, time.dayIn((4 - months) * DAYS_OF_A_MONTH));
  return `${theme.title} (${reference})\n\n${text}\n\n${entries.join('')}${comment}\n`;
}

/** Sweeps every four weeks. */
async function* sweeps(world: SampleWorld): Life {
  for (;;) {
    await world.sweep();
    yield SWEEP_DAYS;
  }
}

/** Issues the recent reports, about two months before the end, whose work is pending. */
async function* lately(world: SampleWorld): Life {
  const { time } = world;
  const report = { ...reportOf(world), name: 'Effectiveness inspection: next steps' };
  for (const [index, life] of WAITING_LIVES.entries()) {
    for (const [place, { slug: body }] of SAMPLE_BODIES.slice(0, 3).entries()) {
      const theme = POLICE_THEMES[index] as Theme;
      const [one, other] = inspectors(world);
      const [inspector, second] = (index + place) % 2 === 0 ? [one, other] : [other, one];
      const text = `By ${world.longDate(time.dayIn(45 + index * 9 + place * 4))}, the force should show what it is doing about ${theme.about}.`;
      const issued = {
        id: `next-${index * 3 + place + 1}`,
        title: theme.title,
        text,
        recipients: [body],
        report,
      };
      const [id = ''] = await world.issue(inspector, { ...issued, responseRequired: place === 0 });
      time.begin(life(world, { id, body, about: theme.about, inspector, second }));
    }
  }
  yield 1;
  await world.issue(inspectors(world)[0], {
    id: 'next-dates',
    title: POLICE_THEMES[4]?.title,
    text: 'Within three months, the force should publish how long callers wait. It should immediately tell waiting callers about other ways to contact it.',
    recipients: ['wiltshire'],
    report,
  });
}

/** The number of days before the end when the recent reports are issued. */
const LATELY_DAYS = 65;

/** Ten years of recommendations, from 2016, with the work of fictitious people. */
export const sample: Sample = {
  description: 'ten years of a register with a few hundred recommendations',
  toTry: [
    {
      ...{ shows: 'add a comment', as: 'inspector', command: 'add-comment' },
      body: { text: 'Evidence is expected in December.' },
    },
    {
      ...{ shows: 'closure needs two people: one requests it, another approves it', as: 'inspector' },
      ...{ command: 'request-closure', body: { statement: 'The action plan is published.' } },
    },
    { as: 'approver', command: 'approve-closure', body: { statement: 'Agreed.' } },
    { shows: 'a refused command, with the reason', as: 'inspector', command: 'start-progress' },
  ],
  bodies: SAMPLE_BODIES,
  people: (world) => SAMPLE_BODIES.map(({ slug }) => leadOf(world, slug)),
  begin(world) {
    const { time } = world;
    time.begin(oldRecords(world));
    time.begin(reports(world), 90);
    time.begin(sweeps(world), 1);
    time.begin(lately(world), time.daysLeft - LATELY_DAYS);
  },
};
