import { plainToInstance } from 'class-transformer';
import { IsString, Matches, MaxLength, ValidateBy, validateSync } from 'class-validator';
import type { ValidationError } from 'class-validator';
import { isPlainDate } from './plain-date.ts';
import { CommandRefusedError } from './refused.ts';
import type { PayloadProblem } from './refused.ts';

/** The longest free text that a payload may hold, in characters. */
export const FREE_TEXT_MAX = 50_000;

export class InvalidPayloadError extends CommandRefusedError {
  readonly problems: readonly PayloadProblem[];

  constructor(problems: readonly PayloadProblem[]) {
    const detail = problems
      .map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer} ${detail}`))
      .join('; ');
    super('invalid', 'invalid-payload', detail, { errors: problems });
    this.name = 'InvalidPayloadError';
    this.problems = problems;
  }
}

/**
 * The body as an instance of the payload's class. Unknown members are refused, nothing is converted.
 * @throws InvalidPayloadError with a pointer for every problem.
 */
export function validatePayload<Payload extends object>(payload: new () => Payload, body: unknown): Payload {
  const given = body ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new InvalidPayloadError([{ pointer: '', detail: 'must be a JSON object' }]);
  }
  const instance = plainToInstance(payload, given, { exposeUnsetFields: false });
  const errors = validateSync(instance, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
  });
  if (errors.length > 0) throw new InvalidPayloadError(errors.flatMap((error) => problemsOf(error, '')));
  return instance;
}

function problemsOf(error: ValidationError, parent: string): PayloadProblem[] {
  const pointer = `${parent}/${error.property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    pointer,
    // class-validator begins a message with the property's name; the pointer says that already.
    detail:
      rule === 'whitelistValidation'
        ? 'is not a member of this payload'
        : message.replace(`${error.property} `, ''),
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => problemsOf(child, pointer))];
}

/** A plain date that exists, `YYYY-MM-DD`. */
export const IsPlainDate = (): PropertyDecorator =>
  ValidateBy({
    name: 'isPlainDate',
    validator: { validate: isPlainDate, defaultMessage: () => 'must be a date that exists, as YYYY-MM-DD' },
  });

const isWellFormed = (text: unknown): boolean => typeof text === 'string' && text.isWellFormed();

/** Free text: not blank, well-formed Unicode, at most `FREE_TEXT_MAX` characters. */
export function IsFreeText(max = FREE_TEXT_MAX): PropertyDecorator {
  const rules = [
    ValidateBy({
      name: 'isWellFormed',
      validator: { validate: isWellFormed, defaultMessage: () => 'must be well-formed Unicode' },
    }),
    MaxLength(max, { message: `must be at most ${max} characters` }),
    // U+0085 is white space in Unicode and not in ECMAScript.
    Matches(/[^\s\u0085]/u, { message: 'must not be blank' }),
    IsString({ message: 'must be a text' }),
  ];
  return (target, property) => {
    for (const rule of rules) rule(target, property);
  };
}
