import { INTERNAL, WITHHOLDING_FORM } from '#use-cases/audit/withhold-values';
import type { FormValues } from '../form-values.ts';
import { addressOf } from '../lists/list-address.ts';
import { pathOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';

/** The values to leave out of a pack. */
export interface Chosen {
  readonly internal: boolean;
  /** Reason codes by place (`VERSION:POINTER`). */
  readonly codes: ReadonlyMap<string, string>;
}

/** A valid reason code. */
const CODE = /^[A-Za-z0-9().-]{1,32}$/;

/** Names of form fields: the ticked places, a code for each, and the default code. */
export const FIELDS = {
  internal: 'internal',
  ticked: 'leave-out',
  code: 'code',
  codeOf: (place: string) => `code-${place}`,
  versions: 'versions',
} as const;

/** Parses the choices in an address. Malformed ones are ignored here and refused by the use case. */
export function chosenIn(withhold: readonly string[]): Chosen {
  const codes = new Map<string, string>();
  for (const choice of withhold) {
    const { version, pointer, code } = WITHHOLDING_FORM.exec(choice)?.groups ?? {};
    if (version !== undefined && pointer !== undefined && code !== undefined)
      codes.set(`${version}:${pointer}`, code);
  }
  return { internal: withhold.includes(INTERNAL), codes };
}

/** Returns the choices as query values. */
export const withholdOf = ({ internal, codes }: Chosen): string[] => [
  ...(internal ? [INTERNAL] : []),
  ...[...codes].map(([place, code]) => `${place}=${code}`),
];

/** The ticked places, and errors by place. */
export interface Ticked {
  readonly choose: Chosen;
  /** Places without a valid code. */
  readonly errors: ReadonlyMap<string, string>;
}

/**
 * Merges the ticks on a page of events with the choices on other pages.
 * @param before the choices in the page's address.
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
    if (code === '') errors.set(place, 'Enter a reason code, or one code for everything you select');
    else if (!CODE.test(code))
      errors.set(
        place,
        'Reason code must be 32 characters or fewer, and only include letters, numbers, brackets, full stops and hyphens',
      );
  }
  return { choose: { internal: form.has(FIELDS.internal), codes }, errors };
}

/** The longest address that browsers and proxies accept. `docket pack` accepts more values. */
export const ADDRESS_LENGTH_MAX = 6_000;

export const packPath = (record: RecordReference): string => `${pathOf(record)}/pack`;

/** Returns the addresses of a record's pack pages, with the withheld values in the query. */
export function packAddresses(record: RecordReference, chosen: Chosen) {
  const withhold = withholdOf(chosen).map((choice): [string, string] => ['withhold', choice]);
  const at = (below: string, ...more: [string, string][]): string =>
    addressOf(`${packPath(record)}${below}`, new URLSearchParams([...withhold, ...more]));
  return {
    /** A page of events to choose from. */
    form: (page = 1) => (page === 1 ? at('') : at('', ['page', String(page)])),
    /** The summary before the pack is made. */
    check: at('/check'),
    make: at('/make'),
  };
}

export type PackAddresses = Readonly<ReturnType<typeof packAddresses>>;
