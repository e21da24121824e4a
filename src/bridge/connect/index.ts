import { OneCopyError } from "../../base/index.ts";
import type { Installation } from "./installation.ts";
import type { Recipe, RecipeMaker, Way } from "./recipe.ts";
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

/** By `way`, or by the one with the fewest moving parts. Fails with `connect.way_unsupported`, and as the recipes do. */
export function recipeFor(warehouse: Warehouse, installation: Installation, way?: Way): Recipe {
  const maker: RecipeMaker = recipes[warehouse];
  const recipe = maker(installation, way);
  if (way === undefined || recipe.way === way) return recipe;
  throw new OneCopyError("connect.way_unsupported", `There is no way by ${way} for ${warehouse} here.`, {
    remedy: `Leave --way out: it is connected by ${recipe.way}.`,
  });
}

export type { Installation } from "./installation.ts";
export { installationOf } from "./measure.ts";
export { type Recipe, type Way, filesOf, recipeText } from "./recipe.ts";
