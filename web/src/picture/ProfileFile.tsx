import { useState } from "react";
import { downloadProfileFile } from "../api/profile-file.ts";
import style from "./ProfileFile.module.css";

type State = "ready" | "asking" | "given" | { readonly problem: string };

/** Downloads what a recipient opens the share with: a new token, shown to nobody else. */
export function ProfileFile({ recipient }: { readonly recipient: string }) {
  const [state, setState] = useState<State>("ready");
  const download = async (): Promise<void> => {
    setState("asking");
    try {
      await downloadProfileFile(recipient);
      setState("given");
    } catch (error) {
      setState({ problem: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <>
      <button
        type="button"
        className={style.download}
        disabled={state === "asking"}
        onClick={() => void download()}
      >
        {recipient}: profile file
      </button>
      <span role="status">
        {state === "given" && " downloaded; hand it over safely"}
        {typeof state === "object" && ` ${state.problem}`}
      </span>
    </>
  );
}
