const ROUNDS_MAX = 40;

/**
 * Returns the growth of processor time from one size to another: the lowest of several alternating rounds. It repeats
 * until the growth is below `bound`. A busy machine makes this slower but does not make it fail, while work that really
 * grows faster stays above the bound.
 */
export async function growthOf(
  work: (size: number) => unknown,
  { from, to, bound }: { readonly from: number; readonly to: number; readonly bound: number },
): Promise<number> {
  const least = { from: Infinity, to: Infinity };
  for (let round = 0; round < ROUNDS_MAX; round++) {
    least.from = Math.min(least.from, await processorMicroseconds(work, from));
    least.to = Math.min(least.to, await processorMicroseconds(work, to));
    if (least.to / least.from < bound) break;
  }
  return least.to / least.from;
}

async function processorMicroseconds(work: (size: number) => unknown, size: number): Promise<number> {
  const before = process.cpuUsage();
  await work(size);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
