import { OneCopyError } from "../../../base/index.ts";
import type { Store } from "../../../storage/index.ts";
import { icebergLocation, keyIn } from "../../path.ts";

/**
 * Where the files of a table are found. Its metadata names them by absolute addresses below its `location`; the table
 * may have been copied or moved since, or be mounted under another address, and so what is below `location` is looked
 * for below the table's folder.
 */
export interface Locations {
  /** The path in the table's folder. Fails with `table.path_outside`. */
  pathOf(location: string): string;
}

export function locationsOf(store: Store, folder: string, location: string): Locations {
  const own = icebergLocation(store, keyIn(folder, "x")).slice(0, -2);
  const roots = [location, own].map((root) => `${normal(root).replace(/\/+$/, "")}/`);
  return {
    pathOf(address) {
      const wanted = normal(address);
      for (const root of roots) {
        if (!wanted.startsWith(root)) continue;
        const path = wanted.slice(root.length);
        if (isInside(path)) return path;
      }
      throw new OneCopyError(
        "table.path_outside",
        `The table's Iceberg metadata names a file outside its folder: ${address.slice(0, 1000)}`,
        {
          remedy: `Everything of a mounted table lies below its location, ${location.slice(0, 1000)}. Have the table's owner rewrite it into one folder.`,
        },
      );
    },
  };
}

/** One spelling for `file:/x`, `file:///x` and `/x`; and for `s3a:`, `s3n:` and `s3:`. */
function normal(location: string): string {
  return location
    .replace(/^file:\/\/(?=\/)/, "")
    .replace(/^file:(?=\/)/, "")
    .replace(/^s3[an]:\/\//, "s3://");
}

function isInside(path: string): boolean {
  return (
    !/[\0\\]/.test(path) && path.split("/").every((part) => part !== "" && part !== "." && part !== "..")
  );
}
