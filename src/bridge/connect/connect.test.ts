import { expect, test } from "vitest";
import { type Installation, recipeFor, recipes, recipeText } from "./index.ts";
import type { LakePlace } from "./installation.ts";
import { placeOf } from "./measure.ts";
import { azureAssignment } from "./policy/azure.ts";
import { gcsPolicy } from "./policy/gcs.ts";
import { s3Policy } from "./policy/s3.ts";

const lakes = {
  s3: { kind: "s3", bucket: "acme-lake", prefix: "cdp/" },
  azure: { kind: "azure", account: "acmelake", container: "cdp", prefix: "" },
  gcs: { kind: "gcs", bucket: "acme-lake", prefix: "cdp/" },
  file: { kind: "file", path: "/data/lake/" },
} as const satisfies Readonly<Record<string, LakePlace>>;

const customers: Installation["tables"][number] = {
  namespace: "unified",
  name: "customer_360",
  folder: "unified/customer_360",
  metadataLocation: "s3://acme-lake/cdp/unified/customer_360/_iceberg/3-x.metadata.json",
  readerFeatures: [],
  version: 3,
  rows: 505,
  columns: [
    { name: "id", type: "long", filled: 505, sum: "9007199254866737" },
    { name: "it's", type: "string", filled: 504, sum: undefined },
    { name: "amount", type: "decimal(18,2)", filled: 504, sum: undefined },
    { name: "tags", type: "nested", filled: undefined, sum: undefined },
  ],
};
const orders = {
  ...customers,
  name: "orders",
  folder: "unified/orders-01h",
  version: 1,
  rows: 2,
  columns: [],
};

const installation = (
  lake: LakePlace,
  tables: Installation["tables"] = [customers, orders],
  lends = false,
): Installation => ({
  name: "acme",
  trinoName: "acme",
  address: new URL("https://onecopy.example.com"),
  share: "analytics",
  recipient: "bi_team",
  lake,
  lends,
  tables,
});

const reads: Readonly<Record<keyof typeof recipes, readonly (keyof typeof lakes)[]>> = {
  snowflake: ["s3", "azure", "gcs"],
  databricks: ["s3", "azure", "gcs", "file"],
  bigquery: ["gcs"],
  redshift: ["s3"],
  fabric: ["azure", "s3", "gcs"],
  trino: ["s3", "azure", "gcs", "file"],
  spark: ["s3", "azure", "gcs", "file"],
  duckdb: ["s3", "azure", "gcs", "file"],
  pandas: ["s3"],
  powerbi: ["s3"],
};
const cases = Object.entries(reads).flatMap(([warehouse, kinds]) =>
  kinds.map((kind) => [warehouse as keyof typeof recipes, kind] as const),
);

test.each(cases)(
  "%s with a lake in %s: the text is the one that was looked through",
  async (warehouse, kind) => {
    const text = recipeText(warehouse, recipes[warehouse](installation(lakes[kind])));
    await expect(`${text}\n`).toMatchFileSnapshot(`golden/${warehouse}-${kind}.txt`);
  },
);

test.each(["trino", "spark", "duckdb"] as const)(
  "%s needs no access of its own where OneCopy lends keys",
  async (warehouse) => {
    const recipe = recipes[warehouse](installation(lakes.s3, [customers], true));
    await expect(`${recipeText(warehouse, recipe)}\n`).toMatchFileSnapshot(`golden/${warehouse}-lent.txt`);
  },
);

test("Snowflake reads tables with deletion vectors through the catalog", async () => {
  const table = { ...customers, readerFeatures: ["deletionVectors"] };
  const recipe = recipes.snowflake(installation(lakes.s3, [table]));
  expect(recipe.way).toBe("catalog");
  await expect(`${recipeText("snowflake", recipe)}\n`).toMatchFileSnapshot("golden/snowflake-catalog.txt");
});

test.each(["snowflake", "databricks"] as const)(
  "%s reads the share where the grant is to stay OneCopy's",
  async (warehouse) => {
    const recipe = recipeFor(warehouse, installation(lakes.s3), "share");
    expect(recipe.way).toBe("share");
    await expect(`${recipeText(warehouse, recipe)}\n`).toMatchFileSnapshot(`golden/${warehouse}-share.txt`);
  },
);

test("a way that there is not is refused, with the one that there is", () => {
  expect(() => recipeFor("fabric", installation(lakes.s3), "share")).toThrow(/no way by share for fabric/);
  expect(() => recipeFor("snowflake", installation(lakes.gcs), "share")).toThrow(/reads these tables where/);
  expect(recipeFor("snowflake", installation(lakes.gcs), "catalog").way).toBe("catalog");
});

test.each(["snowflake", "bigquery", "redshift", "fabric"] as const)(
  "%s does not reach a lake in a folder, and says what does",
  (warehouse) => {
    expect(() => recipes[warehouse](installation(lakes.file))).toThrow(
      /this one is in a folder of this machine/,
    );
  },
);

test("on S3 the tables' folders can be read and listed, and nothing else", () => {
  expect(s3Policy(lakes.s3, [customers, { ...orders, folder: "odd/a*b" }])).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "ReadTables",
        Effect: "Allow",
        Action: ["s3:GetObject"],
        Resource: [
          "arn:aws:s3:::acme-lake/cdp/unified/customer_360/*",
          "arn:aws:s3:::acme-lake/cdp/odd/a${*}b/*",
        ],
      },
      {
        Sid: "ListTables",
        Effect: "Allow",
        Action: ["s3:ListBucket"],
        Resource: ["arn:aws:s3:::acme-lake"],
        Condition: {
          StringLike: {
            "s3:prefix": [
              "cdp/unified/customer_360",
              "cdp/unified/customer_360/*",
              "cdp/odd/a${*}b",
              "cdp/odd/a${*}b/*",
            ],
          },
        },
      },
      {
        Sid: "FindBucket",
        Effect: "Allow",
        Action: ["s3:GetBucketLocation"],
        Resource: ["arn:aws:s3:::acme-lake"],
      },
    ],
  });
});

test("on Azure a reader's role is held to the tables' folders", () => {
  const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
  expect(azureAssignment(lakes.azure, [customers])).toEqual({
    properties: {
      roleDefinitionId:
        "/subscriptions/<SUBSCRIPTION_ID>/providers/Microsoft.Authorization/roleDefinitions/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
      principalId: "<PRINCIPAL_ID>",
      condition: `(((!(ActionMatches{'${blobs}/read'} AND NOT SubOperationMatches{'Blob.List'})) OR (@Resource[${blobs}:path] StringLike 'unified/customer_360/*')) AND ((!(ActionMatches{'${blobs}/read'} AND SubOperationMatches{'Blob.List'})) OR (@Request[${blobs}:prefix] StringEquals 'unified/customer_360' OR @Request[${blobs}:prefix] StringLike 'unified/customer_360/*')))`,
      conditionVersion: "2.0",
    },
  });
});

test("on Google Cloud Storage a viewer's binding is held to the tables' folders", () => {
  expect(gcsPolicy(lakes.gcs, [customers], "serviceAccount:x@y.iam.gserviceaccount.com")).toEqual({
    version: 3,
    bindings: [
      {
        role: "roles/storage.objectViewer",
        members: ["serviceAccount:x@y.iam.gserviceaccount.com"],
        condition: {
          title: "onecopy-tables",
          description: "Reads and lists the folders of these tables",
          expression:
            'resource.name.startsWith("projects/_/buckets/acme-lake/objects/cdp/unified/customer_360/") || api.getAttribute("storage.googleapis.com/objectListPrefix", "").startsWith("cdp/unified/customer_360/")',
        },
      },
    ],
  });
});

test.each([
  ["s3://b/p/", { kind: "s3", bucket: "b", prefix: "p/" }],
  ["gs://b/", { kind: "gcs", bucket: "b", prefix: "" }],
  [
    "abfss://c@acct.dfs.core.windows.net/p/q/",
    { kind: "azure", account: "acct", container: "c", prefix: "p/q/" },
  ],
  ["file:///data/my%20lake/", { kind: "file", path: "/data/my lake/" }],
])("%s is understood", (address, place) => {
  expect(placeOf(address)).toEqual(place);
});
