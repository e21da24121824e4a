import { useEffect } from "react";
import { queryClient } from "../api/queries.ts";
import { Code, Commands } from "../look/Code.tsx";
import { Mark } from "../look/Mark.tsx";
import style from "./Gate.module.css";

/** What one sees without a token that the server accepts: how to get one. */
export function Gate({ refused }: { readonly refused: boolean }) {
  // No figure and no person stays in the memory of a tab that may not ask for them any more.
  useEffect(() => queryClient.clear(), []);
  return (
    <main className={style.page}>
      <Mark sizePx={36} />
      <h1 className={style.title}>{refused ? "The token was refused" : "This page needs a token"}</h1>
      <p role={refused ? "alert" : undefined}>
        {refused
          ? "It has expired or was revoked. Open the address that onecopy serve printed last, or start it again:"
          : "Customers’ data are behind it, so nobody sees it without one. Type this where your onecopy.yaml is:"}
      </p>
      <Commands lines={["onecopy serve"]} />
      <p>
        It prints this page&rsquo;s address with a token behind <Code>#token=</Code>. Open that address: the
        token is kept for this tab alone, and taken out of the address.
      </p>
    </main>
  );
}
