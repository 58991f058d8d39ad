import type { QueueName } from '#read-models/queues';
import type { Element } from '../components/macro-options.ts';
import { QUEUE_WORDS, wordsFor } from '../words.ts';

export interface Queue {
  readonly name: QueueName;
  readonly count: number;
}

/** What waits for the person, each count a link to the list that it counts. */
export function WorkView({ queues }: { readonly queues: readonly Queue[] }): Element {
  const waiting = queues.filter(({ count }) => count > 0);
  return (
    <>
      <h1 class="govuk-heading-l">Work</h1>
      {waiting.length === 0 ? (
        <p class="govuk-body">Nothing waits for you.</p>
      ) : (
        <dl class="govuk-summary-list">
          {queues.map(({ name, count }) => (
            <div class="govuk-summary-list__row" key={name}>
              <dt class="govuk-summary-list__key">{wordsFor(QUEUE_WORDS, name)}</dt>
              <dd class="govuk-summary-list__value docket-figures">
                <a class="govuk-link" href={`/recommendations?queue=${name}`}>
                  {count}
                  <span class="govuk-visually-hidden">{`: ${wordsFor(QUEUE_WORDS, name)}`}</span>
                </a>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
