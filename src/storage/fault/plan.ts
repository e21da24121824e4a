export type StoreOperation = "get" | "head" | "put" | "list" | "delete" | "adopt";

/** One call of a store. `nth` counts the calls of that operation, from 1. */
export interface StoreCall {
  readonly operation: StoreOperation;
  /** For a list, its prefix. */
  readonly key: string;
  readonly nth: number;
}

/**
 * What happens to a call. `fail-before`: nothing is done, and it throws; of an adopt, a torn upload, of which nothing
 * is visible. `fail-after`: it is done, and throws. `unknown-before`, `unknown-after`: the same for a put, which says
 * `unknown`. `late`: a put says `unknown`, and happens `delayMs` later. `duplicate`: a put is carried out twice, as by a
 * proxy that repeats it, and has the second outcome. `delay`: it waits `delayMs` first.
 */
export type Fault =
  | {
      readonly kind: "fail-before" | "fail-after" | "unknown-before" | "unknown-after" | "duplicate";
    }
  | { readonly kind: "late" | "delay"; readonly delayMs: number };

/** Decides about every call; undefined: the store does as it should. */
export type FaultPlan = (call: StoreCall) => Fault | undefined;

/** A rule of {@link scripted}. All that it states must hold. */
export interface FaultRule {
  readonly on: StoreOperation;
  readonly key?: (key: string) => boolean;
  /** The how-manieth of the calls to which the rule applies, from 1; default: each of them. */
  readonly at?: number;
  readonly fault: Fault;
}

/** The first rule that applies decides. */
export function scripted(rules: readonly FaultRule[]): FaultPlan {
  const seen = rules.map(() => 0);
  return ({ operation, key }) => {
    let chosen: Fault | undefined;
    for (const [i, rule] of rules.entries()) {
      if (rule.on !== operation || rule.key?.(key) === false) continue;
      seen[i]! += 1;
      if (rule.at === undefined || rule.at === seen[i]) chosen ??= rule.fault;
    }
    return chosen;
  };
}

/**
 * Faults at random, the same for the same seed and calls: `rate` (0…1) of all calls have one that their operation can
 * have; no call has more than `longestRun` in a row, so that what tries again gets through.
 */
export function seeded(seed: number, rate: number, longestRun = 2): FaultPlan {
  const random = mulberry32(seed);
  const runs = new Map<string, number>();
  return ({ operation, key }) => {
    const name = `${operation} ${key}`;
    const run = runs.get(name) ?? 0;
    if (random() >= rate || run >= longestRun) {
      runs.set(name, 0);
      return undefined;
    }
    runs.set(name, run + 1);
    const possible = faultsOf(operation);
    return possible[Math.floor(random() * possible.length)];
  };
}

function faultsOf(operation: StoreOperation): readonly Fault[] {
  const delay: Fault = { kind: "delay", delayMs: 5 };
  switch (operation) {
    case "put":
      return [
        { kind: "fail-before" },
        { kind: "fail-after" },
        { kind: "unknown-before" },
        { kind: "unknown-after" },
        { kind: "late", delayMs: 20 },
        { kind: "duplicate" },
        delay,
      ];
    case "adopt":
    case "delete":
      return [{ kind: "fail-before" }, { kind: "fail-after" }, delay];
    default:
      return [{ kind: "fail-before" }, delay];
  }
}

/** A small generator of numbers from 0 to 1, the same on every machine (mulberry32, public domain). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
