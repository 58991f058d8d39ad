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

/** Reports whether a text is a URL with one of some protocols, without a user and a fragment, which would never be sent. */
export function isAddress(text: unknown, protocols: readonly string[]): boolean {
  if (typeof text !== 'string' || text.length > TEXT_MAX || !URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocols.includes(protocol) && hostname !== '';
}

/** Reports whether a text is an http or https URL without a user and a fragment, which would never be sent. */
export const isWebAddress = (text: unknown): boolean => {
  if (!isAddress(text, ['http:', 'https:'])) return false;
  const { username, password, hash } = new URL(text as string);
  return username === '' && password === '' && hash === '';
};

/** Combines rules. The first one that fails is reported. */
const All =
  (...rules: readonly PropertyDecorator[]): PropertyDecorator =>
  (target, name) => {
    for (const rule of rules) rule(target, name);
  };
const Optional = (...rules: readonly PropertyDecorator[]): PropertyDecorator =>
  All(IsOptionalMember(), ...rules);
const Valid = (validate: (value: unknown) => boolean, message: string): PropertyDecorator =>
  ValidateBy({ name: message, validator: { validate, defaultMessage: () => message } });

const IsWebAddress = () =>
  Valid(isWebAddress, 'must be an http or https URL without a user name or fragment');
const IsText = () => IsString({ message: 'must be a string' });
const IsVariable = () =>
  Matches(ENVIRONMENT_NAME, { message: 'must be the name of an environment variable' });
const IsMailAddress = (options = {}) => IsEmail(options, { message: 'must be an email address' });
const IsWhole = () => IsInt({ message: 'must be a whole number' });
const IsObjectOf = (of: () => new () => object) =>
  All(IsObject({ message: 'must be an object' }), ValidateNested(), Type(of));
const IsList = () => IsArray({ message: 'must be a list' });
const IsListOf = (what: string, values: readonly string[]) =>
  All(
    IsList(),
    IsIn(values, { each: true, message: `must be one of ${values.join(', ')}` }),
    ArrayMinSize(1, { message: `must name a ${what}` }),
  );
const IsBetween = (min: number, max: number, below: string, above: string) =>
  All(Min(min, { message: `must be ${below}` }), Max(max, { message: `must be ${above}` }));

const isBodies = (value: unknown): boolean =>
  value === 'all' ||
  (Array.isArray(value) &&
    value.length > 0 &&
    value.length <= SUBSCRIPTIONS_MAX &&
    value.every((slug) => typeof slug === 'string' && SLUG.test(slug)));

class WebhookSettings {
  @IsWebAddress() url!: string;
  @Optional(IsText()) secret?: string;
  @Optional(IsVariable()) secretFrom?: string;
}

export class SubscriptionSettings {
  @Matches(NAME, { message: 'must be a name of lower-case letters, digits and dashes' }) id!: string;
  @Optional(IsMailAddress()) email?: string;
  @Optional(IsObjectOf(() => WebhookSettings)) webhook?: WebhookSettings;
  @All(IsListOf('role', ROLES_OF_PEOPLE), ArrayUnique({ message: 'must not name a role more than once' }))
  roles!: string[];
  @Valid(isBodies, 'must be "all" or a list of bodies, each a lower-case slug') bodies!: 'all' | string[];
  @Optional(IsListOf('kind', NOTICE_KINDS)) kinds?: NoticeKind[];
  @Optional(IsListOf('kind of deadline', DATE_KINDS)) deadlines?: string[];
  @Optional(IsIn(['at-once', 'daily'], { message: 'must be at-once or daily' })) when?: 'at-once' | 'daily';
}

export class SmtpSettingsEntry {
  @Optional(IsText()) url?: string;
  @Optional(IsVariable()) urlFrom?: string;
  @IsMailAddress({ allow_display_name: true }) from!: string;
}

export class DeliveryEntry {
  @Optional(IsWhole(), IsBetween(1, 50, '1 or more', '50 or less')) maxAttempts?: number;
  @Optional(IsBetween(0.001, 3_600, 'a number above 0', '3600 or less')) firstPauseSeconds?: number;
  @Optional(IsBetween(0.1, 60, 'a number from 0.1', '60 or less')) timeoutSeconds?: number;
  @Optional(IsBetween(0.2, 3_600, 'a number from 0.2', '3600 or less')) leaseSeconds?: number;
}

const HOUR = 'an hour from 0 to 23';
const TOO_LONG = { message: `must be at most ${TEXT_MAX} characters` };
const TOO_MANY = { message: `must contain at most ${SUBSCRIPTIONS_MAX} subscriptions` };

export class NotificationsFile {
  @All(IsWebAddress(), MaxLength(TEXT_MAX, TOO_LONG)) baseUrl!: string;
  @Optional(IsObjectOf(() => SmtpSettingsEntry)) smtp?: SmtpSettingsEntry;
  @Optional(IsWhole(), IsBetween(0, 23, HOUR, HOUR)) digestHour?: number;
  @Optional(IsBoolean({ message: 'must be true or false' })) titlesArePublic?: boolean;
  @Optional(IsIn(['end', 'beginning'], { message: 'must be end or beginning' })) startAt?:
    | 'end'
    | 'beginning';
  @Optional(IsObjectOf(() => DeliveryEntry)) delivery?: DeliveryEntry;
  @All(
    IsList(),
    Type(() => SubscriptionSettings),
    ValidateNested({ each: true }),
    ArrayMaxSize(SUBSCRIPTIONS_MAX, TOO_MANY),
  )
  subscriptions!: SubscriptionSettings[];
}
