import type { RecipeMaker } from "./recipe.ts";
import { bigquery } from "./warehouse/bigquery.ts";
import { databricks } from "./warehouse/databricks.ts";
import { duckdb } from "./warehouse/duckdb.ts";
import { fabric } from "./warehouse/fabric.ts";
import { pandas } from "./warehouse/pandas.ts";
import { powerbi } from "./warehouse/powerbi.ts";
import { redshift } from "./warehouse/redshift.ts";
import { snowflake } from "./warehouse/snowflake.ts";
import { spark } from "./warehouse/spark.ts";
import { trino } from "./warehouse/trino.ts";

/** The warehouses and tools that can be connected. */
export const recipes = {
  snowflake,
  databricks,
  bigquery,
  redshift,
  fabric,
  trino,
  spark,
  duckdb,
  pandas,
  powerbi,
} satisfies Readonly<Record<string, RecipeMaker>>;

export type Warehouse = keyof typeof recipes;

export type { Installation } from "./installation.ts";
export { installationOf } from "./measure.ts";
export { type Recipe, filesOf, recipeText } from "./recipe.ts";
