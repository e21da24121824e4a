import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Calendar } from "./calendar.ts";
import { HISTORY_DAYS } from "./calendar.ts";
import type { Layout } from "./layout.ts";
import type { PublishedFile } from "./publish.ts";
import { hash } from "./random.ts";

const DELTA_TYPES: Readonly<Record<string, string>> = { BIGINT: "long", DATE: "date" };

/**
 * Makes a folder of Parquet files a Delta table of somebody else's system: one commit for each file, written by hand
 * as the protocol has it (reader 1, writer 2), with nothing of OneCopy in it.
 */
export async function writeDeltaLog(
  folder: string,
  files: readonly PublishedFile[],
  layout: Layout,
  calendar: Calendar,
): Promise<void> {
  const log = join(folder, "_delta_log");
  await mkdir(log);
  for (const [version, file] of files.entries()) {
    const timestamp = Date.parse(
      calendar.time(HISTORY_DAYS - files.length + version, 3600).replace(" ", "T") + "Z",
    );
    const path = join(folder, `${file.name}-${uuid(`${file.name} ${file.records}`)}-c000.snappy.parquet`);
    await rename(file.path, path);
    const actions: object[] = [
      {
        commitInfo: {
          timestamp,
          operation: "WRITE",
          operationParameters: { mode: "Append" },
          engineInfo: "till-export/4.2",
        },
      },
    ];
    if (version === 0)
      actions.push({ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, metaData(layout, timestamp));
    actions.push({
      add: {
        path: basename(path),
        partitionValues: {},
        size: (await stat(path)).size,
        modificationTime: timestamp,
        dataChange: true,
        stats: JSON.stringify({ numRecords: file.records }),
      },
    });
    const lines = actions.map((action) => `${JSON.stringify(action)}\n`).join("");
    await writeFile(join(log, `${String(version).padStart(20, "0")}.json`), lines);
  }
}

function metaData({ columns, types }: Layout, createdTime: number): object {
  const fields = columns.map((name) => ({
    name,
    type: DELTA_TYPES[types[name] ?? ""] ?? "string",
    nullable: true,
    metadata: {},
  }));
  return {
    metaData: {
      id: uuid(columns.join()),
      format: { provider: "parquet", options: {} },
      schemaString: JSON.stringify({ type: "struct", fields }),
      partitionColumns: [],
      configuration: {},
      createdTime,
    },
  };
}

/** A UUID that is the same for the same text. */
function uuid(text: string): string {
  const hex = [...hash(text), ...hash(`${text}.`)].map((word) => word.toString(16).padStart(8, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
