import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  Equals,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  IsUrl,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { SLUG } from '#lifecycle/text-rules';
import { IsFreeText, IsFreeTextLine, IsOptionalMember, IsPlainDate } from '#lifecycle/validate-payload';
import type { LongLists } from '#lifecycle/validate-payload';
import { CLOSURE_OUTCOMES, NO_FURTHER_ACTION_REASONS, RESPONSE_POSITIONS, VISIBILITIES } from './events.ts';
import type { ClosureOutcome, NoFurtherActionReason } from './events.ts';

/** A record's id, as the register's references are formed; `.` and `..` are no part of a URL that arrives. */
export const RECORD_ID = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;
/** The id of a record that is there: one of several bodies' is `<id>.<recipient>`. */
export const ANY_RECORD_ID = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/;
/** A body's slug. */
export const RECIPIENT = SLUG;
/** The most recipients of one recommendation; there are 43 territorial forces in England and Wales. */
export const RECIPIENTS_MAX = 200;

/** A member that may be left out where another is given. */
const IsGivenWithout = (other: string): PropertyDecorator =>
  ValidateIf(
    (payload: Readonly<Record<string, unknown>>, value) =>
      value !== undefined || payload[other] === undefined,
  );

/** The most events that a payload names: as many as a record has. */
const DECIDES_MAX = 10_000;

export class EmptyPayload {
  static readonly longLists: LongLists = { decides: DECIDES_MAX };

  @IsOptionalMember()
  @IsPlainDate()
  effectiveOn?: string;
}

export class ReasonPayload extends EmptyPayload {
  @IsFreeText()
  reason!: string;
}

/** Why an import corrects what another one brought. */
export class CorrectsPayload {
  @IsFreeText()
  corrects!: string;
}

export class StatementPayload extends EmptyPayload {
  @IsFreeText()
  statement!: string;
}

/** An event's id, as the events of the record give it. */
const EVENT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const IsEventId = (): PropertyDecorator =>
  Matches(EVENT_ID, { message: 'must be the id of an event, as the events of the record give it' });

/** What a decision is about, by the ids of the events; where other events stand by then it is refused. */
const IsListOfDecided = (): PropertyDecorator => (target, property) => {
  const rules = [
    IsOptionalMember(),
    // The first rule that fails is the one that is told.
    IsArray({ message: 'must be a list of the ids of events' }),
    ArrayMaxSize(DECIDES_MAX, { message: `must name at most ${DECIDES_MAX} events` }),
    IsString({ each: true }),
    Matches(EVENT_ID, { each: true, message: 'must be the ids of events of the record' }),
  ];
  for (const rule of rules) rule(target, property);
};

/** A decision that says why. */
export class DecideWithReasonPayload extends ReasonPayload {
  @IsListOfDecided()
  decides?: string[];
}

/** A decision with its statement. */
export class DecideWithStatementPayload extends StatementPayload {
  @IsListOfDecided()
  decides?: string[];
}

export class AddCommentPayload extends EmptyPayload {
  @IsFreeText()
  text!: string;

  @IsOptionalMember()
  @IsIn(VISIBILITIES)
  visibility?: (typeof VISIBILITIES)[number];
}

/** A member that one outcome of a closure needs and the others do not take. */
const IsOnlyOf =
  (outcome: ClosureOutcome): PropertyDecorator =>
  (target, property) => {
    const isOf = (payload: object | undefined) =>
      (payload as RequestClosurePayload | undefined)?.outcome === outcome;
    ValidateIf((payload: object, value) => value !== undefined || isOf(payload))(target, property);
    ValidateBy({
      name: 'isOnlyOf',
      validator: {
        validate: (_, given) => isOf(given?.object),
        defaultMessage: () => `is only for the outcome ${outcome}`,
      },
    })(target, property);
  };

/** A request to close the record, for a second person to decide. */
export class RequestClosurePayload extends DecideWithStatementPayload {
  @IsOptionalMember()
  @IsIn(CLOSURE_OUTCOMES)
  outcome?: ClosureOutcome;

  @IsOnlyOf('no-further-action')
  @IsIn(NO_FURTHER_ACTION_REASONS)
  reason?: NoFurtherActionReason;

  /** The record that takes this one's place. */
  @IsOnlyOf('superseded')
  @IsString()
  @Matches(ANY_RECORD_ID, { message: 'must be the id of a record' })
  supersededBy?: string;
}

export class NoFurtherActionPayload extends DecideWithStatementPayload {
  @IsIn(NO_FURTHER_ACTION_REASONS)
  reason!: NoFurtherActionReason;
}

export class SupersedePayload extends DecideWithStatementPayload {
  /** The record that takes this one's place. */
  @IsString()
  @Matches(ANY_RECORD_ID, { message: 'must be the id of a record' })
  by!: string;
}

export class CorrectCommentPayload extends ReasonPayload {
  /** The comment, or an earlier correction of it. */
  @IsString()
  @Matches(EVENT_ID, { message: 'must be the id of an event, as the events of the record give it' })
  eventId!: string;

  @IsFreeText()
  text!: string;
}

/** More values than any event has. */
const POINTERS_MAX = 200;

export class RedactPayload extends ReasonPayload {
  /** The event that holds what is to be erased. */
  @IsString()
  @IsEventId()
  eventId!: string;

  /** Which of its values; all of them where nothing is said. */
  @IsOptionalMember()
  @ArrayMinSize(1, { message: 'must name at least one value' })
  @ArrayMaxSize(POINTERS_MAX, { message: `must name at most ${POINTERS_MAX} values` })
  @ArrayUnique({ message: 'must not name a value twice' })
  @IsString({ each: true })
  @Matches(/^(\/[^/]{1,64}){1,8}$/, { each: true, message: 'must be JSON pointers such as /data/text' })
  @IsArray({ message: 'must be a list' })
  pointers?: string[];
}

export class AssignRecipientPayload extends EmptyPayload {
  @IsString()
  @Matches(RECIPIENT, { message: 'must be a slug: small letters, digits and dashes' })
  recipient!: string;

  /** Needed where the record has a recipient, and of an approver. */
  @IsOptionalMember()
  @IsFreeText()
  reason?: string;
}

export class AssignOwnerPayload extends EmptyPayload {
  /** A person's or a team's subject. */
  @IsFreeTextLine(255)
  owner!: string;

  @IsOptionalMember()
  @IsFreeText()
  reason?: string;
}

export class EvidenceItemPayload {
  @IsFreeTextLine(500)
  name!: string;

  /** Of the bytes, which stay outside: the digest is the record. */
  @IsString()
  @Matches(/^[0-9a-f]{64}$/, { message: 'must be a SHA-256 as 64 small hexadecimal digits' })
  sha256!: string;

  /** In bytes. */
  @IsOptionalMember()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  size?: number;

  @IsOptionalMember()
  @IsString()
  @MaxLength(127)
  // RFC 6838, 4.2: type and subtype each begin with a letter or a digit.
  @Matches(/^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/i, {
    message: 'must be a media type, as application/pdf',
  })
  mediaType?: string;

  @IsOptionalMember()
  @IsString()
  @MaxLength(2_000)
  @IsUrl(
    { protocols: ['http', 'https'], require_protocol: true, require_tld: false },
    { message: 'must be an http or https address' },
  )
  url?: string;
}

export class SubmitEvidencePayload extends EmptyPayload {
  @ValidateNested({ each: true, message: 'must be a list of objects' })
  @Type(() => EvidenceItemPayload)
  @ArrayMinSize(1, { message: 'must hold at least one item' })
  @ArrayMaxSize(100, { message: 'must hold at most 100 items' })
  @IsArray({ message: 'must be a list' })
  items!: EvidenceItemPayload[];

  @IsOptionalMember()
  @IsFreeText()
  note?: string;
}

export class AcceptEvidencePayload extends EmptyPayload {
  @IsOptionalMember()
  @IsFreeText()
  note?: string;

  @IsListOfDecided()
  decides?: string[];
}

export class SetDeadlinePayload extends EmptyPayload {
  @IsPlainDate()
  dueOn!: string;

  @IsOptionalMember()
  @IsFreeText()
  note?: string;
}

/** Without a deadline's id it is for the only one that it can be. */
const IsDeadlineId = (): PropertyDecorator =>
  Matches(/^d[1-9][0-9]{0,5}$/, { message: "must be a deadline's id, as d1" });

export class WhichDeadlinePayload extends EmptyPayload {
  @IsOptionalMember()
  @IsString()
  @IsDeadlineId()
  deadlineId?: string;
}

/** A decision on the extension of a deadline. */
export class DecideExtensionPayload extends WhichDeadlinePayload {
  @IsListOfDecided()
  decides?: string[];
}

export class WithdrawDeadlinePayload extends ReasonPayload {
  @IsString()
  @IsDeadlineId()
  deadlineId!: string;
}

export class ConfirmDeadlinePayload extends EmptyPayload {
  @IsString()
  @IsDeadlineId()
  deadlineId!: string;

  @IsPlainDate()
  dueOn!: string;
}

export class DismissDeadlinePayload extends EmptyPayload {
  @IsString()
  @IsDeadlineId()
  deadlineId!: string;

  @IsOptionalMember()
  @IsFreeText()
  reason?: string;
}

export class RequestExtensionPayload extends WhichDeadlinePayload {
  @IsPlainDate()
  dueOn!: string;

  @IsFreeText()
  reason!: string;
}

export class RefuseExtensionPayload extends DecideExtensionPayload {
  @IsFreeText()
  reason!: string;
}

export class PublishResponsePayload extends EmptyPayload {
  @IsIn(RESPONSE_POSITIONS)
  position!: (typeof RESPONSE_POSITIONS)[number];

  /** The action, or why there is none. */
  @IsFreeText()
  text!: string;

  /** Where it was published; an inspector says so, for a body that published it otherwise. */
  @IsOptionalMember()
  @IsFreeText()
  publishedElsewhere?: string;
}

/** Exactly one of the last four is given, which is a rule of the policy. */
export class RequestCorrectionPayload extends ReasonPayload {
  @IsString()
  @IsEventId()
  eventId!: string;

  /** The right date of publication, where `eventId` is the issue. */
  @IsOptionalMember()
  @IsPlainDate()
  publishedOn?: string;

  /** The right body, where `eventId` named another one. */
  @IsOptionalMember()
  @IsString()
  @Matches(RECIPIENT, { message: 'must be a slug: small letters, digits and dashes' })
  recipient?: string;

  /** The right date, where `eventId` set or extended a deadline. */
  @IsOptionalMember()
  @IsPlainDate()
  dueOn?: string;

  /** That what `eventId` claims is true from its date on. */
  @IsOptionalMember()
  @Equals(true)
  confirms?: true;
}

/** A decision on a correction; without an event's id it is for the only one that waits and that the caller may decide. */
export class ApproveCorrectionPayload extends EmptyPayload {
  @IsOptionalMember()
  @IsString()
  @IsEventId()
  eventId?: string;

  @IsListOfDecided()
  decides?: string[];
}

export class RefuseCorrectionPayload extends ApproveCorrectionPayload {
  @IsFreeText()
  reason!: string;
}

/** A title is one line: the register's format has a line for it. */
const IsTitle = (): PropertyDecorator => IsFreeTextLine(500);

/** Text or title or both are said otherwise. */
export class AmendTextPayload extends ReasonPayload {
  @IsGivenWithout('title')
  @IsFreeText()
  text?: string;

  @IsOptionalMember()
  @IsTitle()
  title?: string;
}

export class ReportPayload {
  @IsFreeTextLine(500)
  name!: string;

  @IsPlainDate()
  publishedOn!: string;
}

export class GivenDeadlinePayload {
  @IsPlainDate()
  dueOn!: string;
}

/** A recommendation to one body, or to several, each of which gets a record of its own. */
export class IssuePayload {
  @IsOptionalMember()
  @IsString()
  @Matches(RECORD_ID, { message: 'must be 1 to 64 letters, digits, dots, underscores or dashes' })
  id?: string;

  @IsTitle()
  title!: string;

  @IsFreeText()
  text!: string;

  @ArrayUnique({ message: 'must not name a recipient twice' })
  @IsString({ each: true, message: 'must be slugs: small letters, digits and dashes' })
  @Matches(RECIPIENT, { each: true, message: 'must be slugs: small letters, digits and dashes' })
  @ArrayMinSize(1, { message: 'must name at least one recipient' })
  @ArrayMaxSize(RECIPIENTS_MAX, { message: `must name at most ${RECIPIENTS_MAX} recipients` })
  @IsArray({ message: 'must be a list' })
  recipients!: string[];

  @ValidateNested()
  @IsObject({ message: 'must be an object' })
  @Type(() => ReportPayload)
  report!: ReportPayload;

  @IsOptionalMember()
  @ValidateNested({ each: true, message: 'must be a list of objects' })
  @Type(() => GivenDeadlinePayload)
  // Fewer are in force at most, which is another refusal.
  @ArrayMaxSize(200, { message: 'must hold at most 200 deadlines' })
  @IsArray({ message: 'must be a list' })
  deadlines?: GivenDeadlinePayload[];

  @IsOptionalMember()
  @IsBoolean()
  responseRequired?: boolean;

  /** By when, where it is not the law's day: publication and 55 days. */
  @IsOptionalMember()
  @IsPlainDate()
  @ValidateBy({
    name: 'isOfRequiredResponse',
    validator: {
      validate: (_, given) => (given?.object as IssuePayload | undefined)?.responseRequired === true,
      defaultMessage: () => 'is only for a response that is required',
    },
  })
  responseDueOn?: string;

  @IsOptionalMember()
  @Equals('inspection-recommendation')
  lifecycle?: string;
}
