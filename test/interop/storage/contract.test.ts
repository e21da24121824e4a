import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe } from "vitest";
import { openStore } from "../../../src/storage/index.ts";
import { type Gaps, storeContract } from "../../contract/store.ts";
import { startAzurite } from "./azure-server.ts";
import { startFakeGcs } from "./gcs-server.ts";
import { startMoto, startVersitygw } from "./s3-server.ts";
import { type ObjectServer, versitygwPath } from "./server.ts";

const sameBytesSameEtag = "S3's etag is the MD5 of the bytes; the same bytes again are the same version";

describe("S3: moto", () => {
  onServer("moto", startMoto, {
    "no etag comes back": sameBytesSameEtag,
    "a name may hold a line break": "this server finds no object by such a name",
  });
});

describe.skipIf(!existsSync(versitygwPath))(
  "S3: versitygw (skipped unless scripts/object-stores.sh --versitygw has built it)",
  () => {
    onServer("versitygw", startVersitygw, {
      "no etag comes back": sameBytesSameEtag,
      "an object may lie below another": "this server keeps objects as files",
    });
  },
);

describe("Azure: Azurite", () => {
  onServer("Azurite", startAzurite, {
    "a name may hold a backslash": "Azure takes it for a slash; such a key is refused",
  });
});

describe("GCS: fake-gcs-server", () => {
  onServer("fake-gcs-server", startFakeGcs);
});

function onServer(name: string, start: () => Promise<ObjectServer>, gaps: Gaps = {}): void {
  let server: ObjectServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  storeContract(
    name,
    async () => ({
      store: openStore(server.newAddress(), { environment: server.environment }),
      close: async () => {},
    }),
    gaps,
  );
}
