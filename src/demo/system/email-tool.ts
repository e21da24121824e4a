import type { Recorded } from "../dirt.ts";
import type { Random } from "../random.ts";
import type { Row } from "./row.ts";

export const EMAIL_TOOL_COLUMNS = [
  "subscriberId",
  "emailAddress",
  "firstName",
  "lastName",
  "postcode",
  "optInSource",
  "status",
  "subscribedAt",
] as const;

/** A subscriber of the newsletter; many are an e-mail address and nothing else. */
export function emailToolRow(
  random: Random,
  id: string,
  subscribedAt: string,
  source: string,
  subscriber: Recorded,
): Row {
  const values = [
    id,
    subscriber.email,
    subscriber.given,
    subscriber.surname,
    subscriber.postalCode,
    source,
    random.share({ active: 80, unsubscribed: 15, bounced: 5 }),
    `${subscribedAt.replace(" ", "T")}Z`,
  ];
  return { system: "email_tool", id, values };
}
