import { Controller, Get, Inject, Param, Post, Res } from '@nestjs/common';
import type { RecordReference } from '#lifecycle/kind';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonObject } from '#event-sourcing/envelope';
import { executeCommand } from '#use-cases/records/execute-command';
import type { CommandResult } from '#use-cases/records/execute-command';
import { commandContext } from '../../api/call-context.ts';
import { readerOf } from '../../api/authentication.ts';
import { describeCode } from '#use-cases/problems';
import { OfRecord, pagesOfEachKind } from '../../of-each-kind.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { withSlugs } from '../body-names.ts';
import { FormValues, typedInto } from '../form-values.ts';
import { otherName, payloadOf, setDate } from '../forms/fields.ts';
import type { Field } from '../forms/fields.ts';
import { VERSION_FIELD, keyOf } from '../forms/action-form.tsx';
import type { FormError } from '../forms/form-errors.ts';
import { refusedForm } from '../forms/refused-form.ts';
import type { RefusedForm } from '../forms/refused-form.ts';
import { canBeUsed, unconfirmedErrors, unknownBodies, unknownField } from '../forms/unknown-bodies.ts';
import type { UnknownBody } from '../forms/unknown-bodies.ts';
import { keepInput, isResumed } from '../forms/session-ended.tsx';
import { sendPage } from '../send-page.tsx';
import { recordAddress, breadcrumbFor } from '../page-paths.ts';
import { findNext } from '../work/find-next.tsx';
import { CONFIRM_FIELD, DECIDES_FIELD, fieldsFor } from './command-fields.tsx';
import { CommandPageView, titleOf } from './command-view.tsx';
import { refusalOf } from './refusal.ts';
import type { Refusal } from './refusal.ts';
import { toChoose } from './choose-first.tsx';
import { seeForm } from './see-subject.ts';
import type { Place, SeenForm } from './see-subject.ts';
import { KEY_FIELD } from '../forms/post-form.tsx';

/** The form's state: the values, the idempotency key and the errors. */
interface Showing {
  readonly values: FormValues;
  readonly formKey: string | null;
  readonly version: number;
  readonly errors?: readonly FormError[];
  readonly refusal?: Refusal;
}

/** Shows and executes a command's form. */
@ApiExcludeController()
@Controller(pagesOfEachKind('/:id/commands/:command'))
export class CommandForms {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get()
  async show(
    @Res() reply: FastifyReply,
    @OfRecord() record: RecordReference,
    @Param('command') command: string,
  ): Promise<void> {
    const { request } = reply;
    const [, query = ''] = request.url.split('?');
    const place = { record, command, from: cameFrom(request) };
    const form = await seeForm(
      this.parts,
      readerOf(request),
      place,
      new FormValues(query),
      request.server.clock.now(),
    );
    const values = prefilled(form);
    const errors = chosenErrors(form);
    await this.#show(reply, form, {
      values,
      formKey: null,
      version: form.record.version,
      errors,
    });
  }

  @Post()
  async submit(
    @Res() reply: FastifyReply,
    @OfRecord() record: RecordReference,
    @Param('command') command: string,
  ): Promise<void> {
    const { request } = reply;
    const typed = typedInto(request);
    if (await keepInput(reply, typed)) return;
    const form = await this.#formGiven(request, { record, command, from: cameFrom(request) }, typed);
    const fields = fieldsFor(form);
    const values = hasBodyFields(fields)
      ? withSlugs(typed, fields, await request.server.pages.bodies.all())
      : typed;
    const isAgain = isResumed(request, values);
    const errors = isAgain
      ? []
      : [
          ...untickedErrors(form, values),
          ...chosenTwice(form, values),
          ...unconfirmedErrors(values, await unknownIn(request, form, values)),
        ];
    if (isAgain || errors.length > 0) await this.#show(reply, form, { ...shownAs(values, form), errors });
    else await this.#send(reply, form, values);
  }

  /** Sends the command anyway if the record is missing or not visible, so that the refusal is recorded. */
  async #formGiven(request: FastifyRequest, place: Place, values: FormValues): Promise<SeenForm> {
    try {
      return await seeForm(this.parts, readerOf(request), place, values, request.server.clock.now());
    } catch (error) {
      if (refusedForm(error) === null) throw error;
      const context = commandContext(request, keyOf(values), () => ({}));
      const { record, command } = place;
      await executeCommand(this.parts, context, {
        record,
        command,
        body: {},
        expectedVersions: versionsOf(values),
      });
      throw error;
    }
  }

  async #send(reply: FastifyReply, form: SeenForm, values: FormValues): Promise<void> {
    const { request } = reply;
    try {
      const { version, position, erased } = await this.#giveAs(request, form, values);
      const isPending = erased?.remains === 'pending';
      const done = { minPosition: position, done: String(version), ...(isPending && { erased: 'pending' }) };
      await reply.redirect(recordAddress(form.reference, form.from, done), 303);
    } catch (error) {
      const refused = refusedForm(error);
      if (refused === null || refused.isNotFound) throw error;
      await this.#refuse(reply, form, values, refused);
    }
  }

  async #giveAs(request: FastifyRequest, form: SeenForm, values: FormValues): Promise<CommandResult> {
    const body = bodyOf(form, values);
    const { answer } = await executeCommand(
      this.parts,
      commandContext(request, keyOf(values), () => body),
      {
        record: form.reference,
        command: form.command,
        body,
        expectedVersions: body[DECIDES_FIELD] === undefined ? versionsOf(values) : null,
      },
    );
    return answer;
  }

  async #refuse(
    reply: FastifyReply,
    before: SeenForm,
    values: FormValues,
    refused: RefusedForm,
  ): Promise<void> {
    const { request } = reply;
    const refusal = refusalOf(refused, before, values);
    const viewer = readerOf(request);
    const form = await seeForm(
      this.parts,
      viewer,
      { record: before.reference, command: before.command, from: before.from },
      values,
      request.server.clock.now(),
      refusal.isStale,
    );
    const { version } = form.record;
    const seen = Number(values.text(VERSION_FIELD));
    await this.#show(reply, form, {
      values,
      // A key that was used must not be sent again with other content.
      formKey: refusal.isRepeated ? null : keyOf(values),
      version: refusal.isStale || refusal.isRepeated ? version : seen || version,
      errors: refusal.errors,
      refusal,
    });
  }

  async #show(reply: FastifyReply, form: SeenForm, showing: Showing): Promise<void> {
    const { request } = reply;
    const { errors = [], refusal, values } = showing;
    const unknown = await unknownIn(request, form, values);
    const isRefused = errors.length > 0 || refusal !== undefined;
    // The user may skip this record, or it may have been decided in the meantime.
    const next = await findNext(
      this.parts,
      readerOf(request),
      { record: form.reference, from: form.from, isSkipped: form.own.allowed },
      request.server.clock.now(),
    );
    const { kind, id } = form.reference;
    const title = form.record.title ?? id;
    const content = (
      <CommandPageView
        form={form}
        fields={[...fieldsFor(form), ...(canBeUsed(unknown) ? [unknownField(unknown)] : [])]}
        {...showing}
        errors={errors}
        next={next}
      />
    );
    const page = {
      title: [titleOf(form), title],
      section: kind.path,
      breadcrumbs: [
        breadcrumbFor(kind, form.from),
        { text: title, href: recordAddress({ kind, id }, form.from) },
      ],
      isRefused,
      content,
    } as const;
    const status = refusal?.status ?? (errors.length > 0 ? 400 : statusOf(form));
    await sendPage(reply, page, status);
  }
}

/** Returns the list that the user came from; undefined if it is repeated. */
function cameFrom({ query }: FastifyRequest): string | undefined {
  const { from } = query as Readonly<Record<string, string | string[] | undefined>>;
  return typeof from === 'string' ? from : undefined;
}

/** Returns 409 if the record's state prevents the command, 403 if the user's rights do. */
const statusOf = ({ own: { allowed, because } }: SeenForm): number =>
  allowed ? 200 : because.every(({ code }) => describeCode(code).status === 409) ? 409 : 403;

const bodyOf = (form: SeenForm, values: FormValues): JsonObject => {
  const fields = fieldsFor(form).filter(({ name }) => name !== CONFIRM_FIELD);
  return whatChanges(form, payloadOf(fields, values));
};

/** Returns errors of the choice before the form. */
function chosenErrors(form: SeenForm): FormError[] {
  const choice = form.redaction === null ? null : toChoose(form);
  if (choice !== null && form.chosen.text(choice.member) !== '')
    return [{ field: 'eventId', message: 'Choose text that can be erased' }];
  return [];
}

/** Returns errors for required boxes that are not ticked. */
const untickedErrors = (form: SeenForm, values: FormValues): FormError[] =>
  fieldsFor(form)
    .filter(({ kind, name, isOptional }) => kind === 'yes' && isOptional !== true && !values.has(name))
    .map(({ name, missing: message }) => ({ field: name, message }));

/** Returns errors for fields where a person is both chosen and entered. */
const chosenTwice = (form: SeenForm, values: FormValues): FormError[] =>
  fieldsFor(form)
    .filter(({ kind, name }) => kind === 'person' && values.text(name) !== '')
    .map(({ name }) => otherName(name))
    .filter((field) => values.text(field).trim() !== '')
    .map((field) => ({ field, message: CHOSEN_TWICE }));

const CHOSEN_TWICE = 'Choose someone from the list or enter someone else, not both';

/** Returns the entered bodies that have no name here. */
async function unknownIn(
  request: FastifyRequest,
  form: SeenForm,
  values: FormValues,
): Promise<readonly UnknownBody[]> {
  const fields = fieldsFor(form);
  if (!hasBodyFields(fields)) return [];
  return unknownBodies(fields, values, await request.server.pages.bodies.all());
}

const hasBodyFields = (fields: readonly Field[]): boolean =>
  fields.some(({ kind }) => kind === 'body' || kind === 'bodies');

const shownAs = (values: FormValues, { record }: SeenForm): Showing => ({
  values,
  formKey: keyOf(values),
  version: versionsOf(values)?.[0] ?? record.version,
});

/** Returns the version that was shown, as a list; null if the form has none. */
const versionsOf = (values: FormValues): number[] | null => {
  const version = values.text(VERSION_FIELD);
  return /^[1-9]\d{0,14}$/.test(version) ? [Number(version)] : null;
};

/** Returns the initial values: from the address, then defaults. */
function prefilled(seen: SeenForm): FormValues {
  const values = new FormValues();
  setDate(values, 'effectiveOn', seen.today);
  for (const [name, override] of Object.entries(seen.form.fields ?? {}))
    if (typeof override?.value === 'string') values.set(name, override.value);
  for (const [name, value] of seen.chosen)
    if (name !== VERSION_FIELD && name !== KEY_FIELD) values.set(name, value);
  // All texts of the event are ticked by default.
  for (const field of seen.redaction === null ? [] : fieldsFor(seen))
    if (field.kind === 'ticks' && !seen.chosen.has(field.name))
      for (const { value } of field.choices) values.append(field.name, value);
  return values;
}

/** Normalises line ends, which differ between browsers. */
const plain = (text: unknown): string => (typeof text === 'string' ? text : '').replaceAll(/\r\n?/g, '\n');

/** Removes unchanged members of amendments from the payload. */
function whatChanges({ form: { fields: overrides = {} } }: SeenForm, payload: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(payload).filter(([name, value]) => {
      const override = Object.hasOwn(overrides, name) ? overrides[name] : undefined;
      return override?.isAmended !== true || plain(value) !== plain(override.value);
    }),
  );
}
