import type { Random } from "./random.ts";

// The largest primes below powers of ten.
const PRIMES = [99_991, 999_983, 9_999_991, 99_999_989, 999_999_937];
const STEP = 618_033;

/** Gives out numbers without repetition, in an order that says nothing about who got them. */
export class Numbering {
  private readonly modulus: number;
  private readonly start: number;
  private given = 0;

  /** For at most `capacity` numbers. */
  constructor(random: Random, capacity: number) {
    this.modulus = PRIMES.find((prime) => prime > capacity)!;
    this.start = random.between(0, this.modulus - 1);
  }

  /** Of a fixed number of digits. */
  next(): string {
    const number = (this.start + STEP * this.given++) % this.modulus;
    return String(number).padStart(String(this.modulus).length, "0");
  }
}

/** An EAN-13 as loyalty cards carry it: prefix 29 (in-store), the number, the check digit. */
export function cardNumber(number: string): string {
  const digits = `29${number.padStart(10, "0")}`;
  const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 1 : 3), 0);
  return digits + ((10 - (sum % 10)) % 10);
}
