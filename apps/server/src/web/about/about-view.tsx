import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { listTitle } from '../way-back.ts';
import { inOneSentence, upperFirst, withArticle } from '#lifecycle/words';
import { RECORD } from '../words.ts';
import type { Element } from '../components/macro-options.ts';

/** The support contact: an email or web address; null if none is configured. */
interface ContactOptions {
  readonly contact: string | null;
}

/** The help page. */
export const HelpView = ({ contact }: ContactOptions): Element => (
  <>
    <h1 class="govuk-heading-l">Help</h1>
    <p class="govuk-body">
      {`Docket keeps ${inOneSentence(kinds.all.map(({ noun }) => noun.plural))}, from the day on which each was made until it is closed: what was asked for, by when, what was done about it, and who decided what. Nothing that was recorded is changed afterwards.`}
    </p>
    <h2 class="govuk-heading-m">Daily things</h2>
    <ul class="govuk-list govuk-list--bullet">
      <li>
        <strong>Work</strong> has what waits for you. Each count leads to the {RECORD.plural} that it counts.
        After a decision you go on to the next one without the list, or skip one.
      </li>
      <li>
        <strong>Inbox</strong> tells you what other people did on {RECORD.plural} that you own, decide on or
        watch. Choose “Watch” on {withArticle(RECORD.singular)}’s page to be told of everything on it. In the
        notification settings you choose what is also sent to you by email.
      </li>
      <li>
        <strong>{inOneSentence(kinds.all.map(listTitle))}</strong>
        {kinds.all.length === 1 ? ' is the whole list.' : ' are the whole lists.'} Search one by words or by a
        reference, filter it, order it by a column, keep a search under a name, or download it.
      </li>
      <li>
        <strong>{`${upperFirst(withArticle(RECORD.singular))}’s page`}</strong> has what it says, its dates
        and everything that happened. What you may do now is on it; for the rest it says why not, and who may.
      </li>
      <li>
        <strong>Deadlines</strong> shows what is due, and makes a link for your calendar program.
      </li>
      <li>
        <strong>Audit</strong>, for auditors, says how far the history is protected, verifies it, and lists
        every event, who was given what, and who was refused what.
      </li>
      <li>
        <strong>As it was</strong>, among the filters, shows a list as it stood at the end of a day. Nothing
        can be changed there.
      </li>
    </ul>
    <ToTheirEnds />
    <h2 class="govuk-heading-m">If something cannot be found</h2>
    <p class="govuk-body">
      You see the {RECORD.plural} that concern you. People of a body see those of their body only; to them all
      others are not there. Your roles and bodies are on{' '}
      <a href="/account" class="govuk-link">
        your account
      </a>
      .
    </p>
    <h2 class="govuk-heading-m">Whom to ask</h2>
    <WhomToAsk contact={contact} />
  </>
);

/** Explains each kind's lifecycle, from the lifecycle's own help texts. */
const ToTheirEnds = (): Element => (
  <>
    {kinds.all.map(({ name, noun }) => {
      const { help = [] } = lifecycles.current(name).words;
      return (
        help.length > 0 && (
          <>
            <h2 class="govuk-heading-m">{`From ${withArticle(noun.singular)} to its end`}</h2>
            <ul class="govuk-list govuk-list--bullet">
              {help.map(({ topic, says }) => (
                <li key={topic}>
                  <strong>{topic}</strong> {says}
                </li>
              ))}
            </ul>
          </>
        )
      );
    })}
  </>
);

function WhomToAsk({ contact }: ContactOptions): Element {
  if (contact === null) return <p class="govuk-body">Ask whoever gave you access to this service.</p>;
  return (
    <p class="govuk-body">
      {'Ask whoever runs this service: '}
      <a
        class="govuk-link"
        href={contact.includes('@') && !contact.includes(':') ? `mailto:${contact}` : contact}
      >
        {contact}
      </a>
      . If a page told you an error, say the code on it.
    </p>
  );
}

/** Follows the UK model accessibility statement. */
export const AccessibilityView = ({ contact }: ContactOptions): Element => (
  <>
    <h1 class="govuk-heading-l">Accessibility statement for Docket</h1>
    <p class="govuk-body">
      We want as many people as possible to be able to use this service. You should be able to use all of it
      with a keyboard, to zoom in up to 400% without scrolling in two directions, to read it in a dark or a
      light colour scheme, and to use it without JavaScript.
    </p>
    <h2 class="govuk-heading-m">How accessible it is</h2>
    <p class="govuk-body">
      The service is made to meet the Web Content Accessibility Guidelines (WCAG) version 2.2, AA. Nobody
      outside its makers has audited it, and people who use assistive technologies have not tested it yet: we
      do not claim that it complies.
    </p>
    <p class="govuk-body">These parts we know to be less accessible:</p>
    <ul class="govuk-list govuk-list--bullet">
      <li>the picture of a record’s states is hard to read at 400%; the same is said in words beside it</li>
      <li>dates in filters use the date field of your browser, which some screen readers read out poorly</li>
      <li>the documentation of the programming interface at /api/docs is a component of others</li>
    </ul>
    <h2 class="govuk-heading-m">Reporting problems</h2>
    <WhomToAsk contact={contact} />
    <h2 class="govuk-heading-m">How it was tested</h2>
    <p class="govuk-body">
      With each change, a browser opens every page in each of its states at 320 and 1,280 pixels, in both
      colour schemes, with wider text spacing and as printed, and axe looks for faults. Its makers go through
      the main pages with the keyboard alone, in colours that a system chooses, without JavaScript and without
      stylesheets. It was not tested with screen readers.
    </p>
  </>
);
