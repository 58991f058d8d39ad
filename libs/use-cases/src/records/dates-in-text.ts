import { findDeadlines } from '#deadlines/find-deadlines';
import { namedDates } from '#deadlines/named-dates';
import { DATES_IN_TEXT } from '#state-machines/capabilities/dates-in-text';
import type { DatesInText } from '#state-machines/capabilities/dates-in-text';

const datesInText: DatesInText = {
  find: (text, publishedOn) =>
    findDeadlines(text, { publishedOn }).map((found) => ({
      ...found.span,
      ...(found.kind === 'exact'
        ? { on: found.dueOn, rule: null }
        : { on: found.suggestedOn, rule: found.rule }),
    })),
  exactDates: namedDates,
};

/** The services available to every lifecycle's decisions. */
export const decisionServices = { [DATES_IN_TEXT]: datesInText };
