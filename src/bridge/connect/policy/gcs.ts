import type { ConnectedTable, LakePlace } from "../installation.ts";

type Gcs = Extract<LakePlace, { readonly kind: "gcs" }>;

/** IAM policy of the bucket (version 3, with a condition): the tables' folders can be read and listed, and nothing else. */
export function gcsPolicy(
  { bucket, prefix }: Gcs,
  tables: readonly ConnectedTable[],
  member: string,
): object {
  const folders = tables.map(({ folder }) => JSON.stringify(`${prefix}${folder}/`).slice(1, -1));
  const read = folders.map(
    (folder) => `resource.name.startsWith("projects/_/buckets/${bucket}/objects/${folder}")`,
  );
  const list = folders.map(
    (folder) => `api.getAttribute("storage.googleapis.com/objectListPrefix", "").startsWith("${folder}")`,
  );
  return {
    version: 3,
    bindings: [
      {
        role: "roles/storage.objectViewer",
        members: [member],
        condition: {
          title: "onecopy-tables",
          description: "Reads and lists the folders of these tables",
          expression: [...read, ...list].join(" || "),
        },
      },
    ],
  };
}
