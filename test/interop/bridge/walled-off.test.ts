import { expect, test, vi } from "vitest";
import { dataEndpoints } from "../../bridge/data-endpoints.ts";
import { servedProject } from "../../bridge/served-project.ts";
import { hasCeph, startCeph } from "../storage/ceph-server.ts";

test.skipIf(!hasCeph)(
  "a server whose keys to the bucket are taken away answers no data, keeps its rules, and heals when they are given back",
  async () => {
    const bucket = await startCeph();
    for (const [name, value] of Object.entries(bucket.environment)) vi.stubEnv(name, value);
    const errors: unknown[] = [];
    const served = await servedProject({
      lake: bucket.newAddress(),
      configuration: "state: ./state\n",
      onError: (error) => errors.push(error),
    });
    try {
      const data = await dataEndpoints(served);
      await data.expectAnswers();
      await bucket.takeKeysAway();
      await data.expectNone(served.project.lake.url);
      expect(errors.length).toBeGreaterThan(0);
      await bucket.giveKeysBack();
      await data.expectAnswers();
    } finally {
      await served.close();
      await bucket.stop();
      vi.unstubAllEnvs();
    }
  },
);
