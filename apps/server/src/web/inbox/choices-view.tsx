import type { RegisterItem } from '#read-models/register/register-query';
import { GROUP_TITLES } from '#notifications/people/notice-groups';
import { NOTICE_GROUPS } from '#state-machines/person-events';
import { isOfOneBody } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import type { NoticeChoices, Watch } from '#state-machines/person-events';
import { kinds } from '#state-machines/record-streams';
import { Button, Link } from '../components/button.tsx';
import { Checkboxes, Radios } from '../components/choices.tsx';
import { NotificationBanner } from '../components/blocks.tsx';
import type { Element } from '../components/macro-options.ts';
import { RecordLine } from '../lists/record-line.tsx';
import { LinkButton, Mark } from '../forms/post-form.tsx';

/** A watch with its record, if the user can see it. */
export interface SeenWatch extends Watch {
  readonly item: RegisterItem | undefined;
}

interface ChoicesOptions {
  readonly choices: NoticeChoices;
  /** The verified address; null if no sign-in has supplied one. */
  readonly email: string | null;
  readonly watches: readonly SeenWatch[];
  /** Whether the settings have just been saved. */
  readonly isSaved: boolean;
  readonly viewer: Viewer;
  readonly today: string;
}

export const ChoicesView = (options: ChoicesOptions): Element => (
  <>
    {options.isSaved && (
      <NotificationBanner type="success">
        <p class="govuk-notification-banner__heading">Your settings are saved</p>
      </NotificationBanner>
    )}
    <h1 class="govuk-heading-l">Notification settings</h1>
    <MailForm {...options} />
    <Watches {...options} />
  </>
);

const MailForm = ({ choices, email }: ChoicesOptions): Element => (
  <>
    <p class="govuk-body">
      Your <Link href="/inbox">inbox</Link> lists everything, whatever you choose here.{' '}
      {email === null
        ? 'You will not get any email until your sign-in provides a verified address.'
        : `Email is sent to ${email}, the address from your sign-in. Replies are not read.`}
    </p>
    <form method="post" action="/inbox/choices">
      <Mark />
      <Radios
        name="mail"
        classes="govuk-radios--inline"
        fieldset={{ legend: { content: 'Email', classes: 'govuk-fieldset__legend--m' } }}
        value={choices.channels.length === 0 ? 'off' : choices.digest}
        items={[
          { value: 'daily', content: 'Once a day' },
          { value: 'at-once', content: 'Immediately' },
          { value: 'off', content: 'Never' },
        ]}
      />
      <Checkboxes
        name="topics"
        classes="govuk-checkboxes--small"
        fieldset={{ legend: { content: 'What you get emails about', classes: 'govuk-fieldset__legend--m' } }}
        values={NOTICE_GROUPS.filter((group) => !choices.muted.includes(group))}
        items={NOTICE_GROUPS.map((value) => ({ value, content: GROUP_TITLES[value] }))}
      />
      <Button>Save settings</Button>
    </form>
  </>
);

const Watches = ({ watches, viewer, today }: ChoicesOptions): Element => (
  <>
    <h2 class="govuk-heading-m" id="watches">
      Records that you watch
    </h2>
    {watches.length === 0 && (
      <p class="govuk-body">
        You are not watching any records. To get a notice of every change to a record, choose “Watch” on its
        page.
      </p>
    )}
    <ul class="govuk-list docket-queue__items">
      {watches.map((watch) => (
        <li>
          <WatchedRecord {...{ watch, viewer, today }} />
        </li>
      ))}
    </ul>
  </>
);

type WatchOptions = { readonly watch: SeenWatch } & Pick<ChoicesOptions, 'viewer' | 'today'>;

function WatchedRecord({ watch, viewer, today }: WatchOptions): Element {
  const { kind: name, id, item } = watch;
  const kind = kinds.find(name);
  const called = `${kind?.noun.singular ?? name} ${id}`;
  return (
    <>
      {kind === null || item === undefined ? (
        `You can no longer see ${called}.`
      ) : (
        <RecordLine {...{ kind, item, today }} isOfOneBody={isOfOneBody(viewer)} />
      )}
      <LinkButton action="/inbox/unwatch" sent={{ kind: name, id }} about={` ${called}`}>
        Stop watching
      </LinkButton>
    </>
  );
}
