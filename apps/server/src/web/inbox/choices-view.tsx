import { NOTICE_KINDS } from '#use-cases/inbox/keep-inbox';
import type { NoticeChoices, Watch } from '#state-machines/person-events';
import { kinds } from '#state-machines/record-streams';
import { Button } from '../components/button.tsx';
import { Checkboxes, Radios } from '../components/choices.tsx';
import type { Element } from '../components/macro-options.ts';
import { MARK_FIELD } from '../page-context.ts';
import { recordPath } from '../way-back.ts';

interface ChoicesOptions {
  readonly choices: NoticeChoices;
  /** Where mails go; null where no sign-in has told a verified address. */
  readonly email: string | null;
  readonly watches: readonly Watch[];
  readonly mark: string | undefined;
}

/** How somebody is told of what is news for them, and which records they watch. */
export const ChoicesView = ({ choices, email, watches, mark }: ChoicesOptions): Element => (
  <>
    <h1 class="govuk-heading-l">How you are told</h1>
    <p class="govuk-body">
      Everything stands in your{' '}
      <a class="govuk-link" href="/inbox">
        inbox
      </a>
      .{' '}
      {email === null
        ? 'No mail is sent to you: your sign-in gives no address that was verified.'
        : `Mail goes to ${email}, the address that your sign-in gives.`}{' '}
      An answer to a mail reaches nobody: decide here.
    </p>
    <form method="post" action="/inbox/choices">
      <input type="hidden" name={MARK_FIELD} value={mark} />
      <Radios
        name="mail"
        fieldset={{ legend: { content: 'Mail', classes: 'govuk-fieldset__legend--m' } }}
        value={choices.channels.length === 0 ? 'off' : choices.digest}
        items={[
          { value: 'daily', content: 'One a day, with everything new' },
          { value: 'at-once', content: 'At once, one for each' },
          { value: 'off', content: 'None' },
        ]}
      />
      <Checkboxes
        name="told"
        classes="govuk-checkboxes--small"
        fieldset={{ legend: { content: 'Of what', classes: 'govuk-fieldset__legend--m' } }}
        values={[...NOTICE_KINDS.keys()].filter((kind) => !choices.muted.includes(kind))}
        items={Array.from(NOTICE_KINDS, ([value, content]) => ({ value, content }))}
      />
      <Button>Save</Button>
    </form>
    <h2 class="govuk-heading-m" id="watches">
      Records that you watch
    </h2>
    {watches.length === 0 && (
      <p class="govuk-body">You watch none. The page of each record has a button for it.</p>
    )}
    <ul class="govuk-list">
      {watches.map((watch) => (
        <WatchedRecord key={`${watch.kind}/${watch.id}`} watch={watch} mark={mark} />
      ))}
    </ul>
  </>
);

function WatchedRecord({ watch, mark }: { readonly watch: Watch } & Pick<ChoicesOptions, 'mark'>): Element {
  const kind = kinds.all.find(({ name }) => name === watch.kind);
  const called = kind === undefined ? `${watch.kind} ${watch.id}` : `${kind.noun.singular} ${watch.id}`;
  return (
    <li>
      {kind === undefined ? (
        called
      ) : (
        <a class="govuk-link" href={recordPath({ kind, id: watch.id })}>
          {called}
        </a>
      )}
      <form class="docket-inline-form" method="post" action="/inbox/unwatch">
        <input type="hidden" name={MARK_FIELD} value={mark} />
        <input type="hidden" name="kind" value={watch.kind} />
        <input type="hidden" name="id" value={watch.id} />
        <button class="docket-link-button" type="submit">
          Stop watching<span class="govuk-visually-hidden">{` ${called}`}</span>
        </button>
      </form>
    </li>
  );
}
