import type { JsonObject } from '#event-sourcing/envelope';
import type { FormValues } from '../form-values.ts';

export const FILES_FIELD = 'files';

const MEMBERS = ['name', 'sha256', 'size', 'mediaType', 'url'] as const;
export type EvidenceMember = (typeof MEMBERS)[number];
export const isOfEvidence = (member: string): boolean => MEMBERS.some((each) => each === member);

/** An item of evidence: a file's digest and metadata. */
export type TypedItem = Readonly<Partial<Record<EvidenceMember, string>>>;

const DIGEST = /^[0-9a-f]{64}$/;

/** Returns whether the item was made from a file. */
export const isHashed = ({ name, sha256, size }: TypedItem): boolean =>
  name !== undefined && size !== undefined && DIGEST.test(sha256 ?? '');

/** Returns the items of a form: earlier ones that were not removed, then uploaded files. */
export function itemsIn(values: FormValues, field: string): TypedItem[] {
  const rows = new Map<number, Partial<Record<EvidenceMember, string>>>();
  const out = new Set<number>();
  const form = new RegExp(`^${field}-(\\d{1,3})-(${MEMBERS.join('|')}|remove)$`);
  for (const [key, text] of values) {
    const [, index = '', member = ''] = form.exec(key) ?? [];
    if (index === '' || text.trim() === '') continue;
    if (member === 'remove') out.add(Number(index));
    else rows.set(Number(index), { ...rows.get(Number(index)), [member]: text.trim() });
  }
  const typed = [...rows]
    .filter(([index]) => !out.has(index))
    .sort(([one], [other]) => one - other)
    .map(([, item]) => item);
  return [...typed, ...fileItems(values)];
}

const fileItems = ({ files }: FormValues): TypedItem[] =>
  files
    .filter(({ field, isCut, size }) => field === FILES_FIELD && !isCut && size > 0)
    .map(({ name, sha256, size, mediaType }) => ({ name, sha256, size: String(size), mediaType }));

export const filesTooLarge = ({ files }: FormValues): string[] =>
  files.filter(({ field, isCut }) => field === FILES_FIELD && isCut).map(({ name }) => name);

const emptyFiles = ({ files }: FormValues): string[] =>
  files
    .filter(({ field, isCut, size }) => field === FILES_FIELD && !isCut && size === 0)
    .map(({ name }) => name);

/** Returns why files cannot be submitted; undefined if all can. */
export function filesProblem(values: FormValues): string | undefined {
  const [tooLarge, empty] = [filesTooLarge(values), emptyFiles(values)];
  const problems = [
    ...(tooLarge.length === 0
      ? []
      : [
          `${tooLarge.join(', ')} cannot be uploaded: the limit is 100 MB for all files. Enter the digest instead`,
        ]),
    ...(empty.length === 0 ? [] : [`${empty.join(', ')} cannot be used: the file is empty`]),
  ];
  return problems.length === 0 ? undefined : problems.join('. ');
}

/** Converts the items to the payload. */
export const evidenceOf = (values: FormValues, field: string): JsonObject[] =>
  itemsIn(values, field).map(({ sha256 = '', size, name = '', mediaType, url }) => ({
    name,
    sha256: sha256.toLowerCase().replaceAll(/\s/g, ''),
    ...(size !== undefined && { size: Number(size) }),
    ...(mediaType !== undefined && mediaType !== '' && { mediaType }),
    ...(url !== undefined && { url }),
  }));

/** An index after all rows of a form. */
const BEHIND = 900;

/** Converts uploaded files to form fields. */
export const itemsFromFiles = (values: FormValues): [string, string][] =>
  fileItems(values).flatMap((item, index) =>
    MEMBERS.flatMap((member): [string, string][] => {
      const text = item[member];
      return text === undefined ? [] : [[`items-${BEHIND + index}-${member}`, text]];
    }),
  );
