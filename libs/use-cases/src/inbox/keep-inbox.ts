import { freeText, identifier, list, withDescription, oneOf, optional } from '#lifecycle/fields';
import { CommandRefusedError } from '#lifecycle/refused';
import { payload } from '#lifecycle/shapes';
import { validatePayload } from '#lifecycle/validate-payload';
import type { RecordReference } from '#lifecycle/kind';
import { instant } from '#event-sourcing/clock';
import { inboxOf } from '#notifications/people/mailed-person';
import { noticesOfEvents, queryInbox } from '#read-models/inbox/inbox-query';
import {
  choicesOf,
  isSameRecord,
  NOTICE_CHANNELS,
  NOTICE_DIGESTS,
  NOTICE_GROUPS,
  personDraft,
} from '#state-machines/person-events';
import type { NoticeChoices, NoticeGroup, Person, Watch } from '#state-machines/person-events';
import { callOf } from '../call-context.ts';
import type { CallContext } from '../call-context.ts';
import { ProblemError } from '../problems.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { visibleState } from '../records/visible-record.ts';
import type { EventCall } from '../log/kept-stream.ts';

/** The number of notices marked in one request. */
const MARKED_MAX = 200;
/** The number of notices marked individually since the last mark by instant. */
const MARKS_MAX = 1_000;
/** Many more records than anyone needs to watch. */
const WATCHES_MAX = 200;

/** The notices to mark as read: by their ids, all up to one of them, or all up to an instant. */
export const ReadPayload = payload('InboxReadPayload', {
  ids: optional(list(identifier(), 'The ids of the notices to mark as read.', { min: 1, max: MARKED_MAX })),
  until: optional(
    withDescription(
      freeText('', { max: 64, isLine: true }),
      'The instant, or the id of the notice, up to which all notices are marked as read.',
    ),
  ),
});

/** Marks notices as read. @throws InvalidPayloadError, ProblemError `invalid-payload` */
export async function markRead(
  access: RecordsAccess,
  context: CallContext,
  sent: unknown,
): Promise<string | null> {
  const { ids = [], until } = validatePayload(ReadPayload, sent);
  if ((until === undefined) === (ids.length === 0))
    throw invalid('/until', 'is required, or ids instead; do not send both');
  const person = await access.people.find(context.viewer.subject);
  const { inbox } = person;
  const events = until === undefined ? ids : [until];
  const { items } = await queryInbox(access.readModels, {
    ...inboxOf(context.viewer.subject, person, context.now, context.viewer),
    ...{ events, limit: events.length },
  });
  const recordedAtById = new Map(items.map(({ eventId, at }) => [eventId, at]));
  const unknown = ids.findIndex((id) => !recordedAtById.has(id));
  if (unknown >= 0) throw invalid(`/ids/${unknown}`, 'is not one of your notices');
  const instantRead =
    until === undefined ? undefined : (recordedAtById.get(until) ?? instantOf(until, instant(context.now)));
  const marked = await noticesOfEvents(access.readModels, instantRead === undefined ? [] : inbox.ids);
  return access.people.change(context.viewer.subject, 'read-inbox', callOf(context), ({ person }, day) =>
    readDrafts(person, { ids, until: instantRead, marked }, day),
  );
}

/** Reports whether a notice was recorded after an instant, or might have been. */
const isLater = (at: string | undefined, until: string): boolean => at === undefined || at > until;

interface Marking {
  readonly ids: readonly string[];
  readonly until: string | undefined;
  /** When the marked notices' events were recorded, if known. */
  readonly marked: ReadonlyMap<string, string>;
}

function readDrafts({ inbox }: Person, { ids, until, marked }: Marking, day: string) {
  if (until !== undefined) {
    const later = inbox.ids.filter((id) => isLater(marked.get(id), until));
    const data = later.length === 0 ? { until } : { until, ids: later };
    return until <= inbox.until ? [] : [personDraft('InboxRead', data, day)];
  }
  const news = ids.filter((id) => !inbox.ids.includes(id));
  if (inbox.ids.length + news.length > MARKS_MAX)
    throw new CommandRefusedError(
      'rule',
      'too-many-marks',
      `You have marked ${inbox.ids.length} notices individually; mark all up to an instant instead`,
    );
  return news.length === 0 ? [] : [personDraft('InboxRead', { ids: news }, day)];
}

/** Parses an instant; a later one than `now` becomes `now`, because a mark does not cover the future. */
function instantOf(text: string, now: string): string {
  const milliseconds = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(milliseconds))
    throw invalid(
      '/until',
      'must be an instant, such as 2026-11-30T09:00:00Z, or the id of one of your notices',
    );
  const parsed = instant(milliseconds);
  return parsed < now ? parsed : now;
}

const invalid = (pointer: string, detail: string): ProblemError =>
  new ProblemError('invalid-payload', `${pointer} ${detail}`, { errors: [{ pointer, detail }] });

/**
 * Starts to watch a record.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a recipient that the person cannot see; `too-many-watches`.
 */
export async function watchRecord(
  access: RecordsAccess,
  context: CallContext,
  { kind, id }: RecordReference,
): Promise<string | null> {
  await visibleState(access, context.viewer, { kind, id });
  const record = { kind: kind.name, id };
  return access.people.change(context.viewer.subject, 'watch-record', callOf(context), ({ person }, day) => {
    if (isWatchedBy(person, record)) return [];
    if (person.watches.length >= WATCHES_MAX) throw tooManyWatches();
    return [personDraft('RecordWatched', record, day)];
  });
}

/** Stops watching a record. Does nothing if the record is not watched. */
export const unwatchRecord = (
  { people }: Pick<RecordsAccess, 'people'>,
  context: CallContext,
  record: Pick<Watch, 'kind' | 'id'>,
): Promise<string | null> =>
  people.change(context.viewer.subject, 'unwatch-record', callOf(context), ({ person }, day) =>
    isWatchedBy(person, record)
      ? [personDraft('RecordUnwatched', { kind: record.kind, id: record.id }, day)]
      : [],
  );

export const isWatchedBy = ({ watches }: Person, record: Pick<Watch, 'kind' | 'id'>): boolean =>
  watches.some((watch) => isSameRecord(watch, record));

const tooManyWatches = (): CommandRefusedError =>
  new CommandRefusedError(
    'rule',
    'too-many-watches',
    `You already watch ${WATCHES_MAX} records; stop watching one first`,
  );

export const NoticesPayload = payload('NoticesPayload', {
  channels: list(
    oneOf(NOTICE_CHANNELS),
    'How to notify you in addition to the inbox; empty for inbox only.',
    {
      max: NOTICE_CHANNELS.length,
    },
  ),
  digest: oneOf(NOTICE_DIGESTS, 'When to send messages: each one immediately, or one digest a day.'),
  muted: optional(
    list(oneOf(NOTICE_GROUPS), 'The groups of notices to send no messages for.', {
      max: NOTICE_GROUPS.length,
    }),
  ),
});

/** Sets which notices a person receives as messages. @throws InvalidPayloadError */
export async function chooseNotices(
  { people }: Pick<RecordsAccess, 'people'>,
  context: CallContext,
  sent: unknown,
): Promise<NoticeChoices> {
  const { channels, digest, muted = [] } = validatePayload(NoticesPayload, sent);
  const choices: NoticeChoices = {
    channels: [...new Set(channels)],
    digest,
    muted: [...new Set(muted)].sort(),
  };
  await people.change(context.viewer.subject, 'choose-notices', callOf(context), ({ person }, day) =>
    JSON.stringify(choicesOf(person)) === JSON.stringify(choices)
      ? []
      : [personDraft('NoticesChosen', choices, day)],
  );
  return choices;
}

/** Ends mails of a group, or all mails. Anyone with the key of a mail can call it. Mails that were ended before stay ended. */
export async function unsubscribe(
  { people }: Pick<RecordsAccess, 'people'>,
  { subject, group }: { readonly subject: string; readonly group: NoticeGroup | null },
  call: EventCall,
): Promise<void> {
  await people.change(subject, 'unsubscribe', call, ({ version, person }, day) => {
    const before = choicesOf(person);
    const { channels, digest } = before;
    const muted = [...new Set([...before.muted, ...(group === null ? [] : [group])])].sort();
    const choices: NoticeChoices = { channels: group === null ? [] : channels, digest, muted };
    const isKnown = version === 0 || JSON.stringify(before) === JSON.stringify(choices);
    return isKnown ? [] : [personDraft('NoticesChosen', choices, day)];
  });
}
