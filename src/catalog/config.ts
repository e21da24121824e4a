import { z } from "zod";

/** The section `catalog` of the configuration. */
export const CatalogConfig = z.strictObject({
  files_outside: z
    .boolean()
    .default(false)
    .describe(
      "Whether an Iceberg engine may commit data files outside its table's folder. Only engines that reach them can then read the table: OneCopy reads, signs and shares none of them.",
    ),
});
