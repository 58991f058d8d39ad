import { issueDefinition } from '#lifecycle/issue';
import type { DecidedIssue, IssueContext, NewRecord } from '#lifecycle/issue';
import type { PayloadProblem } from '#lifecycle/refused';
import { datesInTextOf } from '../../capabilities/dates-in-text.ts';
import type { DatesInText, FoundDate } from '../../capabilities/dates-in-text.ts';
import { DEADLINES_MAX, responseDueOn as lawsDay } from '../../capabilities/deadlines.ts';
import { datesSincePublication, pastDueProblem, publicationProblem } from './due-dates.ts';
import { deadlineEvents } from './new-deadlines.ts';
import { IssuePayload } from './payloads.ts';
import type { DecidedRecordEvent } from './record-event.ts';

export const issue = issueDefinition<IssuePayload>({
  summary: 'Issues a recommendation to one body or to several; each body gets its own record.',
  payload: IssuePayload,
  roles: ['inspector'],
  emits: ['RecommendationIssued', 'ResponseRequired', 'DeadlineSet', 'DeadlineProposed'],
  bodies: ({ recipients }) => recipients,
  decide(payload, { today, services }: IssueContext): DecidedIssue {
    const { publishedOn } = payload.report;
    const dates = datesInTextOf(services);
    const found = dates.find(payload.text, publishedOn);
    return {
      refusal:
        publicationReason(payload, today) ??
        pastDateReason(payload, found, dates, today) ??
        tooManyReason(payload, found),
      effectiveOn: publishedOn > today ? today : publishedOn,
      events: (record) => firstEvents(payload, found, record),
    };
  },
});

function firstEvents(
  payload: IssuePayload,
  found: readonly FoundDate[],
  { body: recipient, issue, eventId }: NewRecord,
): DecidedRecordEvent[] {
  const { title, text, report, responseRequired = false } = payload;
  const { name, publishedOn } = report;
  return [
    {
      type: 'RecommendationIssued',
      data: { title, text, recipient, report: { name, publishedOn }, reference: null, issue },
      eventId,
    },
    ...(responseRequired ? [{ type: 'ResponseRequired', data: {} } as const] : []),
    ...deadlinesOf(payload, found, eventId),
  ];
}

function deadlinesOf(
  { deadlines = [], responseRequired = false, responseDueOn, report }: IssuePayload,
  found: readonly FoundDate[],
  eventId: string,
): DecidedRecordEvent[] {
  return deadlineEvents({
    requested: deadlines.map(({ dueOn }) => dueOn),
    responseDueOn: responseRequired ? (responseDueOn ?? lawsDay(report.publishedOn)) : null,
    found,
    eventId,
  });
}

type Refused = DecidedIssue['refusal'];

function publicationReason({ report: { publishedOn } }: IssuePayload, today: string): Refused {
  const detail = publicationProblem(publishedOn, today);
  if (detail === null) return null;
  return { code: 'publication-out-of-range', detail, errors: [{ pointer: '/report/publishedOn', detail }] };
}

function pastDateReason(
  { deadlines = [], responseDueOn, report: { publishedOn }, text }: IssuePayload,
  found: readonly FoundDate[],
  dates: DatesInText,
  today: string,
): Refused {
  const requested = [
    ...deadlines.map(({ dueOn }, index) => ({ pointer: `/deadlines/${index}/dueOn`, dueOn })),
    ...(responseDueOn === undefined ? [] : [{ pointer: '/responseDueOn', dueOn: responseDueOn }]),
  ];
  const errors = requested
    .filter(({ dueOn }) => dueOn < publishedOn)
    .map(({ pointer, dueOn }): PayloadProblem => {
      const detail = `The deadline must be on or after the publication date, ${publishedOn}; ${dueOn} is earlier`;
      return { pointer, detail };
    });
  const past = requested.filter(({ dueOn }) => dueOn >= publishedOn && dueOn < today);
  // The allowed dates follow from the text and its publication: exact and suggested ones, and the date of the response.
  const allowed =
    past.length === 0
      ? []
      : [
          ...found.flatMap(({ on }) => (on === null ? [] : [on])),
          ...datesSincePublication(dates.exactDates(text), publishedOn),
          lawsDay(publishedOn),
        ];
  for (const { pointer, dueOn } of past)
    if (!allowed.includes(dueOn)) errors.push({ pointer, detail: pastDueProblem(dueOn, allowed) });
  const [first] = errors;
  return first === undefined ? null : { code: 'due-in-past', detail: first.detail, errors };
}

/** Returns a refusal if the record would have more deadlines than commands could set. */
function tooManyReason(payload: IssuePayload, found: readonly FoundDate[]): Refused {
  const most = deadlinesOf(payload, found, '').filter(({ type }) => type === 'DeadlineSet').length;
  if (most <= DEADLINES_MAX) return null;
  const detail = `The payload and the text contain ${most} deadlines; a record can have at most ${DEADLINES_MAX}`;
  return { code: 'too-many-deadlines', detail };
}
