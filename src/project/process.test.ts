import { expect, it } from "vitest";
import { openStore } from "../storage/index.ts";
import { enterProcess, listProcesses } from "./process.ts";

it("lists the processes that run, whatever else lies in their folder", async () => {
  const state = openStore("memory:");
  await state.put("processes/torn.json", '{"id": "to');
  await state.put("processes/other.json", '{"id": 7}');
  const leave = await enterProcess(state, "run");
  expect(await listProcesses(state)).toMatchObject([{ kind: "run", pid: process.pid }]);
  await leave();
  expect(await listProcesses(state)).toEqual([]);
});
