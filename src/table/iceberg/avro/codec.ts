import zlib from "node:zlib";
import { OneCopyError } from "../../../base/index.ts";
import { inflateSnappy } from "./snappy.ts";

/** Only in Node 22.15 and newer, and so asked for by name. */
const zstd = (zlib as { readonly zstdDecompressSync?: (body: Uint8Array, options: object) => Buffer })
  .zstdDecompressSync;

/** Avro 1.12, "Required Codecs", "Optional Codecs". Throws when more than `mostBytes` come out. */
export function decompress(codec: string, body: Uint8Array, mostBytes: number): Uint8Array {
  const options = { maxOutputLength: Math.max(mostBytes, 1) };
  switch (codec) {
    case "null":
      return body;
    case "deflate":
      return zlib.inflateRawSync(body, options);
    case "snappy": {
      // The CRC-32 of what comes out is behind it.
      if (body.length < 4) throw new Error("a block is shorter than its checksum");
      const out = inflateSnappy(body.subarray(0, body.length - 4), mostBytes);
      const found = new DataView(body.buffer, body.byteOffset + body.length - 4, 4).getUint32(0);
      if (zlib.crc32(out) !== found) throw new Error("the checksum of a block is wrong");
      return out;
    }
    case "zstandard":
      if (zstd !== undefined) return zstd(body, options);
  }
  throw new OneCopyError(
    "table.iceberg_feature_unsupported",
    `The Avro codec ${JSON.stringify(codec)} of the table's manifests is not supported${codec === "zstandard" ? " by this version of Node" : ""}.`,
    {
      remedy:
        codec === "zstandard"
          ? "Run OneCopy with Node 22.15 or newer."
          : "Have the table's owner rewrite the manifests with the codec deflate (rewrite_manifests).",
    },
  );
}
