import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { sendPage } from '../send-page.tsx';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { listTitle } from '../page-paths.ts';
import { inOneSentence, upperFirst, withArticle } from '#lifecycle/words';
import { RECORD } from '../words.ts';
import type { Element } from '../components/macro-options.ts';

/** The help page and the accessibility statement; no sign-in needed. */
@ApiExcludeController()
@Controller()
export class AboutPages {
  @Get('help')
  async help(@Res() reply: FastifyReply): Promise<void> {
    const content = <HelpView />;
    await sendPage(reply, { title: ['Help'], content });
  }

  @Get('accessibility')
  async accessibility(@Res() reply: FastifyReply): Promise<void> {
    const content = <AccessibilityView />;
    await sendPage(reply, { title: ['Accessibility statement'], content });
  }
}

/** The help page. */
export const HelpView = (): Element => (
  <>
    <h1 class="govuk-heading-l">Help</h1>
    <p class="govuk-body">
      {`Docket tracks ${inOneSentence(kinds.all.map(({ noun }) => noun.plural))} from the day they are issued until they are closed: what is due and when, what was done, and who decided it. Nothing can be changed once it has been recorded.`}
    </p>
    <h2 class="govuk-heading-m">Everyday tasks</h2>
    <ul class="govuk-list govuk-list--bullet">
      <li>
        <strong>Work</strong> lists what needs your attention. Select a count to see its {RECORD.plural}.
        After a decision you can go straight to the next one, or skip it.
      </li>
      <li>
        <strong>Inbox</strong> shows what other people have done on {RECORD.plural} that you own, decide on or
        watch. Choose “Watch” on {withArticle(RECORD.singular)}’s page to get a notice of every change. Use
        the notification settings to choose what you also get by email.
      </li>
      <li>
        <strong>{inOneSentence(kinds.all.map(listTitle))}</strong>
        {kinds.all.length === 1 ? ' is the full list.' : ' are the full lists.'} Search by words or reference,
        filter, sort by a column, save a search or download the list.
      </li>
      <li>
        <strong>{`${upperFirst(withArticle(RECORD.singular))}’s page`}</strong> shows its text, its dates and
        its history. It lists what you can do now. For everything else, it explains why you cannot do it and
        who can.
      </li>
      <li>
        <strong>Deadlines</strong> lists what is due, and creates a link for your calendar app.
      </li>
      <li>
        <strong>Audit</strong>, for auditors, shows how the history is protected, verifies it, and lists every
        event, every access to internal content and every refusal.
      </li>
      <li>
        <strong>As it was</strong>, one of the filters, shows a list as it was at the end of a past day. You
        cannot make changes in this view.
      </li>
    </ul>
    <ToTheirEnds />
    <h2 class="govuk-heading-m">If you cannot find something</h2>
    <p class="govuk-body">
      You see the {RECORD.plural} that you have access to. People who work for a body see only those for that
      body. Your roles and bodies are on{' '}
      <a href="/account" class="govuk-link">
        your account
      </a>
      .
    </p>
    <h2 class="govuk-heading-m">Get help</h2>
    <SupportContact />
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
            <h2 class="govuk-heading-m">{`How ${withArticle(noun.singular)} progresses`}</h2>
            <ul class="govuk-list govuk-list--bullet">
              {help.map(({ topic, text }) => (
                <li>
                  <strong>{topic}</strong> {text}
                </li>
              ))}
            </ul>
          </>
        )
      );
    })}
  </>
);

const SupportContact = (): Element => (
  <p class="govuk-body">
    Contact the person who gave you access to this service. If a page showed an error, include the code on it.
  </p>
);

/** Follows the UK model accessibility statement. */
const AccessibilityView = (): Element => (
  <>
    <h1 class="govuk-heading-l">Accessibility statement for Docket</h1>
    <p class="govuk-body">
      We want as many people as possible to be able to use this service. You should be able to use all of it
      with a keyboard, to zoom in up to 400% without scrolling in two directions, to read it in a dark or
      light colour scheme, and to use it without JavaScript.
    </p>
    <h2 class="govuk-heading-m">How accessible it is</h2>
    <p class="govuk-body">
      The service is designed to meet level AA of the Web Content Accessibility Guidelines (WCAG) version 2.2.
      It has not been audited independently, or tested with people who use assistive technologies. So we do
      not claim that it complies.
    </p>
    <p class="govuk-body">We know that some parts are less accessible:</p>
    <ul class="govuk-list govuk-list--bullet">
      <li>
        the chart of a record’s states is hard to read at 400%; the text beside it gives the same information
      </li>
      <li>dates in filters use the date field of your browser, which some screen readers read out poorly</li>
      <li>the API documentation at /api/docs is a third-party component</li>
    </ul>
    <h2 class="govuk-heading-m">Reporting problems</h2>
    <SupportContact />
    <h2 class="govuk-heading-m">How it was tested</h2>
    <p class="govuk-body">
      Every change is tested automatically in a browser: every page in each of its states, at widths of 320
      and 1,280 pixels, in both colour schemes, with wider text spacing and in print. The axe tool checks each
      page for accessibility problems. We also test the main pages with the keyboard only, in forced colours,
      without JavaScript and without stylesheets. We have not tested the service with screen readers.
    </p>
  </>
);
