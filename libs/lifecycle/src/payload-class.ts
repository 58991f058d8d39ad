// class-transformer's decorators need the polyfill for type metadata.
import 'reflect-metadata';
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
import type { Field, Members } from './fields.ts';
import {
  eachItem,
  lengthMessage,
  oneOfMessage,
  PAYLOAD_MESSAGES,
  SHA256_MESSAGE,
} from './payload-messages.ts';
import { isPlainDate } from './plain-date.ts';
import type { PayloadShape } from './shapes.ts';
import { codePoints, FREE_TEXT_MAX, isWellFormed, NOT_BLANK, ONE_LINE } from './text-rules.ts';

type Rules = readonly PropertyDecorator[];

const classes = new WeakMap<Members, new () => object>();

/** Returns the class-validator class of a payload, created at first use. */
export const payloadClass = <Value extends object>({ members }: PayloadShape<Value>): new () => Value =>
  classOf(members) as new () => Value;

function classOf(members: Members): new () => object {
  const made = classes.get(members);
  if (made !== undefined) return made;
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- decorators add its members
  const Payload = class {};
  // A refusal reports the first failed rule of a member.
  for (const [name, field] of Object.entries(members)) {
    for (const rule of [...presenceRules(field), ...valueRules(field), ...dependencyRules(field)])
      rule(Payload.prototype, name);
  }
  classes.set(members, Payload);
  return Payload;
}

type Sent = Readonly<Record<string, unknown>>;

const presenceRules = ({ optional = false, neededIn }: Field): Rules =>
  optional ? [ValidateIf((sent: Sent, value) => value !== undefined || neededIn?.(sent) === true)] : [];

const dependencyRules = ({ onlyIn }: Field): Rules =>
  onlyIn === undefined ? [] : [rule('isOnlyIn', (_, sent) => onlyIn.condition(sent), onlyIn.message)];

const rule = (
  name: string,
  isValid: (value: unknown, sent: Sent) => boolean,
  message: string,
): PropertyDecorator =>
  ValidateBy({
    name,
    validator: {
      validate: (value, args) => isValid(value, (args?.object ?? {}) as Sent),
      defaultMessage: () => message,
    },
  });

/** @param each true for the items of a list. */
function valueRules(field: Field, each = false): Rules {
  const { kind, limits: { max, form } = {} } = field;
  const options = (message: string) => ({ each, message: each ? eachItem(message) : message });
  const formRules = form === undefined ? [] : [Matches(form.matches, options(form.message))];
  switch (kind) {
    case 'freeText':
      return [...textRules(field), ...formRules];
    case 'identifier': {
      const lengthRules = max === undefined ? [] : [MaxLength(max, { each })];
      return [IsString(options(PAYLOAD_MESSAGES.string)), ...lengthRules, ...formRules];
    }
    case 'sha256':
      return [
        IsString({ message: PAYLOAD_MESSAGES.string }),
        Matches(HEX_SHA256, { message: SHA256_MESSAGE }),
      ];
    case 'plainDate':
      return [rule('isPlainDate', isPlainDate, PAYLOAD_MESSAGES.date)];
    case 'count':
      return [IsInt(), Min(0), Max(max ?? Number.MAX_SAFE_INTEGER)];
    case 'flag':
      return [IsBoolean()];
    case 'always':
      return [Equals(true)];
    case 'oneOf':
      return [IsIn([...field.values], each ? { each } : { message: oneOfMessage(field.values) })];
    case 'list':
      return [...listRules(field), ...itemRules(field.of)];
    case 'object': {
      const inner = classOf(field.members);
      return [IsObject({ message: PAYLOAD_MESSAGES.object }), ValidateNested(), Type(() => inner)];
    }
    default:
      throw new Error(`A payload cannot have members of kind ${kind}`);
  }
}

function itemRules(of: Field): Rules {
  if (of.kind !== 'object') return valueRules(of, true);
  const inner = classOf(of.members);
  return [ValidateNested({ each: true, message: 'must be a list of objects' }), Type(() => inner)];
}

function listRules({ limits: { min = 0, max, isSet = false } = {} }: Field): Rules {
  return [
    IsArray({ message: PAYLOAD_MESSAGES.list }),
    ...(max === undefined ? [] : [ArrayMaxSize(max, { message: `must have at most ${max} items` })]),
    ...(min === 0 ? [] : [ArrayMinSize(min, { message: PAYLOAD_MESSAGES.notEmpty })]),
    ...(isSet ? [ArrayUnique({ message: 'must not have duplicate items' })] : []),
  ];
}

/**
 * Free text: not blank, well-formed Unicode without U+0000 (which PostgreSQL's text cannot contain), and not too long.
 */
function textRules({ limits: { max = FREE_TEXT_MAX, isLine = false, isUrl = false } = {} }: Field): Rules {
  return [
    IsString({ message: PAYLOAD_MESSAGES.string }),
    rule('isWellFormed', isWellFormed, 'must be well-formed Unicode'),
    rule('holdsNoNull', (text) => !(text as string).includes('\0'), 'must not contain the character U+0000'),
    rule('isAtMost', (text) => codePoints(text as string) <= max, lengthMessage(max)),
    Matches(NOT_BLANK, { message: PAYLOAD_MESSAGES.notBlank }),
    ...(isLine ? [Matches(ONE_LINE, { message: ONE_LINE_SAYS })] : []),
    ...(isUrl ? [IsUrl(HTTP_ADDRESS, { message: 'must be an http or https address' })] : []),
  ];
}

const HEX_SHA256 = /^[0-9a-f]{64}$/;
const ONE_LINE_SAYS = 'must be one line, without control or bidirectional formatting characters';
const HTTP_ADDRESS = { protocols: ['http', 'https'], require_protocol: true, require_tld: false };
