import type { ConnectedTable, LakePlace } from "../installation.ts";

type Azure = Extract<LakePlace, { readonly kind: "azure" }>;

/** "Storage Blob Data Reader" (a built-in role). */
const reader = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";

/**
 * Properties of a role assignment (Microsoft.Authorization/roleAssignments) at the container, with a condition that lets
 * the tables' folders be read and listed, and nothing else.
 */
export function azureAssignment({ prefix }: Azure, tables: readonly ConnectedTable[]): object {
  const folders = tables.map(({ folder }) => `${prefix}${folder}`.replaceAll("'", "''"));
  const inside = (attribute: string): string =>
    folders.map((folder) => `${attribute} StringLike '${folder}/*'`).join(" OR ");
  const requested = `@Request[${blobs}:prefix]`;
  const listed = folders
    .flatMap((folder) => [`${requested} StringEquals '${folder}'`, `${requested} StringLike '${folder}/*'`])
    .join(" OR ");
  const read = `(!(ActionMatches{'${blobs}/read'} AND NOT SubOperationMatches{'Blob.List'})) OR (${inside(`@Resource[${blobs}:path]`)})`;
  const list = `(!(ActionMatches{'${blobs}/read'} AND SubOperationMatches{'Blob.List'})) OR (${listed})`;
  return {
    properties: {
      roleDefinitionId: `/subscriptions/<SUBSCRIPTION_ID>/providers/Microsoft.Authorization/roleDefinitions/${reader}`,
      principalId: "<PRINCIPAL_ID>",
      condition: `((${read}) AND (${list}))`,
      conditionVersion: "2.0",
    },
  };
}

/** Where it is assigned. */
export function azureScope({ account, container }: Azure): string {
  return `/subscriptions/<SUBSCRIPTION_ID>/resourceGroups/<RESOURCE_GROUP>/providers/Microsoft.Storage/storageAccounts/${account}/blobServices/default/containers/${container}`;
}
