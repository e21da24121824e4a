/** Where "now" comes from, so that a run can be repeated as of another moment. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands still, for tests and `--as-of`. */
export function fixedClock(moment: Date): Clock {
  return { now: () => moment };
}
