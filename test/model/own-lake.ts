import { rm } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";

/** What is generated is played, each time in a folder of its own below `base`. */
export function inOwnLake<T>(
  base: string,
  name: string,
  generated: fc.Arbitrary<T>,
  play: (lake: string, value: T) => Promise<void>,
): fc.IAsyncProperty<[T]> {
  let count = 0;
  return fc.asyncProperty(generated, async (value) => {
    const lake = join(base, `${name.replaceAll(/\W+/g, "-")}-${count++}`);
    await play(lake, value);
    await rm(lake, { recursive: true });
  });
}

/** A slow machine plays fewer of them, and that is no failure. */
export const patience = { interruptAfterTimeLimit: 100_000, markInterruptAsFailure: false } as const;
