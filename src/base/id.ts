import { createHash, randomBytes } from "node:crypto";

/** A UUID version 7 (RFC 9562 §5.7): unique, and sorts by the time it was made. */
export function newId(nowMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  return written(bytes, 7);
}

/** A UUID version 8 (RFC 9562 §5.8) that is the same for the same text, always. */
export function idOfText(text: string): string {
  return written(createHash("sha256").update(text).digest(), 8);
}

/** The first 16 bytes as a UUID, which has its version and variant in place of some of their bits (RFC 9562 §4). */
function written(bytes: Buffer, version: number): string {
  bytes[6] = (version << 4) | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString("hex", 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
