import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RecordKind } from '#lifecycle/kind';
import { isPlainDate } from '#lifecycle/plain-date';
import { findDeadlines } from '#deadlines/find-deadlines';
import { PROPOSAL_RULES } from '#deadlines/found-deadline';
import type { FoundDeadline } from '#deadlines/found-deadline';
import { lifecycles } from '#state-machines/lifecycles';
import { requireRole } from '#use-cases/call-context';
import { attemptIssue } from '#use-cases/records/issue-records';
import type { IssueOutcome } from '#use-cases/records/issue-records';
import { commandContext } from '../../api/call-context.ts';
import { identityOf } from '../../api/authentication.ts';
import { LIST_PAGE } from '../../api/query-parameters.ts';
import { kindOf, pagesOfEachKind } from '../../of-each-kind.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { withSlugs } from '../body-names.ts';
import { FormValues, typedInto } from '../form-values.ts';
import { ACTION_FIELD, keyOf, ActionForm, Refused } from '../forms/action-form.tsx';
import { dateOf, payloadOf, fieldsOf } from '../forms/fields.ts';
import type { Field } from '../forms/fields.ts';
import { forPeople } from '../forms/for-people.ts';
import { formErrors } from '../forms/form-errors.ts';
import type { FormError, Shown } from '../forms/form-errors.ts';
import { refusedForm } from '../forms/refused-form.ts';
import type { RefusedForm } from '../forms/refused-form.ts';
import { keepInput, isResumed } from '../forms/session-ended.tsx';
import { issueSection, sendPage } from '../send-page.tsx';
import { listPath, recordAddress } from '../page-paths.ts';
import { issueTitle } from '../words.ts';
import { unconfirmedErrors, unknownBodies, canBeUsed, unknownField } from '../forms/unknown-bodies.ts';
import type { UnknownBody } from '../forms/unknown-bodies.ts';
import { Button } from '../components/button.tsx';
import type { Element } from '../components/macro-options.ts';
import { longDate } from '../dates.ts';

/** The page's state: the values, the errors and the dates found. */
interface Showing {
  readonly values: FormValues;
  readonly formKey?: string | null;
  readonly errors?: readonly FormError[];
  /** Null if no one requested them. */
  readonly found?: readonly FoundDeadline[] | null;
  readonly status?: number;
}

/** Issues records of a kind to one or several bodies. */
@ApiExcludeController()
@Controller(pagesOfEachKind('/new'))
export class IssuePage {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get()
  async show(@Res() reply: FastifyReply): Promise<void> {
    await this.#show(reply, { values: new FormValues() });
  }

  @Post()
  async issue(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const typed = typedInto(request);
    if (await keepInput(reply, typed)) return;
    const values = withSlugs(typed, issueFields(kindOf(request)), await this.parts.bodies.all());
    const showing = { values, formKey: keyOf(values) };
    if (values.text(ACTION_FIELD) === LOOK)
      await this.#show(reply, { ...showing, found: deadlinesIn(kindOf(request), values) });
    else if (isResumed(request, values)) await this.#show(reply, showing);
    else {
      const errors = unconfirmedErrors(values, await this.#unknown(kindOf(request), values));
      if (errors.length > 0) await this.#show(reply, { ...showing, errors, status: 400 });
      else await this.#send(reply, values);
    }
  }

  async #unknown(kind: RecordKind, values: FormValues): Promise<readonly UnknownBody[]> {
    return unknownBodies(issueFields(kind), values, await this.parts.bodies.all());
  }

  async #send(reply: FastifyReply, values: FormValues): Promise<void> {
    const { request } = reply;
    const kind = kindOf(request);
    const body = payloadOf(issueFields(kind), values);
    try {
      const context = commandContext(request, keyOf(values), () => body);
      await reply.redirect(addressOf(kind, await attemptIssue(this.parts, context, kind, body)), 303);
    } catch (error) {
      const refused = refusedForm(error);
      if (refused === null) throw error;
      const formKey = refused.isRepeated ? null : keyOf(values);
      await this.#show(reply, {
        values,
        formKey,
        errors: errorsOf(kind, refused, values),
        status: refused.status,
      });
    }
  }

  async #show(reply: FastifyReply, showing: Showing): Promise<void> {
    const { request } = reply;
    const kind = kindOf(request);
    requireRole(identityOf(request), lifecycles.current(kind.name).issue.roles);
    const { values, errors = [], found = null, status = 200 } = showing;
    const content = (
      <IssueView
        kind={kind}
        values={values}
        errors={errors}
        found={found}
        unknown={await this.#unknown(kind, values)}
        formKey={showing.formKey ?? null}
      />
    );
    const page = {
      title: [issueTitle(kind)],
      section: issueSection(kind),
      isRefused: errors.length > 0,
      content,
    } as const;
    await sendPage(reply, page, status);
  }
}

/** Returns the address of the new record, or the list of several. */
function addressOf(kind: RecordKind, { location, position, records }: IssueOutcome): string {
  const [first, ...others] = records;
  const done = { done: '1', minPosition: position };
  if (first !== undefined && others.length === 0)
    return recordAddress({ kind, id: first.id }, undefined, done);
  const [, query = ''] = location.split('?');
  const limit = records.length > LIST_PAGE.fallback ? { limit: String(LIST_PAGE.most) } : {};
  return `${listPath(kind)}?${query}&${new URLSearchParams({ ...limit, ...done }).toString()}`;
}

function errorsOf(
  kind: RecordKind,
  { code, message, problems }: RefusedForm,
  values: FormValues,
): FormError[] {
  if (problems !== undefined) return formErrors(issueFields(kind), problems, values);
  return [{ field: code === 'id-already-used' ? 'id' : null, message: forPeople(message) }];
}

function deadlinesIn(kind: RecordKind, values: FormValues): FoundDeadline[] {
  const { datesInText } = lifecycles.current(kind.name).words;
  if (datesInText === undefined) return [];
  const publishedOn = dateOf(values, datesInText.publishedOn);
  const isKnown = publishedOn !== undefined && isPlainDate(publishedOn);
  const text = values.text(datesInText.text).replaceAll('\r\n', '\n');
  return findDeadlines(text, { publishedOn: isKnown ? publishedOn : null });
}

/** The button that lists the dates in the text. */
const LOOK = 'look';

interface IssueOptions extends Shown {
  readonly kind: RecordKind;
  readonly found: readonly FoundDeadline[] | null;
  /** Bodies that were entered and are unknown. */
  readonly unknown: readonly UnknownBody[];
  readonly formKey: string | null;
}

function IssueView({ kind, found, unknown, values, errors, formKey }: IssueOptions): Element {
  const fields = issueFields(kind, unknown);
  const { datesInText } = lifecycles.current(kind.name).words;
  return (
    <div class="govuk-grid-row">
      <div class="govuk-grid-column-two-thirds">
        <Refused errors={errors} fields={fields} />
        <h1 class="govuk-heading-l">{issueTitle(kind)}</h1>
        {found !== null && datesInText !== undefined && (
          <DatesInText
            found={found}
            text={values.text(datesInText.text).replaceAll('\r\n', '\n')}
            isPublicationKnown={dateOf(values, datesInText.publishedOn) !== undefined}
          />
        )}
        <ActionForm
          action={`${listPath(kind)}/new`}
          formKey={formKey}
          fields={fields}
          values={values}
          errors={errors}
          button={issueTitle(kind)}
          more={
            datesInText && (
              <Button name={ACTION_FIELD} value={LOOK} classes="govuk-button--secondary">
                Find dates in the text
              </Button>
            )
          }
        />
      </div>
    </div>
  );
}

const DatesInText = ({
  found,
  text,
  isPublicationKnown,
}: {
  readonly found: readonly FoundDeadline[];
  readonly isPublicationKnown: boolean;
  readonly text: string;
}): Element => (
  <section class="govuk-inset-text" id="dates" aria-labelledby="dates-heading">
    <h2 class="govuk-heading-m" id="dates-heading">
      Dates in the text
    </h2>
    {found.length === 0 ? (
      <p class="govuk-body">No deadline was found in the text.</p>
    ) : (
      <ul class="govuk-list">
        {found.map((deadline) => (
          <li>
            “{text.slice(deadline.span.from, deadline.span.to)}”: {whatBecomes(deadline)}
          </li>
        ))}
      </ul>
    )}
    {!isPublicationKnown && found.length > 0 && (
      <p class="govuk-body">
        Enter the date when the report was published, to see which dates become deadlines.
      </p>
    )}
    <p class="govuk-body">Nothing has been issued yet.</p>
  </section>
);

const whatBecomes = (deadline: FoundDeadline): string =>
  deadline.kind === 'exact'
    ? `the deadline ${longDate(deadline.dueOn)}`
    : `proposed${deadline.suggestedOn === null ? '' : `, as ${longDate(deadline.suggestedOn)}`} (${PROPOSAL_RULES[deadline.rule]}); an inspector must confirm or dismiss it`;

const ROWS = 12;

/** Returns the fields to issue records, with the confirmation of unknown bodies below the bodies. */
const issueFields = ({ name }: RecordKind, unknown: readonly UnknownBody[] = []): readonly Field[] =>
  fieldsOf(lifecycles.current(name).issue.payload.members, { lifecycle: null }).flatMap((field) => {
    if (field.kind === 'text') return [{ ...field, rows: ROWS }];
    return field.kind === 'bodies' && canBeUsed(unknown) ? [field, unknownField(unknown)] : [field];
  });
