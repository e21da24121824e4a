import { z } from "zod";

/** The section `catalog` of the configuration. */
export const CatalogConfig = z.strictObject({
  files_outside: z
    .boolean()
    .default(false)
    .describe(
      "Whether an Iceberg engine may commit data files outside its table's folder. Only engines that reach them can then read the table: OneCopy reads, signs and shares none of them.",
    ),
  trino_name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,127}$/, "must be lower-case letters, digits and _, and begin with a letter")
    .optional()
    .describe(
      "The name that this catalog has in Trino, which the views of segments have to say to it. Default: the project's name, with _ for -, as `onecopy bridge connect trino` has it.",
    ),
});

export type CatalogConfig = z.infer<typeof CatalogConfig>;

/** The name that the catalog has in Trino. `name`: the project's. */
export function trinoName(config: { readonly name: string; readonly catalog: CatalogConfig }): string {
  return config.catalog.trino_name ?? config.name.replaceAll("-", "_");
}
