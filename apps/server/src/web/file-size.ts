const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;
const STEP = 1000;

/** Formats a file size: 1.9 MB. */
export function sizeInWords(bytes: number): string {
  if (bytes === 1) return '1 byte';
  let size = bytes;
  let unit = 0;
  while (size >= STEP && unit < UNITS.length - 1) {
    size /= STEP;
    unit += 1;
  }
  const formatted = size.toLocaleString('en-GB', { maximumFractionDigits: unit < 2 ? 0 : 1 });
  return `${formatted} ${UNITS[unit]}`;
}
