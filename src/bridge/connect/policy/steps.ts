import { OneCopyError } from "../../../base/index.ts";
import type { Installation, LakePlace } from "../installation.ts";
import type { Step } from "../recipe.ts";
import { azureAssignment, azureScope } from "./azure.ts";
import { gcsPolicy } from "./gcs.ts";
import { s3Policy } from "./s3.ts";

/** The permission that reads the tables' folders in their storage, for whom the warehouse names. */
export function storageStep({ lake, tables }: Installation, who: string): Step {
  switch (lake.kind) {
    case "s3":
      return {
        say: `Make an IAM role for ${who} with this permission policy:`,
        file: { name: "storage-policy.json", text: json(s3Policy(lake, tables)) },
      };
    case "azure":
      return {
        say: `Give ${who} this role assignment at ${azureScope(lake)} (az rest --method put --url "https://management.azure.com<SCOPE>/providers/Microsoft.Authorization/roleAssignments/<NEW_GUID>?api-version=2022-04-01" --body @storage-policy.json):`,
        file: { name: "storage-policy.json", text: json(azureAssignment(lake, tables)) },
      };
    case "gcs":
      return {
        say: `Add this binding for ${who} to the policy of the bucket, keeping the bindings that it has (gcloud storage buckets get-iam-policy, then set-iam-policy; the bucket has uniform access):`,
        file: {
          name: "storage-policy.json",
          text: json(gcsPolicy(lake, tables, "serviceAccount:<SERVICE_ACCOUNT>")),
        },
      };
    case "file":
      throw new OneCopyError("connect.lake_local", `${who} cannot reach a lake in a folder of this machine.`);
  }
}

/** Fails with `connect.lake_unsupported` where the warehouse does not read such storage. */
export function requireLake<K extends LakePlace["kind"]>(
  warehouse: string,
  lake: LakePlace,
  kinds: readonly K[],
): Extract<LakePlace, { readonly kind: K }> {
  if ((kinds as readonly string[]).includes(lake.kind))
    return lake as Extract<LakePlace, { readonly kind: K }>;
  const names: Readonly<Record<LakePlace["kind"], string>> = {
    s3: "S3",
    azure: "Azure",
    gcs: "Google Cloud Storage",
    file: "a folder of this machine",
  };
  throw new OneCopyError(
    "connect.lake_unsupported",
    `${warehouse} reads these tables where the lake is in ${kinds.map((kind) => names[kind]).join(", ")}; this one is in ${names[lake.kind]}.`,
    {
      remedy:
        "Keep the lake where the warehouse reads it, or read the share: onecopy bridge connect pandas|spark|databricks|powerbi.",
    },
  );
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
