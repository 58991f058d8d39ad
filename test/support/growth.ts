const ROUNDS_MAX = 40;

/**
 * By how much the work of the processor grows from one size to another: the least of the rounds of each, in turns. It goes on
 * until the growth is below `bound`, so that a busy machine makes it longer and does not make it fail; work whose growth is
 * above `bound` in itself stays above it in every round.
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
