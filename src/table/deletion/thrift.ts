/* Thrift's compact protocol, as far as the metadata of a Parquet file needs it (Parquet format, "Metadata"). */

export type ThriftValue =
  | { readonly kind: "i32" | "i64"; readonly value: number }
  | { readonly kind: "binary"; readonly value: Uint8Array | string }
  | { readonly kind: "list"; readonly of: readonly ThriftValue[] }
  | ThriftStruct;

/** Fields by their ids, ascending. */
export interface ThriftStruct {
  readonly kind: "struct";
  readonly fields: Readonly<Record<number, ThriftValue>>;
}

const typeCodes = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

export const i32 = (value: number): ThriftValue => ({ kind: "i32", value });
export const i64 = (value: number): ThriftValue => ({ kind: "i64", value });
export const binary = (value: Uint8Array | string): ThriftValue => ({ kind: "binary", value });
export const list = (...of: readonly ThriftValue[]): ThriftValue => ({ kind: "list", of });
export const struct = (fields: ThriftStruct["fields"]): ThriftStruct => ({ kind: "struct", fields });

export function encodeThrift(value: ThriftStruct): Uint8Array {
  const bytes: number[] = [];
  put(bytes, value);
  return Uint8Array.from(bytes);
}

function put(bytes: number[], value: ThriftValue): void {
  switch (value.kind) {
    case "i32":
    case "i64":
      putVarint(bytes, value.value >= 0 ? value.value * 2 : -value.value * 2 - 1);
      return;
    case "binary": {
      const body = typeof value.value === "string" ? Buffer.from(value.value) : value.value;
      putVarint(bytes, body.length);
      for (const byte of body) bytes.push(byte);
      return;
    }
    case "list": {
      const { of } = value;
      const type = typeCodes[of[0]?.kind ?? "i32"];
      if (of.length < 15) bytes.push((of.length << 4) | type);
      else {
        bytes.push(0xf0 | type);
        putVarint(bytes, of.length);
      }
      for (const item of of) put(bytes, item);
      return;
    }
    case "struct": {
      let last = 0;
      for (const [key, field] of Object.entries(value.fields)) {
        const id = Number(key);
        bytes.push(((id - last) << 4) | typeCodes[field.kind]);
        put(bytes, field);
        last = id;
      }
      bytes.push(0);
    }
  }
}

/** Of a number up to 2^53, which no shift can hold. */
function putVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}
