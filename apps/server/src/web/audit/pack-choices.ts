import { INTERNAL, WITHHOLDING_FORM } from '#use-cases/audit/withhold-values';
import type { FormValues } from '../form-values.ts';

/** What somebody leaves out of a pack, as the addresses of its pages and the API have it. */
export interface Chosen {
  readonly internal: boolean;
  /** The codes of values, by their places (`VERSION:POINTER`). */
  readonly codes: ReadonlyMap<string, string>;
}

/** A code of an exemption, as a pack takes it. */
const CODE = /^[A-Za-z0-9().-]{1,32}$/;

/** What the fields of the form are called: each place that is ticked, its code, and the code of those without one. */
export const FIELDS = {
  internal: 'internal',
  ticked: 'leave-out',
  code: 'code',
  codeOf: (place: string) => `code-${place}`,
  versions: 'versions',
} as const;

/** What an address chooses; what is of another form counts for nothing here, since the use case refuses it. */
export function chosenIn(withhold: readonly string[]): Chosen {
  const codes = new Map<string, string>();
  for (const choice of withhold) {
    const { version, pointer, code } = WITHHOLDING_FORM.exec(choice)?.groups ?? {};
    if (version !== undefined && pointer !== undefined && code !== undefined)
      codes.set(`${version}:${pointer}`, code);
  }
  return { internal: withhold.includes(INTERNAL), codes };
}

/** The same, as it is asked for. */
export const withholdOf = ({ internal, codes }: Chosen): string[] => [
  ...(internal ? [INTERNAL] : []),
  ...[...codes].map(([place, code]) => `${place}=${code}`),
];

/** What was ticked, with what is wrong about it, by the places. */
export interface Ticked {
  readonly chosen: Chosen;
  /** Those without a code that can be used. */
  readonly errors: ReadonlyMap<string, string>;
}

/**
 * What a page of the form says: of its own events, what is ticked there; of all others, what was chosen before.
 * @param before as its address has it.
 */
export function tickedIn(form: FormValues, before: Chosen): Ticked {
  const [from = 0, to = 0] = form.text(FIELDS.versions).split('-').map(Number);
  const isHere = (place: string): boolean => {
    const version = Number(place.split(':')[0]);
    return version >= from && version <= to;
  };
  const codes = new Map([...before.codes].filter(([place]) => !isHere(place)));
  const errors = new Map<string, string>();
  for (const place of form.getAll(FIELDS.ticked)) {
    const own = form.text(FIELDS.codeOf(place)).trim();
    const code = own === '' ? form.text(FIELDS.code).trim() : own;
    codes.set(place, code);
    if (code === '') errors.set(place, 'Enter the reason code of what is left out, here or for all');
    else if (!CODE.test(code))
      errors.set(place, 'A reason code has up to 32 letters, digits and signs of ().-');
  }
  return { chosen: { internal: form.has(FIELDS.internal), codes }, errors };
}
