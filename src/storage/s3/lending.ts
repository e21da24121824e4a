import { checkKey } from "../key.ts";
import type { Lending } from "../lending.ts";
import { assumeRole } from "./assume-role.ts";
import type { S3Client } from "./client.ts";
import { presigner } from "./presign.ts";

/** URLs signed with the store's own keys; keys of a role, where one is set. */
export function s3Lending(client: S3Client): Lending {
  const { settings } = client;
  const { credentials, lending } = settings;
  return {
    presigner: (lifeSeconds) =>
      credentials && presigner({ ...settings, credentials }, { lifeSeconds, dateMs: client.storeMs() }),
    ...(lending && {
      keysTo: async (folder, may, holder) => {
        checkKey(folder);
        const dateMs = (): number => client.storeMs();
        return await assumeRole(
          { ...settings, lending },
          { folder: settings.prefix + folder, may, holder, dateMs },
        );
      },
    }),
  };
}
