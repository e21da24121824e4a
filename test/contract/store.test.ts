import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../../src/storage/index.ts";
import { storeContract } from "./store.ts";

storeContract("memory", async () => ({ store: openStore("memory:"), close: async () => {} }));

storeContract(
  "file",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "onecopy store %20 #?é-"));
    return {
      store: openStore(join(folder, "lake")),
      close: () => rm(folder, { recursive: true }),
    };
  },
  { "an object may lie below another": "a path is a file or a folder, never both; such a put is refused" },
);
