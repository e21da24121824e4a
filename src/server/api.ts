import { z } from "zod";
import type { Answers, Api } from "../bridge/index.ts";
import { ProfileSearch } from "./admin-api.ts";

/* The web app's own routes for the OpenAPI document. */

const text = z.string();
const error = z.object({ code: text, message: text, remedy: text }).meta({ id: "Error" });
const refused = (description: string) => ({
  description,
  shape: error,
});
const named = z.looseObject({ name: text });

export const webApi: Api = {
  root: "/api",
  description: "What the web app reads; for admins. It may change with every version.",
  operations: [
    {
      method: "get",
      path: "/overview",
      summary: "The project at a glance",
      answers: {
        200: {
          description: "The overview.",
          shape: z.looseObject({
            name: text,
            revision: z.int(),
            lake: text,
            sources: z.array(named),
            people: z.object({ profiles: z.int(), records: z.int() }),
            tables: z.array(named),
            segments: z.array(named),
            syncs: z.array(named),
            shares: z.array(named),
          }),
        },
      },
    },
    {
      method: "get",
      path: "/people-report",
      summary: "How the people came about",
      answers: {
        200: {
          description: "The report, if it can be made now.",
          shape: z.looseObject({ state: z.enum(["nothing_yet", "out_of_date", "made"]) }),
        },
      },
    },
    {
      method: "get",
      path: "/profiles",
      summary: "Search people",
      query: ProfileSearch.shape,
      answers: {
        200: {
          description: "The people found.",
          shape: z.object({ profiles: z.array(z.looseObject({ profileId: text, records: z.int() })) }),
        },
      },
    },
    {
      method: "get",
      path: "/profiles/:id{.{1,100}}",
      summary: "A person, the records, and why they are one",
      answers: { 200: { description: "The person.", shape: z.looseObject({ profileId: text }) } },
    },
    {
      method: "post",
      path: "/recipients/:name/profile",
      summary: "A new token for a recipient, as a Delta Sharing profile file",
      answers: {
        200: {
          description: "The profile file.",
          shape: z.looseObject({ shareCredentialsVersion: z.int(), endpoint: text, bearerToken: text }),
          headers: ["Content-Disposition"],
        },
      },
    },
  ],
  errors: (): Answers => ({
    400: refused("The request can't be understood."),
    401: refused("There is no valid admin token."),
    403: refused("The token is not an admin's."),
    404: refused("There is no such thing."),
    429: refused("There were too many requests."),
    503: refused("The storage can't be used now."),
  }),
};
