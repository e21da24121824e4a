import type { AvroSchema } from "./schema.ts";

/** Bytes that grow; values in Avro's binary encoding. */
export class AvroBytes {
  private buffer = Buffer.allocUnsafe(4096);
  length = 0;

  /** Encodes a value of the schema: numbers and bigints, texts, Uint8Array, arrays, objects by field name; null in a union. */
  encode(schema: AvroSchema, value: unknown): void {
    if (typeof schema === "string") this.primitive(schema, value);
    else if (Array.isArray(schema)) {
      const absent = value === null || value === undefined;
      this.long(absent ? 0 : 1);
      if (!absent) this.encode(schema[1] as AvroSchema, value);
    } else if ("fields" in schema) {
      for (const field of schema.fields)
        this.encode(field.type, (value as Record<string, unknown>)[field.name]);
    } else if ("size" in schema) this.raw(value as Uint8Array);
    else if ("logicalType" in schema && !("items" in schema)) this.long(value as number | bigint);
    else if ("items" in schema) {
      const items = value as readonly unknown[];
      if (items.length > 0) {
        this.long(items.length);
        for (const item of items) this.encode(schema.items, item);
      }
      this.long(0);
    }
  }

  /** Zig-zag, then seven bits a byte. */
  long(value: number | bigint): void {
    this.reserve(10);
    if (typeof value === "number" && value >= -0x4000_0000 && value < 0x4000_0000) {
      let rest = ((value << 1) ^ (value >> 31)) >>> 0;
      for (; rest > 0x7f; rest >>>= 7) this.buffer[this.length++] = (rest & 0x7f) | 0x80;
      this.buffer[this.length++] = rest;
      return;
    }
    const signed = BigInt.asIntN(64, BigInt(value));
    let rest = BigInt.asUintN(64, (signed << 1n) ^ (signed >> 63n));
    for (; rest > 0x7fn; rest >>= 7n) this.buffer[this.length++] = Number(rest & 0x7fn) | 0x80;
    this.buffer[this.length++] = Number(rest);
  }

  /** With its length before it. */
  bytes(bytes: Uint8Array): void {
    this.long(bytes.length);
    this.raw(bytes);
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  view(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private primitive(type: Exclude<AvroSchema, object>, value: unknown): void {
    switch (type) {
      case "null":
        return;
      case "boolean":
        return this.raw(Uint8Array.of(value === true ? 1 : 0));
      case "int":
      case "long":
        return this.long(value as number | bigint);
      case "float": {
        const bytes = Buffer.alloc(4);
        bytes.writeFloatLE(value as number);
        return this.raw(bytes);
      }
      case "double": {
        const bytes = Buffer.alloc(8);
        bytes.writeDoubleLE(value as number);
        return this.raw(bytes);
      }
      case "bytes":
        return this.bytes(value as Uint8Array);
      case "string":
        return this.bytes(Buffer.from(value as string, "utf8"));
    }
  }

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + more));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}
