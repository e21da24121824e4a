import type { Sex } from "../noise/names.ts";
import type { Address } from "../noise/places.ts";

/** Values by the time (0…1, the years that the records are of) from which they hold; the first is from 0. */
export type Timeline<T> = readonly { readonly from: number; readonly value: T }[];

export interface Person {
  readonly number: number;
  readonly household: number;
  readonly role: "adult" | "spouse" | "child" | "flatmate";
  readonly sex: Sex;
  readonly given: string;
  readonly middle: string | undefined;
  suffix: "Jr." | "Sr." | undefined;
  readonly surnames: Timeline<string>;
  /** `YYYY-MM-DD` */
  readonly birthdate: string;
  readonly addresses: Timeline<Address>;
  readonly mobiles: Timeline<string> | undefined;
  readonly landline: string | undefined;
  readonly emails: Timeline<string> | undefined;
  readonly secondEmail: string | undefined;
  readonly familyMailbox: string | undefined;
  readonly roleMailbox: string | undefined;
  /** Spouse, or for a child a parent. */
  partner: Person | undefined;
}

/** The value at a time, and whether it is an earlier one than the newest. */
export function at<T>(timeline: Timeline<T>, time: number): { readonly value: T; readonly old: boolean } {
  let found = 0;
  for (let i = 1; i < timeline.length; i++) if (timeline[i]!.from <= time) found = i;
  return { value: timeline[found]!.value, old: found < timeline.length - 1 };
}
