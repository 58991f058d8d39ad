import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { IsOptionalMember } from '#lifecycle/payload-class';
import { SLUG } from '#lifecycle/text-rules';
import { DATE_KINDS } from '#state-machines/any-kind';
import { ROLES_OF_PEOPLE } from '#state-machines/access';
import { NOTICE_KINDS } from './notices.ts';
import type { NoticeKind } from './notices.ts';

const SUBSCRIPTIONS_MAX = 200;
const TEXT_MAX = 2_000;
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

const IsVariable = (): PropertyDecorator =>
  Matches(ENVIRONMENT_NAME, { message: 'must be the name of an environment variable' });

/** Whether a text is a URL with one of some protocols, without a user and a fragment, which would never be sent. */
export function isAddress(text: unknown, protocols: readonly string[]): boolean {
  if (typeof text !== 'string' || text.length > TEXT_MAX || !URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocols.includes(protocol) && hostname !== '';
}

/** Whether a text is an http or https URL without a user and a fragment, which would never be sent. */
export const isWebAddress = (text: unknown): boolean => {
  if (!isAddress(text, ['http:', 'https:'])) return false;
  const { username, password, hash } = new URL(text as string);
  return username === '' && password === '' && hash === '';
};

const IsWebAddress = (): PropertyDecorator =>
  ValidateBy({
    name: 'isWebAddress',
    validator: {
      validate: isWebAddress,
      defaultMessage: () => 'must be an http or https URL without a user and a fragment',
    },
  });

const isBodies = (value: unknown): boolean =>
  value === 'all' ||
  (Array.isArray(value) &&
    value.length > 0 &&
    value.length <= SUBSCRIPTIONS_MAX &&
    value.every((slug) => typeof slug === 'string' && SLUG.test(slug)));

class WebhookSettings {
  @IsWebAddress()
  url!: string;

  @IsOptionalMember()
  @IsString({ message: 'must be a text' })
  secret?: string;

  @IsOptionalMember()
  @IsVariable()
  secretFrom?: string;
}

export class SubscriptionSettings {
  @Matches(NAME, { message: 'must be a name of lower-case letters, digits and dashes' })
  id!: string;

  @IsOptionalMember()
  @IsEmail({}, { message: 'must be an e-mail address' })
  email?: string;

  @IsOptionalMember()
  @ValidateNested()
  @IsObject({ message: 'must be an object' })
  @Type(() => WebhookSettings)
  webhook?: WebhookSettings;

  @ArrayMinSize(1, { message: 'must name a role' })
  @ArrayUnique({ message: 'must name a role once' })
  @IsIn(ROLES_OF_PEOPLE, { each: true, message: `must be one of ${ROLES_OF_PEOPLE.join(', ')}` })
  @IsArray({ message: 'must be a list' })
  roles!: string[];

  @ValidateBy({
    name: 'isBodies',
    validator: {
      validate: isBodies,
      defaultMessage: () => 'must be "all" or a list of bodies, each a lower-case slug',
    },
  })
  bodies!: 'all' | string[];

  @IsOptionalMember()
  @ArrayMinSize(1, { message: 'must name a kind' })
  @IsIn(NOTICE_KINDS, { each: true, message: `must be one of ${NOTICE_KINDS.join(', ')}` })
  @IsArray({ message: 'must be a list' })
  kinds?: NoticeKind[];

  @IsOptionalMember()
  @ArrayMinSize(1, { message: 'must name a kind of deadline' })
  @IsIn(DATE_KINDS, { each: true, message: `must be one of ${DATE_KINDS.join(', ')}` })
  @IsArray({ message: 'must be a list' })
  deadlines?: string[];

  @IsOptionalMember()
  @IsIn(['at-once', 'daily'], { message: 'must be at-once or daily' })
  when?: 'at-once' | 'daily';
}

export class SmtpSettingsEntry {
  @IsOptionalMember()
  @IsString({ message: 'must be a text' })
  url?: string;

  @IsOptionalMember()
  @IsVariable()
  urlFrom?: string;

  @IsEmail({ allow_display_name: true }, { message: 'must be an e-mail address' })
  from!: string;
}

// The last rule runs first: the value must be a number before its size is checked.
const WHOLE = { message: 'must be a whole number' };

export class DeliveryEntry {
  @IsOptionalMember()
  @Max(50, { message: 'must be 50 or less' })
  @Min(1, { message: 'must be 1 or more' })
  @IsInt(WHOLE)
  maxAttempts?: number;

  @IsOptionalMember()
  @Max(3_600, { message: 'must be 3600 or less' })
  @Min(0.001, { message: 'must be a number above 0' })
  firstPauseSeconds?: number;

  @IsOptionalMember()
  @Max(60, { message: 'must be 60 or less' })
  @Min(0.1, { message: 'must be a number from 0.1' })
  timeoutSeconds?: number;

  @IsOptionalMember()
  @Max(3_600, { message: 'must be 3600 or less' })
  @Min(0.2, { message: 'must be a number from 0.2' })
  leaseSeconds?: number;
}

/** The notifications file: receivers, filters, channels and times. */
export class NotificationsFile {
  @MaxLength(TEXT_MAX, { message: `must be at most ${TEXT_MAX} characters` })
  @IsWebAddress()
  baseUrl!: string;

  @IsOptionalMember()
  @ValidateNested()
  @IsObject({ message: 'must be an object' })
  @Type(() => SmtpSettingsEntry)
  smtp?: SmtpSettingsEntry;

  @IsOptionalMember()
  @Max(23, { message: 'must be an hour from 0 to 23' })
  @Min(0, { message: 'must be an hour from 0 to 23' })
  @IsInt(WHOLE)
  digestHour?: number;

  @IsOptionalMember()
  @IsBoolean({ message: 'must be true or false' })
  titlesArePublic?: boolean;

  @IsOptionalMember()
  @IsIn(['end', 'beginning'], { message: 'must be end or beginning' })
  startAt?: 'end' | 'beginning';

  @IsOptionalMember()
  @ValidateNested()
  @IsObject({ message: 'must be an object' })
  @Type(() => DeliveryEntry)
  delivery?: DeliveryEntry;

  @ArrayMaxSize(SUBSCRIPTIONS_MAX, { message: `must contain at most ${SUBSCRIPTIONS_MAX} subscriptions` })
  @ValidateNested({ each: true })
  @Type(() => SubscriptionSettings)
  @IsArray({ message: 'must be a list' })
  subscriptions!: SubscriptionSettings[];
}
