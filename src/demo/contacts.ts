import { join } from "node:path";
import { literal } from "../engine/index.ts";

/** A relation of every well-formed record of the demo, straight from the files: source, record_id, email, phone; as text. */
export function contacts(folder: string): string {
  const files = (path: string): string => literal(join(folder, path));
  return `(
    SELECT 'web_shop' AS source, customer_id AS record_id, email, phone
    FROM read_csv(${files("drops/web_shop/*.csv")}, all_varchar = true, header = true, delim = ',', quote = '"', ignore_errors = true)
    UNION ALL
    SELECT 'loyalty', member_no, e_mail, mobile FROM read_parquet(${files("pos/loyalty_members/*.parquet")})
    UNION ALL
    SELECT 'email_tool', "subscriberId", "emailAddress", NULL
    FROM read_json(${files("drops/email_tool/*.jsonl")}, format = 'newline_delimited', ignore_errors = true,
      columns = {"subscriberId": 'VARCHAR', "emailAddress": 'VARCHAR'})
    WHERE "subscriberId" IS NOT NULL
    UNION ALL
    SELECT 'support_desk', "Contact No", "Mail", "Phone"
    FROM read_csv(${files("drops/support_desk/*.csv")}, all_varchar = true, header = true, delim = ';', quote = '"', ignore_errors = true)
    UNION ALL
    SELECT 'orders', order_id, email, phone FROM read_parquet(${files("drops/orders/*.parquet")}))`;
}

/** A relation of the truth: source, record_id, person; as text. */
export function truth(folder: string): string {
  return `(SELECT source, record_id, person_id AS person
    FROM read_csv(${literal(join(folder, "truth.csv"))}, all_varchar = true, header = true, delim = ',', quote = '"'))`;
}
